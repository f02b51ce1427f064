import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { seededRandom } from '../../../src/shared/seeded-random.ts';

/** How the endpoints of the webhooks behave. */
export const RECEIVERS = ['good', 'flaky', 'gone', 'hangs', 'resets', 'away'] as const;

export type ReceiverName = (typeof RECEIVERS)[number];

/** The endpoint that hangs gets one upload in twenty: each of its requests takes a timeout. */
export const SLOW = 'slow/';
export const SLOW_SHARE = 20;

/** The setting `webhooks` of such a stack. */
export function webhookSettings(): string {
  return JSON.stringify(
    RECEIVERS.map((name) => ({
      name,
      url: addressOf(name),
      secretName: 'ledger/hooks',
      ...(name === 'hangs' && { prefix: SLOW }),
    })),
  );
}

/** Of a webhook, in the template. */
export function addressOf(name: ReceiverName): string {
  return `https://${name}.example.com/hooks`;
}

/** A server on this machine that webhooks reach. */
export interface Receiver {
  readonly url: string;
  /** How often it got and accepted each event, by the event's id. */
  readonly accepted: ReadonlyMap<string, number>;
  /** Requests, accepted or not. */
  readonly requests: () => number;
  /** From now on it behaves like `good`. */
  recover(): void;
  /** Connections that broke while it was away. */
  readonly broken: () => number;
  /** Whether it breaks every connection. It keeps its port, which another program could get meanwhile. */
  setAway(isAway: boolean): void;
  close(): Promise<void>;
}

/** @returns whether the event was accepted. */
type Behaviour = (response: ServerResponse) => boolean;

const accepts: Behaviour = (response) => {
  response.writeHead(204).end();
  return true;
};

function behaviours(seed: number): Readonly<Record<ReceiverName, Behaviour>> {
  const random = seededRandom(seed);
  const isLucky = () => random() < 0.5;
  return {
    good: accepts,
    away: accepts,
    flaky: (response) => {
      if (isLucky()) return accepts(response);
      const status = isLucky() ? 503 : 429;
      response.writeHead(status, status === 429 ? { 'retry-after': '2' } : {}).end();
      return false;
    },
    gone: (response) => {
      response.writeHead(410).end();
      return false;
    },
    hangs: () => false,
    resets: (response) => {
      if (isLucky()) return accepts(response);
      response.writeHead(200, { 'content-length': '100' }).write('{');
      setImmediate(() => response.destroy());
      return false;
    },
  };
}

/** Starts one receiver of each kind on a free port. */
export async function startReceivers(seed: number): Promise<Readonly<Record<ReceiverName, Receiver>>> {
  const all = behaviours(seed);
  const started = RECEIVERS.map(async (name) => [name, await startReceiver(all[name])] as const);
  return Object.fromEntries(await Promise.all(started)) as Record<ReceiverName, Receiver>;
}

async function startReceiver(first: Behaviour): Promise<Receiver> {
  const accepted = new Map<string, number>();
  let behaviour = first;
  let requests = 0;
  let broken = 0;
  let isAway = false;
  const server = createServer(async (request, response) => {
    requests += 1;
    // A request that breaks off counts as none.
    const event = await json(request).catch(() => undefined);
    if (event === undefined || !behaviour(response)) return;
    const { id } = event as { readonly id: string };
    accepted.set(id, (accepted.get(id) ?? 0) + 1);
  });
  server.on('connection', (socket) => {
    if (!isAway) return;
    broken += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hooks`,
    accepted,
    requests: () => requests,
    recover: () => {
      behaviour = accepts;
    },
    broken: () => broken,
    setAway: (away) => {
      isAway = away;
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
