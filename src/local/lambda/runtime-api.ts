/**
 * How an execution environment and the runtime in its process talk: through Lambda's Runtime API, and through marks in the
 * output. Both sides import this file.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { refuseForeignPage } from '../../shared/foreign-page.ts';

/** Largest response of a synchronous invocation, in bytes, as Lambda's own error message has it. */
const MAX_RESPONSE_BYTES = 6_291_556;
const RESPONSE_TOO_LARGE: InvocationError = {
  errorType: 'Function.ResponseSizeTooLarge',
  errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
};

/** What every path of the Runtime API begins with. */
export const RUNTIME_API_PREFIX = '/2018-06-01/runtime';
/** Where the answer to an invocation is posted: the path after {@link RUNTIME_API_PREFIX}. */
const ANSWER_PATH = /^\/invocation\/([^/]+)\/(response|error)$/;

/** Record separator of ASCII: what begins a mark, and nothing that a log line holds. */
export const MARK_SEPARATOR = '\x1e';

/** Name of the mark behind everything that is written while the code is loaded. */
export const LOADED = 'loaded';

/**
 * What the runtime client writes to stdout and stderr behind all output of an invocation. Output and answer take
 * different ways to the parent process: without a mark it could not tell whether it has read everything.
 *
 * @param name The invocation's request id, or {@link LOADED}.
 */
export function outputMark(name: string): string {
  return `${MARK_SEPARATOR}${name}\n`;
}

/** The result of one invocation, as its caller sees it. */
export type InvocationOutcome =
  | {
      readonly outcome: 'response';
      readonly requestId: string;
      /** JSON text, as the handler's result was written. */
      readonly payload: string;
    }
  | (InvocationError & { readonly outcome: 'error'; readonly requestId: string });

/** An error in the shape in which Lambda's runtimes report one. */
export interface InvocationError {
  /** The error's name, or `Runtime.*`, `Function.*` and `Sandbox.*` for Lambda's own. */
  readonly errorType: string;
  readonly errorMessage: string;
  /** Lines of the stack, where there is one. */
  readonly trace?: readonly string[];
}

export function failed(requestId: string, error: InvocationError): InvocationOutcome {
  return { outcome: 'error', requestId, ...error };
}

/** One invocation as the runtime receives it. */
interface RuntimeInvocation {
  readonly requestId: string;
  readonly payload: string;
  /** Epoch milliseconds. */
  readonly deadlineMs: number;
  readonly functionArn: string;
}

/** What a runtime reports, in order. Answers to unknown invocations are refused and not reported. */
export interface RuntimeListener {
  /** The runtime has nothing to do: it is ready for its first invocation, or done with the one before. */
  onIdle(): void;
  onAnswer(outcome: InvocationOutcome): void;
  onInitError(error: InvocationError): void;
}

/**
 * Lambda's Runtime API for one execution environment, on a port of its own, because a runtime gets only host and port.
 *
 * Source: Lambda's documentation, "Using the Lambda runtime API". AWS's own runtime interface clients can use it.
 */
export class RuntimeApi {
  readonly #server: Server;
  #listener: RuntimeListener | undefined;
  #waiting: ServerResponse | undefined;
  #current: string | undefined;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: Error) => refuse(response, 500, 'InternalError', error.message));
    });
    // A runtime waits for its next invocation as long as it takes, and may be stopped in the meantime.
    this.#server.requestTimeout = 0;
    this.#server.headersTimeout = 0;
    this.#server.keepAliveTimeout = 0;
  }

  /** Listens on a free port of 127.0.0.1. */
  static async listen(): Promise<RuntimeApi> {
    const api = new RuntimeApi();
    await new Promise<void>((resolve, reject) => {
      api.#server.once('error', reject);
      api.#server.listen(0, '127.0.0.1', resolve);
    });
    return api;
  }

  /** Sets who hears what the runtime reports; call it before the runtime starts. */
  attach(listener: RuntimeListener): void {
    this.#listener = listener;
  }

  /** Host and port, as in `AWS_LAMBDA_RUNTIME_API`. */
  get address(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `${address}:${port}`;
  }

  /** Gives the idle runtime an invocation. */
  deliver({ requestId, payload, deadlineMs, functionArn }: RuntimeInvocation): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#current = requestId;
    waiting?.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(payload),
      'lambda-runtime-aws-request-id': requestId,
      'lambda-runtime-deadline-ms': String(deadlineMs),
      'lambda-runtime-invoked-function-arn': functionArn,
      'lambda-runtime-trace-id': traceId(requestId, deadlineMs),
    });
    waiting?.end(payload);
  }

  /** Breaks every connection: a runtime that still runs ends itself then. */
  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (refuseForeignPage(request, response)) return;
    const { method, url = '' } = request;
    const path = url.startsWith(RUNTIME_API_PREFIX) ? url.slice(RUNTIME_API_PREFIX.length) : '';
    if (method === 'GET' && path === '/invocation/next') {
      this.#waiting = response;
      this.#listener?.onIdle();
      return;
    }
    if (method === 'POST' && path === '/init/error') {
      this.#listener?.onInitError(parseError(await readBody(request)));
      return answer(response, 202, { status: 'OK' });
    }
    const [, requestId, kind] = ANSWER_PATH.exec(path) ?? [];
    if (method === 'POST' && requestId !== undefined) return this.#takeAnswer(request, response, requestId, kind);
    return refuse(response, 404, 'NotFound', `There is no ${method} ${url} in the Runtime API.`);
  }

  async #takeAnswer(request: IncomingMessage, response: ServerResponse, requestId: string, kind?: string) {
    const body = await readBody(request);
    if (requestId !== this.#current) return refuse(response, 400, 'InvalidRequestID', 'Invalid request ID');
    this.#current = undefined;
    if (kind === 'error') this.#listener?.onAnswer(failed(requestId, parseError(body)));
    else if (body === undefined) this.#listener?.onAnswer(failed(requestId, RESPONSE_TOO_LARGE));
    else this.#listener?.onAnswer({ outcome: 'response', requestId, payload: body });
    if (body !== undefined) return answer(response, 202, { status: 'OK' });
    const message = `Exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`;
    return refuse(response, 413, 'RequestEntityTooLarge', message);
  }
}

function answer(response: ServerResponse, status: number, document: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(document));
}

function refuse(response: ServerResponse, status: number, errorType: string, errorMessage: string): void {
  answer(response, status, { errorType, errorMessage });
}

/** An X-Ray header that says "not sampled"; its root means nothing. */
function traceId(requestId: string, deadlineMs: number): string {
  const seconds = Math.floor(deadlineMs / 1000).toString(16);
  const digits = requestId.replaceAll('-', '');
  return `Root=1-${seconds.padStart(8, '0')}-${digits.slice(0, 24)};Parent=${digits.slice(0, 16)};Sampled=0`;
}

/**
 * A request's body as text, or undefined when it is larger than {@link MAX_RESPONSE_BYTES}; then nothing is kept of it.
 */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  let chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_RESPONSE_BYTES) chunks.push(chunk);
    else chunks = [];
  }
  return bytes > MAX_RESPONSE_BYTES ? undefined : Buffer.concat(chunks, bytes).toString('utf8');
}

/** Reads the document that a runtime posts. One without Lambda's fields becomes the message. */
function parseError(document = ''): InvocationError {
  let fields: { readonly [Field in keyof InvocationError]?: unknown } = {};
  try {
    fields = Object(JSON.parse(document));
  } catch {
    // Not JSON: it becomes the message, too.
  }
  const { errorType, errorMessage, trace } = fields;
  return {
    errorType: typeof errorType === 'string' ? errorType : 'Runtime.Unknown',
    errorMessage: typeof errorMessage === 'string' ? errorMessage : document.slice(0, 200),
    ...(Array.isArray(trace) && { trace: trace.map(String) }),
  };
}
