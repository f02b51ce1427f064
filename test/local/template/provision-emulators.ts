import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { buildApp } from 'fauxqs';
import { type LocalClients, openLocalClients } from '../../../src/local/clients.ts';

const dynalite = createRequire(import.meta.url)('dynalite') as (options: { createTableMs: number }) => Server;

export interface Emulators {
  /** Of S3 and SQS. */
  readonly endpoint: string;
  readonly clients: LocalClients;
  close(): Promise<void>;
}

/** The emulators as they come, in this process on free ports. */
export async function startEmulators(region: string): Promise<Emulators> {
  const app = buildApp({ logger: false, defaultRegion: region });
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const dynamodb = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clients = openLocalClients({ services: endpoint, dynamodb, ses: endpoint }, region);
  return {
    endpoint,
    clients,
    close: async () => {
      clients.destroy();
      await app.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
