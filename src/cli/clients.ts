import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SchedulerClient } from '@aws-sdk/client-scheduler';
import type { SESClient } from '@aws-sdk/client-ses';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { LOCAL_CREDENTIALS, type LocalEndpoints } from '../local/identity.ts';
import { once } from '../shared/concurrency.ts';

/** How the clients reach AWS or the local stack. The SDK's own chain adds what is absent. */
export interface ClientSettings {
  readonly region?: string;
  readonly profile?: string;
  /** Of the local stack. Absent: AWS. */
  readonly endpoints?: LocalEndpoints;
}

/** SDK clients. Each is loaded and made on first use. */
export interface CliClients {
  cloudformation(): Promise<CloudFormationClient>;
  cloudwatch(): Promise<CloudWatchClient>;
  dynamodb(): Promise<DynamoDBClient>;
  eventbridge(): Promise<EventBridgeClient>;
  lambda(): Promise<LambdaClient>;
  s3(): Promise<S3Client>;
  scheduler(): Promise<SchedulerClient>;
  ses(): Promise<SESClient>;
  sqs(): Promise<SQSClient>;
  /** Closes the connections of those that were made. */
  destroy(): void;
}

export function createClients({ endpoints, ...settings }: ClientSettings): CliClients {
  const made: { destroy(): void }[] = [];
  const keep = <Client extends { destroy(): void }>(client: Client): Client => {
    made.push(client);
    return client;
  };
  const cloudformation = once(async () => {
    const { CloudFormationClient } = await import('@aws-sdk/client-cloudformation');
    return keep(new CloudFormationClient(settings));
  });
  const onAws = awsOnly(settings, keep);
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
    for (const client of made) client.destroy();
  };
  return { cloudformation, ...onAws, dynamodb, s3, sqs, destroy };
}

/** Clients of the services that the local stack does not emulate. */
function awsOnly(
  settings: Omit<ClientSettings, 'endpoints'>,
  keep: <Client extends { destroy(): void }>(client: Client) => Client,
) {
  return {
    cloudwatch: once(async () => {
      const { CloudWatchClient } = await import('@aws-sdk/client-cloudwatch');
      return keep(new CloudWatchClient(settings));
    }),
    eventbridge: once(async () => {
      const { EventBridgeClient } = await import('@aws-sdk/client-eventbridge');
      return keep(new EventBridgeClient(settings));
    }),
    lambda: once(async () => {
      const { LambdaClient } = await import('@aws-sdk/client-lambda');
      return keep(new LambdaClient(settings));
    }),
    scheduler: once(async () => {
      const { SchedulerClient } = await import('@aws-sdk/client-scheduler');
      return keep(new SchedulerClient(settings));
    }),
    ses: once(async () => {
      const { SESClient } = await import('@aws-sdk/client-ses');
      return keep(new SESClient(settings));
    }),
  };
}
