import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../shared/clock.ts';
import { UploadLedgerError } from '../../shared/errors.ts';
import { LiveFeed } from '../live/live-feed.ts';
import type { ConsoleSource } from '../source.ts';
import { hostName } from './access.ts';
import { answer, pagePolicy } from './answer.ts';
import { readPageFiles } from './page-files.ts';
import { createRoutes } from './routes.ts';

export interface ConsoleOptions {
  readonly source: ConsoleSource;
  /** Address to listen on. @default '127.0.0.1', which no other machine reaches */
  readonly address?: string;
  /** @default a free one */
  readonly port?: number;
  /** What went wrong, for people. */
  readonly explain: (error: unknown) => string;
  /** @default 32 random bytes */
  readonly token?: string;
}

/** The console, listening. */
export interface ConsoleServer {
  /** Such as `http://127.0.0.1:41234`. Lets nobody in by itself. */
  readonly url: string;
  /** The address that lets its reader in. A secret. */
  readonly link: string;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

/**
 * Serves the console to whoever has its link.
 *
 * @throws UploadLedgerError `console-port` when it cannot listen there.
 */
export async function startConsole(options: ConsoleOptions): Promise<ConsoleServer> {
  const { source, address = '127.0.0.1', explain } = options;
  const { token = randomBytes(32).toString('base64url') } = options;
  const { reader, readQueues, pollMilliseconds } = source;
  const files = await readPageFiles();
  const feed = new LiveFeed({ reader, readQueues, pollMilliseconds, clock: systemClock, explain });
  const rules = { address, token };
  const routes = createRoutes({ source, feed, rules, now: systemClock.now, explain });
  const policy = pagePolicy(source.uploads === undefined ? [] : [source.uploads.origin]);
  const server = createServer();
  const port = await listen(server, address, options.port ?? 0);

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void answer({ request, response, rules, files, routes, policy, explain });
  });
  const url = `http://${hostName(address)}:${port}`;
  return {
    url,
    // A browser keeps what is behind the # to itself: no server, proxy or log sees it.
    link: `${url}/#token=${token}`,
    close: async () => {
      feed.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const message = `The console cannot listen on ${host}:${port} (${cause.code}): choose another port or address.`;
      reject(new UploadLedgerError('console-port', message, { cause }));
    });
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}
