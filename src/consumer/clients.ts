import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SESClient } from '@aws-sdk/client-ses';
import type { SQSClient } from '@aws-sdk/client-sqs';

/**
 * Bounds in milliseconds, so that a service that does not answer costs an attempt and not the whole invocation: within one Region
 * both take a few milliseconds. Without `throwOnRequestTimeout` the SDK only warns.
 */
const TIMEOUTS = { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true } as const;

/** Standard retries: the SDK's adaptive mode would slow calls down beside the ledger writer's own waits. */
const SHARED = { requestHandler: TIMEOUTS, retryMode: 'standard' } as const;

/**
 * The consumer's DynamoDB client. The SDK reads Region, credentials and endpoint from Lambda's environment,
 * `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_DYNAMODB` included.
 */
export function makeDynamoDBClient(): DynamoDBClient {
  return new DynamoDBClient(SHARED);
}

/** The consumer's SQS client, loaded and made when it is first asked for: most invocations never need it. */
export function lazySqsClient(): () => Promise<SQSClient> {
  return once(async () => {
    const { SQSClient } = await import('@aws-sdk/client-sqs');
    // Otherwise the host in the queue's URL wins over AWS_ENDPOINT_URL.
    return new SQSClient({ ...SHARED, useQueueUrlAsEndpoint: false });
  });
}

/**
 * Milliseconds, more than the mailer waits for an answer: it gives a slow call up, where the SDK would repeat it and send the email
 * twice.
 */
const SES_TIMEOUT = 10_000;

/** The consumer's SES client, loaded and made when there is an email to send. */
export function lazySesClient(): () => Promise<SESClient> {
  return once(async () => {
    const { SESClient } = await import('../digest/email/ses-client.ts');
    return new SESClient({ ...SHARED, requestHandler: { ...TIMEOUTS, requestTimeout: SES_TIMEOUT } });
  });
}

/** Milliseconds for S3 to answer: who uploaded is found without it as well. */
const S3_TIMEOUT = 1_000;

/** The consumer's S3 client, loaded and made when there is metadata to read. */
export function lazyS3Client(): () => Promise<S3Client> {
  return once(async () => {
    const { S3Client } = await import('./s3-client.ts');
    return new S3Client({ ...SHARED, maxAttempts: 2, requestHandler: { ...TIMEOUTS, requestTimeout: S3_TIMEOUT } });
  });
}

function once<Arguments extends unknown[], Value>(make: (...args: Arguments) => Promise<Value>) {
  let made: Promise<Value> | undefined;
  return (...args: Arguments): Promise<Value> => {
    made ??= make(...args);
    return made;
  };
}
