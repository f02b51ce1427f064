import { Command, Option } from 'commander';
import type { ConsoleServer } from '../../console/server/console-server.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import type { LocalStack } from '../../local/stack.ts';
import { removeStackFile, runningStacks, writeStackFile } from '../../local/stack-file.ts';
import { sleepUnlessAborted } from '../../shared/concurrency.ts';
import { formatBytes, formatDuration } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import { MINUTE_MS } from '../../shared/time.ts';
import { parsePort } from '../arguments/numbers.ts';
import { asArgument } from '../arguments/options.ts';
import { localAssembly } from '../assembly.ts';
import { type CliContext, checkoutDirectory, needCheckout } from '../context.ts';
import { type LedgerResources, toResources } from '../ledger-resources.ts';
import { serveConsole } from './console.ts';

const EXAMPLES = `
Examples:
  npm start
  npm start -- --port 4566 --mail-port 8005
  npm start -- --tick-now

Everything is kept in memory: what you upload is gone when the stack stops.
`;

/** `upload-ledger local`: the whole stack on this machine, until Ctrl-C. */
export function localCommand(context: CliContext): Command {
  const port = (flag: string, what: string) =>
    new Option(`${flag} <number>`, `${what} (default: a free port)`).argParser(asArgument(parsePort));
  return new Command('local')
    .description('Run the whole stack on this machine, and show uploads as they are recorded.')
    .addOption(port('--port', 'port of S3 and SQS'))
    .addOption(port('--dynamodb-port', 'port of DynamoDB'))
    .addOption(port('--mail-port', 'port of SES and its inbox'))
    .addOption(port('--console-port', 'port of the console'))
    .option('--tick-now', 'send digests as soon as uploads are recorded, not when they are due')
    .addHelpText('after', EXAMPLES)
    .action(async (options: LocalOptions) => {
      needCheckout('local');
      await runLocal(options, context);
    });
}

/** Milliseconds between two polls for new records. */
const POLL_MS = 500;

/** How late a record can be and still be shown: the time that a message can spend in the queue. */
const MAX_LATE_MS = 15 * MINUTE_MS;

/** Fixed ports. @default free ones */
interface LocalOptions {
  readonly port?: number;
  readonly dynamodbPort?: number;
  readonly mailPort?: number;
  readonly consolePort?: number;
  /** Whether digests are sent as soon as uploads are recorded. @default when they are due */
  readonly tickNow?: boolean;
}

/** Runs the whole stack on this machine until the context's signal stops it, and shows uploads as they are recorded. */
async function runLocal(options: LocalOptions, context: CliContext): Promise<void> {
  const { stdout, stderr, signal, clock } = context;
  const startedAt = clock.monotonic();
  // The emulators take a second to load.
  const [{ startLocalStack }, { localWelcome }] = await Promise.all([
    import('../../local/stack.ts'),
    import('../output/local-welcome.ts'),
  ]);
  const assemblyDirectory = await localAssembly(context);
  const stack = await startLocalStack({
    assemblyDirectory,
    ports: toPorts(options),
    onError: (error) => void stderr.line(`The event source: ${error.message}`),
    onBatch: ({ error }) => error && void stderr.line(`A batch failed and will come back: ${error}`),
  });
  const onRecord = options.tickNow ? createDigestTrigger(stack) : () => undefined;
  let server: ConsoleServer | undefined;
  try {
    const isFurther = (await runningStacks(checkoutDirectory())).length > 0;
    await publishStackFile(stack, context);
    server = await serveStack(stack, options, context);
    const welcome = { consoleLink: server.link, startMilliseconds: clock.monotonic() - startedAt, isFurther };
    for (const line of await localWelcome(stack, welcome)) await stdout.line(line);
    for await (const record of await followRecords(stack, context)) {
      await stdout.line(recordLine(record, clock.now()));
      onRecord();
    }
  } catch (error) {
    // Ctrl-C is how the stack is meant to end. It interrupts the poll that is under way.
    if (!signal.aborted) throw error;
  } finally {
    if (signal.aborted) await stderr.line('\nStopping ...');
    await removeStackFile(checkoutDirectory(), process.pid);
    await server?.close();
    await stack.close();
  }
}

function toPorts({ port, dynamodbPort, mailPort }: LocalOptions) {
  return {
    ...(port !== undefined && { services: port }),
    ...(dynamodbPort !== undefined && { dynamodb: dynamodbPort }),
    ...(mailPort !== undefined && { mail: mailPort }),
  };
}

function serveStack(stack: LocalStack, { consolePort }: LocalOptions, context: CliContext): Promise<ConsoleServer> {
  const { dynamodb, sqs } = stack.clients;
  const shown = {
    name: 'the local stack',
    resources: resourcesOf(stack),
    endpoints: stack.servers.endpoints,
    clients: { dynamodb: async () => dynamodb, sqs: async () => sqs },
  };
  return serveConsole(shown, context, consolePort === undefined ? {} : { port: consolePort });
}

/** Lets other commands find the stack: of several in one checkout the first, unless they are told. */
async function publishStackFile(stack: LocalStack, { clock }: CliContext): Promise<void> {
  const { email } = stack;
  const { endpoints } = stack.servers;
  const ticks = stack.resources.schedules.map(({ name, input }) => ({ name, input }));
  const emails = { ticks, ...(email !== undefined && { email }) };
  const identity = { pid: process.pid, startedAt: clock.now() };
  await writeStackFile(checkoutDirectory(), { ...identity, endpoints, ...emails, ...resourcesOf(stack) });
}

function resourcesOf({ resources: { outputs, region } }: LocalStack): LedgerResources {
  return toResources(outputs, 'the local stack', region);
}

async function followRecords(stack: LocalStack, { clock, signal }: CliContext): Promise<AsyncGenerator<LedgerRecord>> {
  const { ledgerReader } = await import('../../ledger/read/reader.ts');
  const { clients, tableName, indexShards } = stack;
  const reader = ledgerReader({ client: clients.dynamodb, tableName, indexShards });
  const pause = () => sleepUnlessAborted(POLL_MS, clock, signal);
  return reader.follow({ now: () => new Date(clock.now()), pause, lateMilliseconds: MAX_LATE_MS, signal });
}

function recordLine(record: LedgerRecord, now: number): string {
  const { timestamp, status, filesize, uploader, s3_key } = record;
  const size = filesize === undefined ? '' : `, ${formatBytes(filesize)}`;
  const delay = formatDuration(Math.max(0, now - Date.parse(timestamp)));
  const who = uploader === undefined ? '' : ` by ${visibleText(uploader)}`;
  return `${timestamp.slice(11, 19)}  ${status}${who}${size}, seen after ${delay}: ${visibleText(s3_key)}`;
}

/**
 * Sends the digests when a burst of uploads has been recorded: once for the burst, however many records it has.
 *
 * @returns to be called at each new record.
 */
export function createDigestTrigger({ scheduler, drained }: Pick<LocalStack, 'scheduler' | 'drained'>): () => void {
  let isWaiting = false;
  const tick = async () => {
    await drained();
    // This tick may miss a record that appears from here on.
    isWaiting = false;
    await scheduler.tickNow();
  };
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    // It fails only while the stack is being closed: then nobody waits for the digest.
    tick().catch(() => undefined);
  };
}
