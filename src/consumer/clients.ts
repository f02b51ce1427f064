import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SESClient } from '@aws-sdk/client-ses';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { SDK_TIMEOUTS } from '../shared/retry.ts';

/** Not the adaptive mode, whose waits would add to those of the ledger writer. */
const SHARED = { requestHandler: SDK_TIMEOUTS, retryMode: 'standard' } as const;

/** The SDK reads Region, credentials and endpoint from Lambda's environment, `AWS_ENDPOINT_URL` included. */
export function createDynamoDBClient(): DynamoDBClient {
  return new DynamoDBClient(SHARED);
}

/** Loads the SDK's SQS package: to be called when there is a message to quarantine. */
export async function loadSqsClient(): Promise<SQSClient> {
  const { SQSClient } = await import('@aws-sdk/client-sqs');
  // Otherwise the host in the queue's URL wins over AWS_ENDPOINT_URL.
  return new SQSClient({ ...SHARED, useQueueUrlAsEndpoint: false });
}

/**
 * Milliseconds. More than the mailer waits for an answer: the mailer gives a slow call up, where the SDK would repeat
 * it and send the email twice.
 */
const SES_TIMEOUT = 10_000;

/** Loads the SDK's SES package: to be called when there is an email to send. */
export async function loadSesClient(): Promise<SESClient> {
  const { SESClient } = await import('../digest/email/ses-client.ts');
  const requestHandler = { ...SDK_TIMEOUTS, requestTimeout: SES_TIMEOUT, socketTimeout: SES_TIMEOUT };
  return new SESClient({ ...SHARED, requestHandler });
}

/** Milliseconds. Short: the uploader can be found without S3's answer as well. */
const S3_TIMEOUT = 1_000;

/** Loads the SDK's S3 package: to be called when there is metadata to read. */
export async function loadS3Client(): Promise<S3Client> {
  const { S3Client } = await import('./s3-client.ts');
  const requestHandler = { ...SDK_TIMEOUTS, requestTimeout: S3_TIMEOUT, socketTimeout: S3_TIMEOUT };
  return new S3Client({ ...SHARED, maxAttempts: 2, requestHandler });
}
