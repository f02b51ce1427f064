import type { LocalEndpoints } from './clients.ts';
import { LOCAL_REGION } from './local-identity.ts';
import { type MailServer, startMailServer } from './mail-server.ts';
import type { OnCall } from './service-call/service-call.ts';
import { type ServiceServer, startServiceServer } from './service-server.ts';
import { startTableServer, type TableServer } from './table-server.ts';

/** Fixed ports of the emulators. @default free ones */
export interface LocalPorts {
  /** S3 and SQS. */
  readonly services?: number;
  readonly dynamodb?: number;
  readonly mail?: number;
}

/** The emulators, each on 127.0.0.1. */
export interface LocalServers {
  readonly services: ServiceServer;
  readonly table: TableServer;
  readonly mail: MailServer;
  readonly endpoints: LocalEndpoints;
  close(): Promise<void>;
}

/**
 * Starts all emulators, or none: when one cannot start, the others are closed again.
 *
 * @throws what the first of them failed with, such as `EADDRINUSE` for a fixed port.
 */
export async function startLocalServers(
  { services, dynamodb, mail }: LocalPorts,
  onCall?: OnCall,
): Promise<LocalServers> {
  const told = onCall === undefined ? {} : { onCall };
  const starting = [
    startServiceServer({ ...told, region: LOCAL_REGION, ...(services !== undefined && { port: services }) }),
    startTableServer({ ...told, ...(dynamodb !== undefined && { port: dynamodb }) }),
    startMailServer({ ...told, ...(mail !== undefined && { port: mail }) }),
  ] as const;
  const settled = await Promise.allSettled(starting);
  const failure = settled.find((result) => result.status === 'rejected');
  if (failure !== undefined) {
    await Promise.all(settled.map((result) => (result.status === 'fulfilled' ? result.value.close() : undefined)));
    throw failure.reason;
  }
  const [serviceServer, table, mailServer] = await Promise.all(starting);
  return {
    services: serviceServer,
    table,
    mail: mailServer,
    endpoints: { services: serviceServer.endpoint, dynamodb: table.endpoint, ses: mailServer.endpoint },
    close: async () => {
      await Promise.all([serviceServer.close(), table.close(), mailServer.close()]);
    },
  };
}
