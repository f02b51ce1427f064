import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { LOCAL_CREDENTIALS, type LocalEndpoints } from './identity.ts';

/** SDK clients of the local stack's own parts. */
export interface LocalClients {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
  /** Closes the clients' connections. */
  destroy(): void;
}

/**
 * Clients for the emulators at `endpoints`, signing as `accessKeyId` (the local stack takes it as the uploader's name).
 */
export function openLocalClients(
  endpoints: LocalEndpoints,
  region: string,
  accessKeyId: string = LOCAL_CREDENTIALS.accessKeyId,
): LocalClients {
  // An endpoint of our own has neither a FIPS nor a dual-stack form, whatever the environment asks for.
  const plain = { useFipsEndpoint: false, useDualstackEndpoint: false };
  const shared = { region, credentials: { ...LOCAL_CREDENTIALS, accessKeyId }, ...plain };
  // Otherwise a presigned PUT would carry the checksum of an empty body; the local S3, as others, refuses any other body.
  const checksums = { requestChecksumCalculation: 'WHEN_REQUIRED' } as const;
  const s3 = new S3Client({ ...shared, ...checksums, endpoint: endpoints.services, forcePathStyle: true });
  const sqs = new SQSClient({ ...shared, endpoint: endpoints.services, useQueueUrlAsEndpoint: false });
  const dynamodb = new DynamoDBClient({ ...shared, endpoint: endpoints.dynamodb });
  return {
    s3,
    sqs,
    dynamodb,
    destroy: () => {
      for (const client of [s3, sqs, dynamodb]) client.destroy();
    },
  };
}
