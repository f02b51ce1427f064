import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
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
  s3(): Promise<S3Client>;
  sqs(): Promise<SQSClient>;
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
  const services = endpoints && { endpoint: endpoints.services, credentials: LOCAL_CREDENTIALS };
  const s3 = once(async () => {
    const { S3Client } = await import('@aws-sdk/client-s3');
    return keep(new S3Client({ ...settings, ...services, ...(services && { forcePathStyle: true }) }));
  });
  const sqs = once(async () => {
    const { SQSClient } = await import('@aws-sdk/client-sqs');
    return keep(new SQSClient({ ...settings, ...services, useQueueUrlAsEndpoint: false }));
  });
  const destroy = () => {
    for (const client of opened) client.destroy();
  };
  return { cloudformation, dynamodb, s3, sqs, destroy };
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
