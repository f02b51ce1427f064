import type { LocalEndpoints } from './identity.ts';
import type { OpenResources } from './open-resources.ts';
import { type EventServer, startEventServer } from './servers/event-server.ts';
import { type MailServer, startMailServer } from './servers/mail-server.ts';
import type { OnCall } from './servers/service-call.ts';
import { type ServiceServer, startServiceServer } from './servers/service-server.ts';
import { startTableServer, type TableServer } from './servers/table-server.ts';

/** Fixed ports of emulators. @default free ones */
interface LocalPorts {
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
  readonly events: EventServer;
  readonly endpoints: LocalEndpoints;
}

export interface LocalServersOptions {
  readonly ports?: LocalPorts;
  /** Called for each call that the servers receive, with its caller: the function signs as itself. */
  readonly onCall?: OnCall;
}

/** Opens the emulators, each on 127.0.0.1. */
export async function openServers(
  { ports = {}, onCall }: LocalServersOptions,
  opened: OpenResources,
): Promise<LocalServers> {
  const at = (port?: number) => ({ ...(onCall && { onCall }), ...(port !== undefined && { port }) });
  const close = (server: { close(): Promise<void> }) => server.close();
  const services = await opened.open('S3 and SQS', () => startServiceServer(at(ports.services)), close);
  const table = await opened.open('DynamoDB', () => startTableServer(at(ports.dynamodb)), close);
  const mail = await opened.open('SES', () => startMailServer(at(ports.mail)), close);
  const events = await opened.open('EventBridge', () => startEventServer(at()), close);
  const endpoints = {
    services: services.endpoint,
    dynamodb: table.endpoint,
    ses: mail.endpoint,
    events: events.endpoint,
  };
  return { services, table, mail, events, endpoints };
}
