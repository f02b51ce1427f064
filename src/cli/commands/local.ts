import { Command, Option } from 'commander';
import type { ConsoleServer } from '../../console/server/console-server.ts';
import { ledgerReader } from '../../ledger/read/reader.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { removeStackFile, runningStack, writeStackFile } from '../../local/stack-file.ts';
import { formatBytes, formatDuration } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import { MINUTE_MS } from '../../shared/time.ts';
import { parsePort } from '../arguments/numbers.ts';
import { asArgument } from '../arguments/options.ts';
import { localAssembly } from '../assembly.ts';
import { checkoutDirectory, needCheckout } from '../checkout.ts';
import { type LedgerResources, toResources } from '../connection.ts';
import type { CliContext } from '../context.ts';
import { localWelcome } from '../output/local-welcome.ts';
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
      // The emulators take a second to load: not for the sake of a help text.
      const { runLocal } = await import('./local.ts');
      await runLocal(options, context);
    });
}

/** Milliseconds between two looks for new records. */
const BETWEEN_LOOKS = 500;

/** How late a record may be and still be shown: the time that a message can spend in the queue here. */
const LATE_MILLISECONDS = 15 * MINUTE_MS;

/** Fixed ports. @default free ones */
export interface LocalOptions {
  readonly port?: number;
  readonly dynamodbPort?: number;
  readonly mailPort?: number;
  readonly consolePort?: number;
  /** Whether digests are sent as soon as uploads are recorded. @default when they are due */
  readonly tickNow?: boolean;
}

/** Runs the whole stack on this machine until the context's signal stops it, and shows uploads as they are recorded. */
export async function runLocal(options: LocalOptions, context: CliContext): Promise<void> {
  const startedAt = performance.now();
  const { stdout, stderr, signal } = context;
  const assemblyDirectory = await localAssembly(context);
  const stack = await startLocalStack({
    assemblyDirectory,
    ports: toPorts(options),
    onError: (error) => void stderr.line(`The event source: ${error.message}`),
    onBatch: ({ error }) => error && void stderr.line(`A batch failed and will come back: ${error}`),
  });
  const tickAfterUploads = options.tickNow ? openTickAfterUploads(stack) : undefined;
  let server: ConsoleServer | undefined;
  try {
    await announceToOthers(stack);
    server = await serveStack(stack, options, context);
    for (const line of await localWelcome(stack, server.link, performance.now() - startedAt)) await stdout.line(line);
    for await (const record of follow(stack, context)) {
      await stdout.line(recordLine(record, context.now()));
      tickAfterUploads?.();
    }
  } catch (error) {
    // Ctrl-C is how the stack is meant to end, in the middle of a look for records or between two.
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
    resources: locationOf(stack),
    endpoints: stack.servers.endpoints,
    clients: { dynamodb: async () => dynamodb, sqs: async () => sqs },
  };
  return serveConsole(shown, context, consolePort === undefined ? {} : { port: consolePort });
}

/** Lets the other commands find the stack; the first of several in one checkout is the one that they find. */
async function announceToOthers(stack: LocalStack): Promise<void> {
  if ((await runningStack(checkoutDirectory())) !== undefined) return;
  const { endpoints } = stack.servers;
  const ticks = stack.resources.schedules.map(({ name, input }) => ({ name, input }));
  await writeStackFile(checkoutDirectory(), { pid: process.pid, endpoints, ticks, ...locationOf(stack) });
}

function locationOf({ resources: { outputs, region } }: LocalStack): LedgerResources {
  const named = Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }));
  return toResources(named, 'the local stack', region);
}

function follow(stack: LocalStack, { now, signal }: CliContext): AsyncGenerator<LedgerRecord> {
  const { clients, tableName, indexShards } = stack;
  const reader = ledgerReader({ client: clients.dynamodb, tableName, indexShards });
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, BETWEEN_LOOKS);
      signal.addEventListener('abort', () => resolve(clearTimeout(timer)), { once: true });
    });
  return reader.follow({ now, pause, lateMilliseconds: LATE_MILLISECONDS, signal });
}

function recordLine(record: LedgerRecord, now: Date): string {
  const { timestamp, status, filesize, uploader, s3_key } = record;
  const size = filesize === undefined ? '' : `, ${formatBytes(filesize)}`;
  const delay = formatDuration(Math.max(0, now.getTime() - Date.parse(timestamp)));
  const who = uploader === undefined ? '' : ` by ${visibleText(uploader)}`;
  return `${timestamp.slice(11, 19)}  ${status}${who}${size}, seen after ${delay}: ${visibleText(s3_key)}`;
}

/**
 * Sends the digests whenever uploads have come to rest: once for a burst, however many records it has.
 *
 * @returns to be called at each record that is seen.
 */
export function openTickAfterUploads({ scheduler, drained }: Pick<LocalStack, 'scheduler' | 'drained'>): () => void {
  let isWaiting = false;
  const tick = async () => {
    await drained();
    // What is seen from here on may have come too late for this tick.
    isWaiting = false;
    await scheduler.tickNow();
  };
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    // The stack is being closed when this fails: nobody waits for the digest any more.
    tick().catch(() => undefined);
  };
}
