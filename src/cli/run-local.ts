import { formatBytes, formatDuration } from '../digest/format.ts';
import { visibleText } from '../digest/visible-text.ts';
import type { LedgerRecord } from '../ledger/ledger-record.ts';
import { ledgerReader } from '../ledger/reader.ts';
import { openLocalClients } from '../local/clients.ts';
import { type LocalStack, startLocalStack } from '../local/local-stack.ts';
import { presignUpload } from '../local/presign.ts';
import { removeStackFile, runningStack, writeStackFile } from '../local/stack-file.ts';
import { checkoutDirectory } from './checkout.ts';
import type { CliContext } from './context.ts';
import { localAssembly } from './local-assembly.ts';

/** Milliseconds between two looks for new records. */
const BETWEEN_LOOKS = 500;

/** How late a record may be and still be shown: the time that a message can spend in the queue here. */
const LATE_MILLISECONDS = 15 * 60 * 1000;

/** Seconds for which the ready-made presigned URL holds. */
const URL_SECONDS = 24 * 60 * 60;

/** Fixed ports. @default free ones */
export interface LocalOptions {
  readonly port?: number;
  readonly dynamodbPort?: number;
  readonly mailPort?: number;
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
    onBatch: ({ fault }) => fault && void stderr.line(`A batch failed and will come back: ${fault}`),
  });
  try {
    await announceToOthers(stack);
    for (const line of await welcome(stack, performance.now() - startedAt)) await stdout.line(line);
    for await (const record of follow(stack, context)) await stdout.line(recordLine(record, context.now()));
  } catch (error) {
    // Ctrl-C is how the stack is meant to end, in the middle of a look for records or between two.
    if (!signal.aborted) throw error;
  } finally {
    if (signal.aborted) await stderr.line('\nStopping ...');
    await removeStackFile(checkoutDirectory(), process.pid);
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

/** Lets the other commands find the stack; the first of several in one checkout is the one that they find. */
async function announceToOthers(stack: LocalStack): Promise<void> {
  if ((await runningStack(checkoutDirectory())) !== undefined) return;
  const { bucketName, tableName, queueUrl, deadLetterQueueUrl, indexShards, resources, servers } = stack;
  const location = { bucketName, tableName, queueUrl, deadLetterQueueUrl, indexShards };
  const { endpoints } = servers;
  await writeStackFile(checkoutDirectory(), { pid: process.pid, endpoints, region: resources.region, ...location });
}

async function welcome(stack: LocalStack, startMilliseconds: number): Promise<string[]> {
  const { bucketName, resources, servers } = stack;
  const url = await presignedExample(stack);
  const { services, ses } = servers.endpoints;
  return [
    `The stack runs on this machine (ready after ${formatDuration(startMilliseconds)}).`,
    '',
    `  S3 endpoint   ${services}`,
    `  Bucket        ${bucketName}`,
    `  Region        ${resources.region}`,
    '  Credentials   any: the access key id is taken for the uploader',
    `  Inbox         ${ses}`,
    '',
    'Upload a file, with a presigned URL or with the AWS command line:',
    '',
    `  echo hello | curl -T - '${url}'`,
    '',
    '  AWS_ACCESS_KEY_ID=alice AWS_SECRET_ACCESS_KEY=any \\',
    `    aws --region ${resources.region} --endpoint-url ${services} s3 cp README.md s3://${bucketName}/`,
    '',
    `Uploads are shown as they are recorded, in batches of up to ${batchWindow(stack)} s. Ctrl-C stops the stack.`,
    '',
  ];
}

/** Signed as `you`, so that the record names its uploader. */
async function presignedExample({ bucketName, resources, servers }: LocalStack): Promise<string> {
  const signer = openLocalClients(servers.endpoints, resources.region, 'you');
  try {
    return await presignUpload(signer.s3, { bucket: bucketName, key: 'hello.txt', expiresIn: URL_SECONDS });
  } finally {
    signer.destroy();
  }
}

function batchWindow({ resources }: LocalStack): number {
  return Math.max(0, ...resources.eventSourceMappings.map(({ batchWindowSeconds }) => batchWindowSeconds));
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
