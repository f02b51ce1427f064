/**
 * How an execution environment and the runtime in its process talk: through Lambda's Runtime API, and through marks in the
 * output. Both sides import this file.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Largest response of a synchronous invocation, in bytes, as Lambda's own error message has it. */
export const MAX_RESPONSE_BYTES = 6_291_556;

/** What every path of the Runtime API begins with. */
export const RUNTIME_API_PREFIX = '/2018-06-01/runtime';
/** Where the answer to an invocation is posted: the path after {@link RUNTIME_API_PREFIX}. */
const ANSWER_PATH = /^\/invocation\/([^/]+)\/(response|error)$/;

/** Record separator of ASCII: what begins a mark, and nothing that a log line holds. */
const SEPARATOR = '\x1e';

/** Name of the mark behind everything that is written while the code is loaded. */
export const LOADED = 'loaded';

/**
 * What the runtime client writes to stdout and stderr behind all output of an invocation. Output and answer take
 * different ways to the parent process: without a mark it could not tell whether it has read everything.
 *
 * @param name The invocation's request id, or {@link LOADED}.
 */
export function outputMark(name: string): string {
  return `${SEPARATOR}${name}\n`;
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
  /** @param payload absent when the response was larger than Lambda takes. */
  onResponse(requestId: string, payload: string | undefined): void;
  onError(requestId: string, document: string): void;
  onInitError(document: string): void;
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
    const { method, url = '' } = request;
    const path = url.startsWith(RUNTIME_API_PREFIX) ? url.slice(RUNTIME_API_PREFIX.length) : '';
    if (method === 'GET' && path === '/invocation/next') {
      this.#waiting = response;
      this.#listener?.onIdle();
      return;
    }
    if (method === 'POST' && path === '/init/error') {
      this.#listener?.onInitError((await readBody(request)) ?? '');
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
    if (kind === 'error') this.#listener?.onError(requestId, body ?? '');
    else this.#listener?.onResponse(requestId, body);
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

/** Takes the runtime client's marks out of one stream of a function's output, and lets others wait for them. */
export class OutputMarks {
  #last: string | undefined;
  #hasEnded = false;
  #waiting: { readonly mark: string; readonly resolve: () => void } | undefined;

  /** Hands on what the function wrote in this line, then notes the mark behind it. Either can be absent. */
  take(line: string, onText: (text: string) => void): void {
    const at = line.lastIndexOf(SEPARATOR);
    if (at !== 0) onText(at < 0 ? line : line.slice(0, at));
    if (at < 0) return;
    this.#last = line.slice(at + 1);
    if (this.#waiting?.mark === this.#last) this.#waiting.resolve();
  }

  /** The stream has ended: no mark will come any more. */
  end(): void {
    this.#hasEnded = true;
    this.#waiting?.resolve();
  }

  /** Settles when this mark is the last that was read, or the stream has ended. Only one caller may wait at a time. */
  seen(mark: string): Promise<void> {
    if (this.#hasEnded || this.#last === mark) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting = { mark, resolve };
    });
  }
}
