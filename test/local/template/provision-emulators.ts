import { buildApp } from 'fauxqs';
import { type LocalClients, openLocalClients } from '../../../src/local/clients.ts';
import { startTableServer } from '../../../src/local/servers/table-server.ts';

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
  const table = await startTableServer();
  const endpoints = { services: endpoint, dynamodb: table.endpoint, ses: endpoint, events: endpoint };
  const clients = openLocalClients(endpoints, region);
  return {
    endpoint,
    clients,
    close: async () => {
      clients.destroy();
      await app.close();
      await table.close();
    },
  };
}
