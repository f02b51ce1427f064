import { statSync } from 'node:fs';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { LOADED, outputMark } from './output-marks.ts';

/** A handler as Lambda calls it. */
export type Handler = (event: unknown, context: object) => unknown;

/** In the order in which Lambda's Node runtime tries them. */
const EXTENSIONS = ['', '.js', '.mjs', '.cjs'] as const;

/**
 * Loads the handler as Lambda's Node runtime does: an ES module or CommonJS, and after the file's name the path of exports.
 *
 * Lambda ends the file's name at the first dot: `dir/consumer.handler` is the export `handler` of `dir/consumer.mjs`, and
 * `consumer.lambda.handler` is never a file `consumer.lambda.mjs`. (Source: AWS's runtime interface client for Node.)
 *
 * @throws an error named `Runtime.*` when there is no such file, export or function, or when it takes a callback, which
 *   Lambda stopped to support with Node 24; and whatever the code throws while it loads.
 */
export async function loadHandler(codeDirectory: string, handler: string): Promise<Handler> {
  const { file, exportPath } = parseHandler(handler);
  const found = EXTENSIONS.map((extension) => path.resolve(codeDirectory, file + extension)).find(isFile);
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

function isFile(candidate: string): boolean {
  return statSync(candidate, { throwIfNoEntry: false })?.isFile() ?? false;
}

function findExport(from: unknown, exportPath: string): unknown {
  return exportPath
    .split('.')
    .reduce<unknown>(
      (nested, name) =>
        typeof nested === 'object' && nested !== null ? (nested as Record<string, unknown>)[name] : undefined,
      from,
    );
}

/** One invocation as the Runtime API hands it out. */
export interface NextInvocation {
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly deadlineMs: number;
  readonly functionArn: string;
  readonly traceId: string;
  /** JSON text. */
  readonly event: string;
}

const PREFIX = '/2018-06-01/runtime';

/** The runtime's side of Lambda's Runtime API. Every call rejects when nobody answers any more. */
export class RuntimeApiClient {
  readonly #host: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  /** @param host Host and port, as in `AWS_LAMBDA_RUNTIME_API`. */
  constructor(host: string) {
    this.#host = host;
  }

  async next(): Promise<NextInvocation> {
    const { headers, body } = await this.#call('GET', '/invocation/next');
    return {
      requestId: String(headers['lambda-runtime-aws-request-id']),
      deadlineMs: Number(headers['lambda-runtime-deadline-ms']),
      functionArn: String(headers['lambda-runtime-invoked-function-arn']),
      traceId: String(headers['lambda-runtime-trace-id']),
      event: body,
    };
  }

  async respond(requestId: string, result: string): Promise<void> {
    await this.#call('POST', `/invocation/${requestId}/response`, result);
  }

  /** @param requestId absent while the code is loaded. */
  async fail(requestId: string | undefined, error: ErrorDocument): Promise<void> {
    const path = requestId === undefined ? '/init/error' : `/invocation/${requestId}/error`;
    await this.#call('POST', path, JSON.stringify(error), { 'lambda-runtime-function-error-type': error.errorType });
  }

  #call(method: string, path: string, body = '', headers: Record<string, string> = {}) {
    return new Promise<{ headers: IncomingHttpHeaders; body: string }>((resolve, reject) => {
      const outgoing = request(`http://${this.#host}${PREFIX}${path}`, { method, agent: this.#agent }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => resolve({ headers: incoming.headers, body: Buffer.concat(chunks).toString('utf8') }));
      });
      outgoing.on('error', reject);
      if (method === 'POST') outgoing.setHeader('content-length', Buffer.byteLength(body));
      for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, encodeURIComponent(value));
      outgoing.end(body);
    });
  }
}

/** An error as the Runtime API takes it. */
export interface ErrorDocument {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/** An error of the runtime itself, with one of the names that Lambda's Node runtimes use. */
export function runtimeError(name: `Runtime.${string}`, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}

/** Describes whatever a handler threw, be it an error or not. */
export function toErrorDocument(thrown: unknown): ErrorDocument {
  if (!types.isNativeError(thrown)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  const { name, message, stack } = thrown;
  return { errorType: String(name), errorMessage: String(message), trace: String(stack ?? '').split('\n') };
}

/**
 * What runs inside an execution environment: loads the function's handler, then asks the Runtime API for one invocation after
 * the other, as Lambda's Node runtime does. A program of its own, started with Lambda's variables and nothing else.
 */
/** Exit codes of Lambda's Node runtime. */
const EXIT = { initError: 1, unhandledRejection: 128, uncaughtException: 129, abandoned: 130 } as const;

const environment = process.env;
const api = new RuntimeApiClient(variable('AWS_LAMBDA_RUNTIME_API'));
/** The running invocation; none while the code is loaded. */
let requestId: string | undefined;

/** The streams' own writes: a function may put others in their place. */
const writes = [process.stdout, process.stderr].map((stream) => stream.write.bind(stream));

process.on('uncaughtException', (error) => void reportAndExit(error, EXIT.uncaughtException));
process.on('unhandledRejection', (reason) => {
  const error = runtimeError('Runtime.UnhandledPromiseRejection', String(reason));
  if (reason instanceof Error && reason.stack !== undefined) error.stack = reason.stack;
  void reportAndExit(error, EXIT.unhandledRejection);
});
void run();

async function run(): Promise<void> {
  const handler = await load();
  for (;;) {
    await endOutput(requestId ?? LOADED);
    const invocation = await api.next().catch(leave);
    requestId = invocation.requestId;
    await serve(handler, invocation);
  }
}

/**
 * Marks the end of what was written, and waits until all of it has left this process: whoever has been told that the invocation is
 * over may stop the process.
 */
async function endOutput(name: string): Promise<void> {
  // A stream that the function has closed answers with an error, which is an end as well.
  await Promise.all(writes.map((write) => new Promise<void>((resolve) => write(outputMark(name), () => resolve()))));
}

async function load(): Promise<Handler> {
  try {
    return await loadHandler(variable('LAMBDA_TASK_ROOT'), variable('_HANDLER'));
  } catch (error) {
    return await reportAndExit(error, EXIT.initError);
  }
}

async function serve(handler: Handler, invocation: NextInvocation): Promise<void> {
  environment._X_AMZN_TRACE_ID = invocation.traceId;
  let result: string;
  try {
    result = toJson(await handler(JSON.parse(invocation.event), toContext(invocation)));
  } catch (error) {
    printError('Invoke Error', error);
    return await api.fail(invocation.requestId, toErrorDocument(error)).catch(leave);
  }
  await api.respond(invocation.requestId, result).catch(leave);
}

function toJson(result: unknown): string {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch (error) {
    throw runtimeError('Runtime.JSONStringifyError', `Unable to stringify response body: ${String(error)}`);
  }
}

function toContext({ requestId: awsRequestId, functionArn, deadlineMs }: NextInvocation): object {
  return {
    awsRequestId,
    invokedFunctionArn: functionArn,
    functionName: variable('AWS_LAMBDA_FUNCTION_NAME'),
    functionVersion: variable('AWS_LAMBDA_FUNCTION_VERSION'),
    memoryLimitInMB: variable('AWS_LAMBDA_FUNCTION_MEMORY_SIZE'),
    logGroupName: variable('AWS_LAMBDA_LOG_GROUP_NAME'),
    logStreamName: variable('AWS_LAMBDA_LOG_STREAM_NAME'),
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
}

async function reportAndExit(error: unknown, code: number): Promise<never> {
  printError(code === EXIT.initError ? 'Init Error' : 'Uncaught Error', error);
  await api.fail(requestId, toErrorDocument(error)).catch(leave);
  process.exit(code);
}

/** The local stack has gone: nobody is left to work for. */
function leave(): never {
  process.exit(EXIT.abandoned);
}

/** One line, as Lambda prints an error. */
function printError(title: string, error: unknown): void {
  process.stderr.write(
    `${new Date().toISOString()}\t${requestId ?? ''}\tERROR\t${title}\t${JSON.stringify(toErrorDocument(error))}\n`,
  );
}

function variable(name: string): string {
  const value = environment[name];
  if (value === undefined)
    throw new Error(`Missing environment variable ${name}: start this program through LocalFunction.`);
  return value;
}
