import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LocalEndpoints } from '../local/clients.ts';

/** How the clients reach AWS or the local stack. What is absent comes from the SDK's usual chain. */
export interface ClientSettings {
  readonly region?: string;
  readonly profile?: string;
  /** Of the local stack. Absent: AWS. */
  readonly endpoints?: LocalEndpoints;
}

/** SDK clients. Each is loaded and made when it is first asked for: `--help` needs none of them. */
export interface CliClients {
  cloudformation(): Promise<CloudFormationClient>;
  dynamodb(): Promise<DynamoDBClient>;
  /** Closes the connections of those that were made. */
  destroy(): void;
}

/** The emulators check no signature. */
const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

export function openClients({ endpoints, ...settings }: ClientSettings): CliClients {
  const opened: { destroy(): void }[] = [];
  const keep = <Client extends { destroy(): void }>(client: Client): Client => {
    opened.push(client);
    return client;
  };
  const cloudformation = once(async () => {
    const { CloudFormationClient } = await import('@aws-sdk/client-cloudformation');
    return keep(new CloudFormationClient(settings));
  });
  const dynamodb = once(async () => {
    const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
    const local = endpoints && { endpoint: endpoints.dynamodb, credentials: LOCAL_CREDENTIALS };
    return keep(new DynamoDBClient({ ...settings, ...local }));
  });
  const destroy = () => {
    for (const client of opened) client.destroy();
  };
  return { cloudformation, dynamodb, destroy };
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
