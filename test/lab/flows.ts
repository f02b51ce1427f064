/**
 * `npm run lab -- flows [--list] [NAME ...]`: through how many files of `src/` and `infra/` one piece of work runs. A file counts when one
 * of its functions was called, by V8's precise coverage; that it was loaded does not count. With `--list`, names them.
 *
 * A reader who wants to know what happens to a message, a digest or a request has to open these files.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type Profiler, Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { startConsole } from '../../src/console/server/console-server.ts';
import { openSource } from '../../src/console/source.ts';
import { tickMessageNow } from '../../src/contract/digest-tick.ts';
import { ENVIRONMENT } from '../../src/contract/environment.ts';
import { LOCAL_CREDENTIALS } from '../../src/local/identity.ts';
import { LocalFunction } from '../../src/local/lambda/local-function.ts';
import type { LocalStack } from '../../src/local/stack.ts';
import { removeStackFile, writeStackFile } from '../../src/local/stack-file.ts';
import { s3EventRecord, s3Message } from '../builders/s3-event.ts';
import { sqsEvent, sqsMessage } from '../builders/sqs-message.ts';
import { tokenOf } from '../console/server/ask.ts';
import { lambdaContext } from '../consumer/lambda-context.ts';
import { DIGEST_TO, emailsTo, startEmailStack } from '../system/end-to-end/email-fixture.ts';
import { emailAssembly } from './email-assembly.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PROGRAM = path.join(ROOT, 'src/cli/upload-ledger.ts');

/** Each runs in a process of its own and returns the files. In what runs inside the function or a command, `src/local` is AWS. */
const FLOWS: Readonly<Record<string, (stack: LocalStack) => Promise<readonly string[]>>> = {
  'message-to-item': async (stack) => {
    const handle = await loadConsumer(stack, { email: false });
    const event = sqsEvent(uploadMessage());
    return ofTheProduct(await called(async () => handle(event, lambdaContext())));
  },
  'tick-to-email': async (stack) => {
    const handle = await loadConsumer(stack, { email: true });
    await handle(sqsEvent(uploadMessage()), lambdaContext());
    const tick = sqsMessage({ body: tickMessageNow(stack.resources.schedules[0]?.input ?? '', Date.now()) });
    const files = await called(async () => handle(sqsEvent(tick), lambdaContext()));
    if ((await emailsTo(stack, DIGEST_TO)).length !== 1) throw new Error('Expected one digest; none was sent.');
    return ofTheProduct(files);
  },
  'dlq-redrive': async (stack) => {
    const { sqs } = stack.clients;
    const MessageBody = s3Message(s3EventRecord());
    await sqs.send(new SendMessageCommand({ QueueUrl: stack.deadLetterQueueUrl, MessageBody }));
    return ofTheProduct(await calledByProgram(stack, ['dlq', 'redrive', '--json']));
  },
  'put-to-invocation': async (stack) => {
    const put = (Key: string) =>
      stack.clients.s3.send(new PutObjectCommand({ Bucket: stack.bucketName, Key, Body: 'a text' }));
    await put('first.txt');
    await stack.drained();
    const files = await called(async () => {
      await put('second.txt');
      await stack.drained();
    });
    return [...new Set([...files, ...(await calledByRuntimeClient(stack))])].sort();
  },
  'console-search': async (stack) => {
    const { endpoints } = stack.servers;
    const source = openSource({
      name: 'a stack',
      resources: { ...stack, region: 'us-east-1' },
      digests: [],
      onUnreadable: () => undefined,
      async *checkHealth() {
        yield* [];
      },
      clients: stack.clients,
      endpoints,
    });
    const server = await startConsole({ source, explain: String });
    const headers = { authorization: `Bearer ${tokenOf(server)}` };
    const files = await called(async () => {
      const answer = await fetch(new URL('/api/records?prefix=photos%2F', server.url), { headers });
      if (!answer.ok) throw new Error(`Expected records; got ${answer.status} ${await answer.text()}`);
      await answer.text();
    });
    await server.close();
    return ofTheProduct(files);
  },
};

type Handler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

function uploadMessage() {
  return sqsMessage({ body: s3Message(s3EventRecord()) });
}

/** The consumer from its source, in this process, with the environment of the stack's function. */
async function loadConsumer({ resources, servers }: LocalStack, { email }: { email: boolean }): Promise<Handler> {
  const [fn] = resources.functions;
  const { services, dynamodb, ses } = servers.endpoints;
  Object.assign(process.env, fn?.environment, {
    LAMBDA_TASK_ROOT: fn?.codeDirectory,
    [ENVIRONMENT.ticksSetEnd]: 'true',
    AWS_REGION: resources.region,
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL: services,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
    AWS_ENDPOINT_URL_SES: ses,
  });
  if (!email) delete process.env[ENVIRONMENT.emailSettings];
  return (await import('../../src/consumer/consumer.lambda.ts')).handler;
}

/** Files of which a function was called while `work` ran in this process. */
async function called(work: () => Promise<unknown>): Promise<string[]> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  await session.post('Profiler.takePreciseCoverage');
  await work();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  session.disconnect();
  return filesCalled(result);
}

function filesCalled(scripts: readonly Profiler.ScriptCoverage[]): string[] {
  const files = scripts
    // The first function of a script is the module itself.
    .filter(({ functions }) =>
      functions.some(({ functionName, ranges }) => ranges[0]?.count && (functionName || ranges[0].startOffset > 0)),
    )
    .filter(({ url }) => url.startsWith('file:'))
    .map(({ url }) => path.relative(ROOT, fileURLToPath(url)));
  return [...new Set(files)].filter((file) => /^(?:src|infra)\//.test(file)).sort();
}

/** Runs the command against the stack in a process of its own. */
async function calledByProgram(stack: LocalStack, args: readonly string[]): Promise<string[]> {
  const directory = await mkdtemp(path.join(tmpdir(), 'flows-'));
  const { bucketName, tableName, queueUrl, deadLetterQueueUrl, indexShards, resources, servers } = stack;
  const location = { bucketName, tableName, queueUrl, deadLetterQueueUrl, indexShards };
  // The command takes the stack that was started first.
  const identity = { pid: process.pid, startedAt: 1 };
  await writeStackFile(ROOT, { ...location, ...identity, endpoints: servers.endpoints, region: resources.region });
  try {
    const env = { ...process.env, NODE_V8_COVERAGE: directory };
    const child = spawn(process.execPath, [PROGRAM, ...args, '--local'], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`upload-ledger ${args.join(' ')} ended with ${code}.`);
    const reports = await Promise.all(
      (await readdir(directory)).map((file) => readFile(path.join(directory, file), 'utf8')),
    );
    return filesCalled(reports.flatMap((text) => (JSON.parse(text) as Profiler.TakePreciseCoverageReturnType).result));
  } finally {
    await removeStackFile(ROOT, process.pid);
    await rm(directory, { recursive: true });
  }
}

/** What runs in the function's own process: a handler that looks at the runtime client around it. */
const PROBE = `
import { Session } from 'node:inspector/promises';
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
export const handler = async () => (await session.post('Profiler.takePreciseCoverage')).result.filter(({ url }) => url.includes('/src/'));
`;

async function calledByRuntimeClient({ resources }: LocalStack): Promise<string[]> {
  const codeDirectory = await mkdtemp(path.join(tmpdir(), 'flows-'));
  await writeFile(path.join(codeDirectory, 'probe.mjs'), PROBE);
  const settings = {
    name: 'probe',
    codeDirectory,
    handler: 'probe.handler',
    environment: {},
    memoryMb: 256,
    timeoutSeconds: 10,
  };
  const fn = new LocalFunction({ ...settings, region: resources.region, credentials: LOCAL_CREDENTIALS });
  try {
    await fn.invoke('{}');
    const outcome = await fn.invoke('{}');
    if (outcome.outcome !== 'response') throw new Error(`The probe failed: ${JSON.stringify(outcome)}`);
    return filesCalled(JSON.parse(outcome.payload) as Profiler.ScriptCoverage[]);
  } finally {
    await fn.close();
    await rm(codeDirectory, { recursive: true });
  }
}

/** The local servers run in the same process, with their guard: here they are AWS. */
function ofTheProduct(files: readonly string[]): string[] {
  return files.filter((file) => !file.startsWith('src/local/') && file !== 'src/shared/foreign-page.ts');
}

/**
 * The most files that each may run through: more is a chain that nobody follows to its end. A number grows only with what the product
 * promises: a digest with alerts that wait and are made up for and that becomes an event, an emulated S3 that checks each request, and the
 * figures of queue and table that the dashboard draws.
 */
const MOST: Readonly<Record<string, number>> = {
  'message-to-item': 20,
  'tick-to-email': 33,
  'dlq-redrive': 36,
  'put-to-invocation': 41,
  'console-search': 14,
};

const { values, positionals } = parseArgs({
  options: { list: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !(name in FLOWS));
if (unknown.length > 0) {
  process.stderr.write(`Expected flows of ${Object.keys(FLOWS).join(', ')}; got ${unknown.join(', ')}.\n`);
  process.exit(2);
}
const names = positionals.length > 0 ? positionals : Object.keys(FLOWS);
if (values.json && names.length === 1) await measure(names[0] ?? '');
else for (const name of names) await report(name);

/** Prints the files of one flow as JSON: what the process of a flow does. */
async function measure(name: string): Promise<void> {
  const stack = await startEmailStack({ assemblyDirectory: await emailAssembly() });
  const files = await FLOWS[name]?.(stack);
  process.stdout.write(`\n${JSON.stringify(files)}`);
  await stack.close();
}

/** A flow has a process of its own, so that what another has loaded and warmed does not count. */
async function report(name: string): Promise<void> {
  const child = spawn(process.execPath, [import.meta.filename, '--json', name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) {
    process.exitCode = 1;
    process.stdout.write(`${name.padEnd(18)} FAILED with ${code}\n`);
    return;
  }
  const files = JSON.parse(output.slice(output.lastIndexOf('\n'))) as string[];
  const most = MOST[name] ?? 0;
  const verdict = files.length > most ? 'TOO MANY' : 'ok';
  if (files.length > most) process.exitCode = 1;
  process.stdout.write(`${name.padEnd(18)} ${String(files.length).padStart(3)} of at most ${most}: ${verdict}\n`);
  if (values.list) for (const file of files) process.stdout.write(`  ${file}\n`);
}
