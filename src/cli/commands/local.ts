import { Command, Option } from 'commander';
import type { ConsoleServer } from '../../console/server/console-server.ts';
import { FORWARDED_URL } from '../../contract/events.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import { isOnThisMachine } from '../../local/events/api-destination.ts';
import { CLOSE_WITHIN_MS, OpenResources } from '../../local/open-resources.ts';
import type { LocalStack } from '../../local/stack.ts';
import { answersAt, removeStackFile, runningStacks, type StackFile, writeStackFile } from '../../local/stack-file.ts';
import type { Clock } from '../../shared/clock.ts';
import { sleepUnlessAborted } from '../../shared/concurrency.ts';
import { errorText, toError } from '../../shared/errors.ts';
import { formatBytes, formatDuration } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import { MINUTE_MS } from '../../shared/time.ts';
import { parsePort } from '../arguments/numbers.ts';
import { localAssembly } from '../assembly.ts';
import { checkoutDirectory, needCheckout } from '../checkout.ts';
import { localLedger } from '../connection.ts';
import { type CliContext, rejectOnAbort } from '../context.ts';
import { ArgumentError, UsageError } from '../errors.ts';
import { explainError } from '../explain-error.ts';
import { toResources } from '../ledger-resources.ts';
import { createForwardingLog, shownAddress } from '../output/forwarding.ts';
import { serveConsole } from './console.ts';

const EXAMPLES = `
Examples:
  npm start
  npm start -- --port 4566 --mail-port 8005
  npm start -- --tick-now
  npm start -- --forward http://localhost:3000/hooks

With --forward your server on this machine gets every event as a webhook would:
a POST with JSON and the header "Authorization: local". While your server is
down, events wait and are sent again. See docs/events.md.

Everything is kept in memory: what you upload is gone when the stack stops.
`;

/** `upload-ledger local`: the whole stack on this machine, until Ctrl-C. */
export function localCommand(context: CliContext): Command {
  const port = (flag: string, what: string) =>
    new Option(`${flag} <number>`, `${what} (default: a free port)`).argParser(parsePort);
  return new Command('local')
    .description('Run the whole stack on this machine, and show uploads as they are recorded.')
    .addOption(port('--port', 'port of S3 and SQS'))
    .addOption(port('--dynamodb-port', 'port of DynamoDB'))
    .addOption(port('--mail-port', 'port of SES and its inbox'))
    .addOption(port('--console-port', 'port of the console'))
    .option('--tick-now', 'send digests as soon as uploads are recorded, not when they are due')
    .addOption(new Option('--forward <url>', 'send every event to a server on this machine').argParser(parseForward))
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
  /** On this machine. @default events are sent nowhere, unless cdk.json has webhooks */
  readonly forward?: string;
}

/** @throws ArgumentError for an address that is not on this machine. */
function parseForward(url: string): string {
  if (!URL.canParse(url) || !isOnThisMachine(url)) {
    throw new ArgumentError('an http:// URL of this machine, such as http://localhost:3000/hooks');
  }
  const { username, password } = new URL(url);
  // Not an ArgumentError: it would show what came.
  if (username + password !== '') throw new UsageError('expected --forward to be a URL without user and password');
  return url;
}

/** Runs the whole stack on this machine until the context's signal stops it, and shows uploads as they are recorded. */
async function runLocal(options: LocalOptions, context: CliContext): Promise<void> {
  const { stderr, signal, onStep } = context;
  const opened = new OpenResources({ closeWithinMs: CLOSE_WITHIN_MS.all, ...(onStep && { onStep }) });
  // Ctrl-C is how the stack is meant to end. It interrupts whatever is under way.
  const served = Promise.race([serveUntilStopped(options, context, opened), rejectOnAbort(signal)]);
  const failure = await errorOf(served, signal);
  if (signal.aborted) await stderr.line('\nStopping ...');
  const first = failure ?? (await errorOf(opened.close()));
  if (first === undefined) return;
  if (!signal.aborted) throw first;
  // Of a command that was stopped, the program takes an error for a consequence of that.
  await stderr.line(`upload-ledger: ${visibleText(explainError(first))}`);
  context.exitCode = 2;
}

/** What `work` fails with, unless it was stopped. */
async function errorOf(work: Promise<void>, signal?: AbortSignal): Promise<Error | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return signal?.aborted ? undefined : toError(error);
  }
}

async function serveUntilStopped(options: LocalOptions, context: CliContext, opened: OpenResources): Promise<void> {
  const { stdout, stderr, clock, onStep } = context;
  const startedAt = clock.monotonic();
  // The emulators take a second to load.
  const [{ startLocalStack }, { localWelcome }] = await Promise.all([
    import('../../local/stack.ts'),
    import('../output/local-welcome.ts'),
  ]);
  const { forward } = options;
  const assemblyDirectory = await localAssembly(context, forward !== undefined);
  const logForwarding = createForwardingLog();
  const start = () =>
    startLocalStack({
      assemblyDirectory,
      ports: toPorts(options),
      onError: (error) => void stderr.line(`The local stack: ${visibleText(error.message)}`),
      ...(forward !== undefined && { receivers: { [FORWARDED_URL]: forward } }),
      onDelivery: (report) => {
        const line = logForwarding(report);
        if (line !== undefined) void context[line.stream].line(line.text);
      },
      onBatch: ({ error }) =>
        error && void stderr.line(`A batch failed and will be tried again: ${visibleText(error)}`),
      closeWithinMs: CLOSE_WITHIN_MS.stack,
      ...(onStep && { onStep }),
    });
  const stack = await opened.open('the stack', start, (open) => open.close());
  const directory = checkoutDirectory();
  const isFurther = (await runningStacks(directory)).length > 0;
  const stackFile = toStackFile(stack, clock.now());
  // Lets other commands find the stack: of several in one checkout the first, unless they are told.
  await opened.open(
    'the stack file',
    () => writeStackFile(directory, stackFile),
    () => removeStackFile(directory, process.pid),
  );
  const server = await opened.open(
    'the console',
    () => serveStack(stack, stackFile, options, context),
    (open) => open.close(),
  );
  const welcome = { forward, consoleLink: server.link, startMilliseconds: clock.monotonic() - startedAt, isFurther };
  for (const line of await localWelcome(stack, welcome)) await stdout.line(line);
  if (forward !== undefined && !(await answersAt(forward))) {
    await stderr.line(`Nothing listens at ${shownAddress(forward)} yet: events are sent again until something does.`);
  }
  const onRecord = options.tickNow ? createDigestTrigger(stack) : () => undefined;
  for await (const record of await followRecords(stack, context)) {
    await stdout.line(recordLine(record, clock.now()));
    onRecord();
  }
}

function toPorts({ port, dynamodbPort, mailPort }: LocalOptions) {
  return {
    ...(port !== undefined && { services: port }),
    ...(dynamodbPort !== undefined && { dynamodb: dynamodbPort }),
    ...(mailPort !== undefined && { mail: mailPort }),
  };
}

async function serveStack(
  { dashboard }: LocalStack,
  stackFile: StackFile,
  { consolePort: port }: LocalOptions,
  context: CliContext,
): Promise<Pick<ConsoleServer, 'link' | 'close'>> {
  const ledger = localLedger(stackFile);
  const { link, close } = await serveConsole(ledger, context, { dashboard, ...(port !== undefined && { port }) });
  return { link, close: () => close().finally(ledger.clients.destroy) };
}

function toStackFile({ resources, servers, email }: LocalStack, startedAt: number): StackFile {
  const ticks = resources.schedules.map(({ name, input }) => ({ name, input }));
  return {
    pid: process.pid,
    startedAt,
    endpoints: servers.endpoints,
    ticks,
    ...(email !== undefined && { email }),
    ...toResources(resources.outputs, 'the local stack', resources.region),
  };
}

async function followRecords(
  stack: LocalStack,
  { clock, signal, stderr }: CliContext,
): Promise<AsyncGenerator<LedgerRecord>> {
  const { ledgerReader } = await import('../../ledger/read/reader.ts');
  const { clients, tableName, indexShards } = stack;
  const reader = ledgerReader({ client: clients.dynamodb, tableName, indexShards });
  const pause = () => sleepUnlessAborted(POLL_MS, clock, signal);
  const onError = reportOnceAMinute(
    (error) => stderr.line(`The table cannot be read; trying again: ${visibleText(errorText(error))}`),
    clock,
  );
  return reader.follow({ now: () => new Date(clock.now()), pause, lateMilliseconds: MAX_LATE_MS, signal, onError });
}

/** The table is read again and again, and would repeat each error. */
function reportOnceAMinute(report: (error: unknown) => Promise<void>, { monotonic }: Clock): (error: unknown) => void {
  let reportedAt = Number.NEGATIVE_INFINITY;
  return (error) => {
    if (monotonic() - reportedAt < MINUTE_MS) return;
    reportedAt = monotonic();
    void report(error);
  };
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
    try {
      await drained();
    } finally {
      // This tick may miss a record that appears from here on.
      isWaiting = false;
    }
    await scheduler.tickNow();
  };
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    // It fails only while the stack is being closed: then nobody waits for the digest.
    tick().catch(() => undefined);
  };
}
