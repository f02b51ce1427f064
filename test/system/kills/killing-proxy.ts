import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** Where in a request the sender is killed. */
export interface KillPoint {
  /** Of the requests since it was set, 1 for the first. */
  readonly request: number;
  /** Before the service receives it, or after the service has done it and before the answer comes back. */
  readonly when: 'before' | 'after';
  /** Kills the sender. */
  readonly kill: () => void;
}

/** A proxy that passes requests on to a service, counts them, and kills the sender at one of them. */
export interface KillingProxy {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Counts over all proxies of one process. */
export class Killer {
  #point: KillPoint | undefined;
  #count = 0;

  /** Requests since the last {@link aim}. */
  get count(): number {
    return this.#count;
  }

  /** Counts from here on, and kills at `point`, if given. */
  aim(point?: KillPoint): void {
    this.#point = point;
    this.#count = 0;
  }

  /** The point, when this request is the one. */
  next(): KillPoint | undefined {
    this.#count += 1;
    return this.#point?.request === this.#count ? this.#point : undefined;
  }
}

/**
 * Opens a proxy in front of `target`.
 *
 * @param rewrite Changes the body of a JSON request before it is passed on.
 */
export async function openKillingProxy(
  target: string,
  killer: Killer,
  rewrite: (body: Record<string, unknown>, action: string) => void = () => undefined,
): Promise<KillingProxy> {
  const server = createServer(async (incoming, response) => {
    const point = killer.next();
    const body = await rewritten(incoming, rewrite);
    if (point?.when === 'before') return point.kill();
    passOn(target, incoming, body, response, point?.kill);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function rewritten(incoming: IncomingMessage, rewrite: (body: Record<string, unknown>, action: string) => void) {
  const body = await buffer(incoming);
  const action = String(incoming.headers['x-amz-target'] ?? '');
  if (!action.startsWith('AmazonSQS.')) return body;
  const fields = JSON.parse(body.toString());
  rewrite(fields, action.slice('AmazonSQS.'.length));
  return Buffer.from(JSON.stringify(fields));
}

/** @param instead Called in place of an answer, when the service has done what it was asked. */
function passOn(
  target: string,
  incoming: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
  instead?: () => void,
) {
  const headers = { ...incoming.headers, 'content-length': String(body.length) };
  const outgoing = request(new URL(incoming.url ?? '/', target), { method: incoming.method ?? 'GET', headers });
  outgoing.once('error', () => response.destroy());
  outgoing.once('response', (answer) => {
    if (instead !== undefined) {
      answer.resume();
      answer.once('end', instead);
      return;
    }
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(response);
  });
  outgoing.end(body);
}
