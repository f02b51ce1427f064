import { Command } from 'commander';
import type { DeadLetter } from '../../dead-letters/dead-letter.ts';
import { jsonLine } from '../../shared/data-formats.ts';
import { formatNumberOf } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import { addConnectionOptions, addQueueOption, QUEUE_WORDS, type QueueOptions } from '../arguments/options.ts';
import type { ConnectionOptions } from '../connection.ts';
import type { CliContext } from '../context.ts';
import { noteUnread, startReading } from '../dead-letters.ts';
import { type OpenQueues, withQueues } from '../ledger-session.ts';
import { paint } from '../output/output.ts';
import { timeText } from '../output/records.ts';
import { writeDetails } from '../output/table.ts';

interface ShowOptions extends ConnectionOptions, QueueOptions {
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  upload-ledger dlq show 1d2f6d2e-3f0c-4b5e-9c55-0f6a2c1b7a10
  upload-ledger dlq show 1d2f6d2e-3f0c-4b5e-9c55-0f6a2c1b7a10 --json | jq .body

The id is that of the message or, for a copy, that of the original message,
which is in the function's log.
Exit code 1: there is no such dead letter.
`;

/** `upload-ledger dlq show ID`: one dead letter, and whether today's parser accepts it. */
export function dlqShowCommand(context: CliContext): Command {
  const command = new Command('show')
    .description('Show one dead letter: its body, its attributes, and whether this version can read it.')
    .argument('<id>', 'id of the message')
    .optionsGroup('How:')
    .option('--json', 'one JSON object');
  return addConnectionOptions(addQueueOption(command))
    .addHelpText('after', EXAMPLES)
    .action((id: string, options: ShowOptions) =>
      withQueues(context, options, (queues) => show(id, options, queues, context)),
    );
}

async function show(id: string, { json, queue }: ShowOptions, queues: OpenQueues, context: CliContext): Promise<void> {
  const { stdout, stderr } = context;
  const [{ decideRedrive, decisionText }, { toExport }] = await Promise.all([
    import('../../dead-letters/redrive-decision.ts'),
    import('../../dead-letters/dead-letter.ts'),
  ]);
  const reading = await startReading(queues, context);
  const message = await find(id, reading.messages);
  if (message === undefined) {
    context.exitCode = 1;
    const listing = `dlq export -${queue === 'uploads' ? '' : ` --queue ${queue}`}`;
    await stderr.line(
      `There is no ${QUEUE_WORDS[queue].one} ${visibleText(id)}. "${listing}" writes the existing ones with their ids.`,
    );
    return noteUnread(reading, context);
  }
  // An event is no upload: whether its webhook takes it now, only a redrive shows.
  const decision = queue === 'uploads' ? decideRedrive(message.body, queues.settings) : undefined;
  if (json) return stdout.line(jsonLine({ ...toExport(message), ...(decision && { today: decision }) }));
  await stdout.line(paint(visibleText(message.id), 'bold', stdout));
  const today =
    decision && `would ${decision.succeeds ? 'succeed' : 'fail again'}: ${visibleText(decisionText(decision))}`;
  await writeDetails(stdout, detailsOf(message, today));
  await stdout.line('');
  for (const line of bodyLines(message.body)) await stdout.line(line);
}

async function find(id: string, messages: AsyncIterable<DeadLetter>): Promise<DeadLetter | undefined> {
  for await (const message of messages) {
    if (message.id === id || message.originalMessageId === id) return message;
  }
  return undefined;
}

function detailsOf(message: DeadLetter, today: string | undefined): [string, string][] {
  const { reason, sentAt, receives, attributes } = message;
  const details: [string, string][] = [
    ['reason', reason],
    ...(sentAt === undefined ? [] : ([['sent', `${timeText(sentAt)} UTC`]] as [string, string][])),
    ['received', formatNumberOf(receives, 'time')],
    ...(today === undefined ? [] : ([['today', today]] as [string, string][])),
  ];
  const own = Object.entries(attributes)
    .filter(([name]) => name !== 'reason')
    .map(([name, { StringValue, BinaryValue }]): [string, string] => [
      visibleText(name),
      StringValue === undefined ? formatNumberOf(BinaryValue?.length ?? 0, 'byte') : visibleText(StringValue),
    ]);
  return [...details, ...own];
}

/** JSON laid out for reading, anything else as it is; harmless either way. */
function bodyLines(body: string): string[] {
  const text = prettyJson(body) ?? body;
  return text.split('\n').map(visibleText);
}

function prettyJson(body: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
