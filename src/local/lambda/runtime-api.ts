import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One invocation as the runtime receives it. */
export interface RuntimeInvocation {
  readonly requestId: string;
  readonly payload: string;
  /** Epoch milliseconds. */
  readonly deadlineMs: number;
  readonly functionArn: string;
}

/** What a runtime tells, in the order in which it tells it. Answers to unknown invocations are refused and not told. */
export interface RuntimeListener {
  /** The runtime has nothing to do: it is ready for its first invocation, or done with the one before. */
  onIdle(): void;
  /** @param payload absent when the response was larger than Lambda takes. */
  onResponse(requestId: string, payload: string | undefined): void;
  onError(requestId: string, document: string): void;
  onInitError(document: string): void;
}

const PREFIX = '/2018-06-01/runtime';

/**
 * Lambda's Runtime API for one execution environment, on a port of its own, because a runtime is told host and port alone.
 *
 * Source: Lambda's documentation, "Using the Lambda runtime API". AWS's own runtime interface clients can speak to it too.
 */
export class RuntimeApi {
  readonly #server: Server;
  #listener: RuntimeListener | undefined;
  #waiting: ServerResponse | undefined;
  #current: string | undefined;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: Error) =>
        answer(response, 500, fault('InternalError', error.message)),
      );
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

  /** Names who is told what the runtime says; to be called before the runtime is started. */
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
    const path = request.url ?? '';
    if (request.method === 'GET' && path === `${PREFIX}/invocation/next`) return this.#next(response);
    if (request.method === 'POST' && path === `${PREFIX}/init/error`) return this.#initError(request, response);
    const [, requestId, kind] = path.match(/^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/) ?? [];
    if (request.method !== 'POST' || requestId === undefined) {
      return answer(response, 404, fault('NotFound', `There is no ${request.method} ${path} in the Runtime API.`));
    }
    const body = await readBody(request);
    if (requestId !== this.#current) return answer(response, 400, fault('InvalidRequestID', 'Invalid request ID'));
    this.#current = undefined;
    if (kind === 'error') this.#listener?.onError(requestId, body ?? '');
    else this.#listener?.onResponse(requestId, body);
    if (body !== undefined) return answer(response, 202, { status: 'OK' });
    const message = `Exceeded maximum allowed payload size (${MAXIMUM_RESPONSE_BYTES} bytes).`;
    return answer(response, 413, fault('RequestEntityTooLarge', message));
  }

  #next(response: ServerResponse): void {
    this.#waiting = response;
    this.#listener?.onIdle();
  }

  async #initError(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#listener?.onInitError((await readBody(request)) ?? '');
    answer(response, 202, { status: 'OK' });
  }
}

function answer(response: ServerResponse, status: number, document: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(document));
}

function fault(errorType: string, errorMessage: string) {
  return { errorType, errorMessage };
}

/** An X-Ray header that says "not sampled", with a root that is as good as any. */
function traceId(requestId: string, deadlineMs: number): string {
  const seconds = Math.floor(deadlineMs / 1000).toString(16);
  const digits = requestId.replaceAll('-', '');
  return `Root=1-${seconds.padStart(8, '0')}-${digits.slice(0, 24)};Parent=${digits.slice(0, 16)};Sampled=0`;
}

/** Largest response of a synchronous invocation, in bytes: what Lambda's own error message names. */
export const MAXIMUM_RESPONSE_BYTES = 6_291_556;

/** A request's body as text, or undefined when it is larger than {@link MAXIMUM_RESPONSE_BYTES}; then nothing is kept of it. */
export async function readBody(request: IncomingMessage): Promise<string | undefined> {
  let chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAXIMUM_RESPONSE_BYTES) chunks.push(chunk);
    else chunks = [];
  }
  return bytes > MAXIMUM_RESPONSE_BYTES ? undefined : Buffer.concat(chunks, bytes).toString('utf8');
}
