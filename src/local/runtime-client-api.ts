import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import type { ErrorDocument } from './runtime-client-error.ts';

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
