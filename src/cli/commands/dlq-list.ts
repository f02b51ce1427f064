import { Command } from 'commander';
import type { DeadLetter } from '../../dead-letters/dead-letter.ts';
import type { DeadLetterGroup } from '../../dead-letters/groups.ts';
import { jsonLine } from '../../shared/data-formats.ts';
import { formatCount } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import { addConnectionOptions, addQueueOption, QUEUE_WORDS, type QueueOptions } from '../arguments/options.ts';
import type { ConnectionOptions } from '../connection.ts';
import type { CliContext } from '../context.ts';
import {
  addDeadLetterFilters,
  type DeadLetterFilterOptions,
  noteUnread,
  startReading,
  toDeadLetterFilters,
} from '../dead-letters.ts';
import { listDeliveries } from '../failed-deliveries.ts';
import { type OpenQueues, withQueues } from '../ledger-session.ts';
import { paint } from '../output/output.ts';
import { timeText } from '../output/records.ts';
import { type Column, createTableWriter } from '../output/table.ts';
import { cut } from '../output/text-layout.ts';

interface ListOptions extends ConnectionOptions, QueueOptions, DeadLetterFilterOptions {
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  upload-ledger dlq list
  upload-ledger dlq list --since 2h --contains invoices/
  upload-ledger dlq list --queue deliveries
  upload-ledger dlq list --json | jq -s 'map(.count) | add'

NOW OK: messages that this version can read; "dlq redrive" moves those. It does
not check the table and the permissions, nor whether the digest or alert of a
message is still in the settings: email-not-configured comes back if it is not.
retries-used-up: could be read, but not stored in a day of tries (retryHours).
not-delivered: EventBridge, SNS or Scheduler could not send it to the queue.
sent-directly: can be read, but somebody sent it to the dead-letter queue.
To read messages, every "dlq" command except purge must receive them from SQS.
Other readers do not see them while the command runs. A message that was
received three times no longer counts in SQS's metric for the age of the oldest
message: note the time, and do not rely on the alarm.
`;

/** `upload-ledger dlq list`: dead letters by reason. */
export function dlqListCommand(context: CliContext): Command {
  const command = addQueueOption(
    new Command('list').description('Count dead letters by reason, with the oldest of each as an example.'),
  );
  addDeadLetterFilters(command, context)
    .optionsGroup('How:')
    .option('--json', 'one JSON object per reason, for programs');
  return addConnectionOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((options: ListOptions) => withQueues(context, options, (queues) => list(options, queues, context)));
}

async function list(options: ListOptions, queues: OpenQueues, context: CliContext): Promise<void> {
  const { json } = options;
  const { stderr } = context;
  const filters = toDeadLetterFilters(options, context);
  const reading = await startReading(queues, context, filters);
  const isEmpty =
    options.queue === 'deliveries'
      ? await listDeliveries(reading.messages, json, queues, context)
      : await listByReason(reading.messages, json, queues, context);
  const isFiltered = Object.keys(filters).length > 0;
  const { one, queue } = QUEUE_WORDS[options.queue];
  if (isEmpty) await stderr.line(isFiltered ? `No ${one} matches.` : `The ${queue} is empty.`);
  await noteUnread(reading, context);
}

/** @returns whether there was nothing to list. */
async function listByReason(
  messages: AsyncIterable<DeadLetter>,
  json: boolean | undefined,
  queues: OpenQueues,
  { stdout }: CliContext,
): Promise<boolean> {
  const { groupByReason } = await import('../../dead-letters/groups.ts');
  const groups = await groupByReason(messages, queues.settings);
  const writeRow = createTableWriter(stdout, COLUMNS);
  for (const group of groups) {
    if (json) await stdout.line(jsonLine(toJson(group)));
    else {
      await writeRow(group);
      await stdout.line(paint(cut(`  such as ${exampleText(group)}`, stdout.width), 'dim', stdout));
    }
  }
  return groups.length === 0;
}

const COLUMNS: readonly Column<DeadLetterGroup>[] = [
  { title: 'REASON', width: 19, text: ({ reason }) => reason },
  { title: 'MESSAGES', width: 9, align: 'right', text: ({ count }) => formatCount(count) },
  {
    title: 'NOW OK',
    width: 9,
    align: 'right',
    text: ({ wouldSucceed }) => formatCount(wouldSucceed),
    style: ({ wouldSucceed }) => (wouldSucceed > 0 ? 'green' : 'dim'),
  },
  {
    title: 'OLDEST (UTC)',
    width: 'rest',
    text: ({ oldest }) => (oldest === undefined ? '-' : timeText(oldest)),
    style: () => 'dim',
  },
];

function exampleText({ example: { id, detail, body } }: DeadLetterGroup): string {
  return visibleText(`${id}: ${detail ?? body}`);
}

function toJson({ reason, count, wouldSucceed, oldest, example }: DeadLetterGroup) {
  const { id, detail, body } = example;
  return {
    reason,
    count,
    would_succeed: wouldSucceed,
    ...(oldest !== undefined && { oldest }),
    example: { id, ...(detail !== undefined && { detail }), body },
  };
}
