import { Command } from 'commander';
import type { DeadLetterGroup } from '../../dead-letters/groups.ts';
import { formatCount } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import { addConnectionOptions } from '../arguments/options.ts';
import type { ConnectionOptions } from '../connection.ts';
import type { CliContext } from '../context.ts';
import { noteUnread, startReading } from '../dead-letters.ts';
import { type OpenQueues, withQueues } from '../ledger-session.ts';
import { jsonLine } from '../output/data-formats.ts';
import { paint } from '../output/output.ts';
import { timeText } from '../output/records.ts';
import { type Column, createTableWriter } from '../output/table.ts';
import { cut } from '../output/text-layout.ts';

/** Characters of an example's body in JSON. */
const BODY_START = 200;

interface ListOptions extends ConnectionOptions {
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  upload-ledger dlq list
  upload-ledger dlq list --json | jq -s 'map(.count) | add'

NOW OK: messages that today's parser would take; "dlq redrive" moves those.
retries-used-up: could be read, but not stored in five tries.
SQS has no other way of looking than to receive: while the command runs, others
do not see the messages; afterwards they do. A message that was looked at three
times no longer counts for the queue's metric on the age of its oldest message.
`;

/** `upload-ledger dlq list`: dead letters by reason. */
export function dlqListCommand(context: CliContext): Command {
  const command = new Command('list')
    .description('Count dead letters by reason, with the oldest of each as an example.')
    .optionsGroup('How:')
    .option('--json', 'one JSON object a reason, for programs');
  return addConnectionOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((options: ListOptions) => withQueues(context, options, (queues) => list(options, queues, context)));
}

async function list({ json }: ListOptions, queues: OpenQueues, context: CliContext): Promise<void> {
  const { stdout, stderr } = context;
  const { groupByReason } = await import('../../dead-letters/groups.ts');
  const reading = await startReading(queues, context);
  const groups = await groupByReason(reading.messages, queues.settings);
  const writeRow = createTableWriter(stdout, COLUMNS);
  for (const group of groups) {
    if (json) await stdout.line(jsonLine(toJson(group)));
    else {
      await writeRow(group);
      await stdout.line(paint(cut(`  such as ${exampleText(group)}`, stdout.width), 'dim', stdout));
    }
  }
  if (groups.length === 0) await stderr.line('The dead-letter queue is empty.');
  await noteUnread(reading, context);
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
  return visibleText(`${id}: ${detail ?? body.slice(0, BODY_START)}`);
}

function toJson({ reason, count, wouldSucceed, oldest, example }: DeadLetterGroup) {
  const { id, detail, body } = example;
  return {
    reason,
    count,
    would_succeed: wouldSucceed,
    ...(oldest !== undefined && { oldest }),
    example: { id, ...(detail !== undefined && { detail }), body: body.slice(0, BODY_START) },
  };
}
