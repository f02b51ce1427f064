/**
 * What runs inside an execution environment: loads the function's handler, then asks the Runtime API for one invocation after
 * the other, as Lambda's Node runtime does. A program of its own, started with Lambda's variables and nothing else.
 */
import { LOADED, outputMark } from './output-mark.ts';
import { type NextInvocation, RuntimeApiClient } from './runtime-client-api.ts';
import { runtimeError, toErrorDocument } from './runtime-client-error.ts';
import { type Handler, loadHandler } from './runtime-client-handler.ts';

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
