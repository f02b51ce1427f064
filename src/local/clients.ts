import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';

/** Region of everything local, as far as the emulators name one. */
export const LOCAL_REGION = 'us-east-1';

/** Account of everything local, the same as the emulators'. */
export const LOCAL_ACCOUNT_ID = '000000000000';

/** Where the emulators listen, such as `http://127.0.0.1:41234`. */
export interface LocalEndpoints {
  /** S3 and SQS. */
  readonly services: string;
  readonly dynamodb: string;
  readonly ses: string;
}

/** SDK clients of the local stack's own parts. */
export interface LocalClients {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
  /** Closes the clients' connections. */
  destroy(): void;
}

/** The credentials that the stack itself uses; the emulators check no signature. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

/** Clients for the emulators at `endpoints`, signing as `accessKeyId` (the local stack takes it as the uploader's name). */
export function openLocalClients(
  endpoints: LocalEndpoints,
  region: string,
  accessKeyId: string = LOCAL_CREDENTIALS.accessKeyId,
): LocalClients {
  const shared = { region, credentials: { ...LOCAL_CREDENTIALS, accessKeyId } };
  // Otherwise a presigned PUT would carry the checksum of an empty body, and S3 refuses every other body.
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
