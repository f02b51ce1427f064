/**
 * What runs inside an execution environment: loads the function's handler, then asks the Runtime API for one invocation
 * after the other, as Lambda's Node runtime does. A program of its own, started with Lambda's variables only.
 */
import { statSync } from 'node:fs';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { systemClock } from '../../shared/clock.ts';
import { LOADED, outputMark, RUNTIME_API_PREFIX } from './runtime-api.ts';

/** A handler as Lambda calls it. */
type Handler = (event: unknown, context: object) => unknown;

/** One invocation as the Runtime API hands it out. */
interface Invocation {
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly deadlineMs: number;
  readonly functionArn: string;
  readonly traceId: string;
  /** JSON text. */
  readonly event: string;
}

/** Exit codes of Lambda's Node runtime. */
const EXIT = { initError: 1, unhandledRejection: 128, uncaughtException: 129, abandoned: 130 } as const;

/** In the order in which Lambda's Node runtime tries them. */
const EXTENSIONS = ['', '.js', '.mjs', '.cjs'] as const;

const environment = process.env;
const runtimeApi = `http://${variable('AWS_LAMBDA_RUNTIME_API')}${RUNTIME_API_PREFIX}`;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
/** The running invocation; none while the code is loaded. */
let requestId: string | undefined;

/** The streams' own writes: a function may replace them. */
const writes = [process.stdout, process.stderr].map((stream) => stream.write.bind(stream));

process.on('uncaughtException', (error) => void reportAndExit(error, EXIT.uncaughtException));
process.on('unhandledRejection', (reason) => {
  const error = runtimeError('Runtime.UnhandledPromiseRejection', String(reason));
  if (reason instanceof Error && reason.stack !== undefined) error.stack = reason.stack;
  void reportAndExit(error, EXIT.unhandledRejection);
});
void run();

async function run(): Promise<void> {
  const handler = await loadHandler(variable('LAMBDA_TASK_ROOT'), variable('_HANDLER')).catch((error: unknown) =>
    reportAndExit(error, EXIT.initError),
  );
  for (;;) {
    await endOutput(requestId ?? LOADED);
    const invocation = await nextInvocation();
    requestId = invocation.requestId;
    await serve(handler, invocation);
  }
}

/**
 * Marks the end of what was written, and waits until all of it has left this process: the parent may stop the process
 * as soon as it knows that the invocation is over.
 */
async function endOutput(name: string): Promise<void> {
  // A stream that the function has closed answers with an error, which is an end as well.
  await Promise.all(writes.map((write) => new Promise<void>((resolve) => write(outputMark(name), () => resolve()))));
}

async function serve(handler: Handler, invocation: Invocation): Promise<void> {
  environment._X_AMZN_TRACE_ID = invocation.traceId;
  let result: string;
  try {
    result = toJson(await handler(JSON.parse(invocation.event), toContext(invocation)));
  } catch (error) {
    return await reportError('Invoke Error', error);
  }
  await callApi('POST', `/invocation/${invocation.requestId}/response`, result);
}

function toJson(result: unknown): string {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch (error) {
    throw runtimeError('Runtime.JSONStringifyError', `Unable to stringify response body: ${String(error)}`);
  }
}

function toContext({ requestId: awsRequestId, functionArn, deadlineMs }: Invocation): object {
  return {
    awsRequestId,
    invokedFunctionArn: functionArn,
    functionName: variable('AWS_LAMBDA_FUNCTION_NAME'),
    functionVersion: variable('AWS_LAMBDA_FUNCTION_VERSION'),
    memoryLimitInMB: variable('AWS_LAMBDA_FUNCTION_MEMORY_SIZE'),
    logGroupName: variable('AWS_LAMBDA_LOG_GROUP_NAME'),
    logStreamName: variable('AWS_LAMBDA_LOG_STREAM_NAME'),
    getRemainingTimeInMillis: () => deadlineMs - systemClock.now(),
  };
}

/**
 * Loads the handler as Lambda's Node runtime does, from an ES module or CommonJS.
 *
 * Lambda ends the file's name at the first dot: `dir/consumer.handler` is the export `handler` of `dir/consumer.mjs`,
 * and `consumer.lambda.handler` is never a file `consumer.lambda.mjs`.
 * Source: AWS's runtime interface client for Node.
 *
 * @throws an error named `Runtime.*` when there is no such file, export or function, or when it takes a callback, which
 *   Lambda no longer supports as of Node 24; and whatever the code throws while it loads.
 */
async function loadHandler(codeDirectory: string, handler: string): Promise<Handler> {
  const { file, exportPath } = parseHandler(handler);
  const candidates = EXTENSIONS.map((extension) => path.resolve(codeDirectory, file + extension));
  const found = candidates.find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile());
  if (found === undefined) {
    throw runtimeError(
      'Runtime.ImportModuleError',
      `Cannot find module '${file}' in ${codeDirectory}: the handler '${handler}' asks for ${file}.js, .mjs or .cjs and its ` +
        `export '${exportPath}', because Lambda ends the file's name at the first dot.`,
    );
  }
  const module = await importModule(found);
  const loaded = findExport(module, exportPath) ?? findExport((module as { default?: unknown }).default, exportPath);
  if (typeof loaded !== 'function') {
    throw runtimeError('Runtime.HandlerNotFound', `${handler} is undefined or not exported, or not a function`);
  }
  if (loaded.length >= 3) {
    throw runtimeError(
      'Runtime.CallbackHandlerDeprecated',
      `${handler} takes a callback, which Lambda no longer supports as of Node.js 24: return a promise instead.`,
    );
  }
  return loaded as Handler;
}

function parseHandler(handler: string): { file: string; exportPath: string } {
  const { dir, base } = path.posix.parse(handler);
  const dot = base.indexOf('.');
  if (dot < 1 || dot === base.length - 1 || handler.includes('..')) {
    throw runtimeError(
      'Runtime.MalformedHandlerName',
      `'${handler}' is not a valid handler name: expected file.export`,
    );
  }
  return { file: path.posix.join(dir, base.slice(0, dot)), exportPath: base.slice(dot + 1) };
}

async function importModule(file: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    if (error instanceof SyntaxError) throw runtimeError('Runtime.UserCodeSyntaxError', String(error));
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') {
      throw runtimeError('Runtime.ImportModuleError', String(error));
    }
    throw error;
  }
}

function findExport(from: unknown, exportPath: string): unknown {
  let found = from;
  for (const name of exportPath.split('.')) found = (found as Record<string, unknown> | null | undefined)?.[name];
  return found;
}

async function nextInvocation(): Promise<Invocation> {
  const { headers, body } = await callApi('GET', '/invocation/next');
  const header = (name: string) => String(headers[`lambda-runtime-${name}`]);
  return {
    requestId: header('aws-request-id'),
    deadlineMs: Number(header('deadline-ms')),
    functionArn: header('invoked-function-arn'),
    traceId: header('trace-id'),
    event: body,
  };
}

async function reportAndExit(error: unknown, code: number): Promise<never> {
  await reportError(code === EXIT.initError ? 'Init Error' : 'Uncaught Error', error);
  process.exit(code);
}

/** Prints the error in one line, as Lambda does, and reports it: of the running invocation, or of loading the code. */
async function reportError(title: string, thrown: unknown): Promise<void> {
  const error = toErrorDocument(thrown);
  const document = JSON.stringify(error);
  const at = new Date(systemClock.now()).toISOString();
  process.stderr.write(`${at}\t${requestId ?? ''}\tERROR\t${title}\t${document}\n`);
  const apiPath = requestId === undefined ? '/init/error' : `/invocation/${requestId}/error`;
  await callApi('POST', apiPath, document, {
    'lambda-runtime-function-error-type': encodeURIComponent(error.errorType),
  });
}

/** Describes whatever was thrown, be it an error or not, as the Runtime API takes it. */
function toErrorDocument(thrown: unknown) {
  if (!types.isNativeError(thrown)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  const { name, message, stack } = thrown;
  return { errorType: String(name), errorMessage: String(message), trace: String(stack ?? '').split('\n') };
}

/** An error of the runtime itself, with one of the names that Lambda's Node runtimes use. */
function runtimeError(name: `Runtime.${string}`, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}

/** Calls the Runtime API. The process exits when nobody answers: the local stack has gone. */
function callApi(method: string, apiPath: string, body = '', headers: Readonly<Record<string, string>> = {}) {
  return new Promise<{ headers: IncomingHttpHeaders; body: string }>((resolve) => {
    const leave = () => process.exit(EXIT.abandoned);
    const length = method === 'POST' && { 'content-length': Buffer.byteLength(body) };
    const outgoing = request(
      runtimeApi + apiPath,
      { method, agent, headers: { ...headers, ...length } },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', leave);
        incoming.on('end', () => resolve({ headers: incoming.headers, body: Buffer.concat(chunks).toString('utf8') }));
      },
    );
    outgoing.on('error', leave);
    outgoing.end(body);
  });
}

function variable(name: string): string {
  const value = environment[name];
  if (value === undefined) {
    throw new Error(`Missing environment variable ${name}: start this program through LocalFunction.`);
  }
  return value;
}
