import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createQuarantine } from '../dead-letters/quarantine.ts';
import { createBatchWrite } from '../ledger/write/batch-write.ts';
import { openLedgerWriter } from '../ledger/write/writer.ts';
import { lazyS3Client, lazySqsClient, makeDynamoDBClient } from './clients.ts';
import { readConfig } from './config.ts';
import type { FinishBatch } from './finish-with-email.ts';
import { handleBatch } from './handle-batch.ts';
import { openTelemetry } from './telemetry.ts';

const config = readConfig();
const { tableName, deadLetterQueueUrl, indexShards, retentionDays, uploaderKeyTemplate, email, serviceName } = config;
const client = makeDynamoDBClient();
const send = createBatchWrite(client, tableName);
const quarantine = createQuarantine({ client: lazySqsClient(), queueUrl: deadLetterQueueUrl });
const telemetry = openTelemetry(serviceName);
const uploads = { ...(uploaderKeyTemplate !== undefined && { uploaderKeyTemplate }) };
const records = { indexShards, ...(retentionDays !== undefined && { retentionDays }), source: 'notification' } as const;

const finishWithoutEmail: FinishBatch = async (_, outcome, { now }) => {
  telemetry.report(outcome, now());
  return outcome.response;
};

/** Every batch of a stack with email needs its part of the code: it loads while the environment starts, which has a whole processor. */
const finish =
  email === undefined
    ? finishWithoutEmail
    : (await import('./finish-with-email.ts')).openEmail({ config: email, client, tableName, telemetry });

/** Loads with the environment as well; S3's client with the first upload. */
const openLookup = config.uploaderMetadata
  ? (await import('./metadata-lookup.ts')).openUploaderLookup({
      client: lazyS3Client(),
      uploaderKeyTemplate,
      log: telemetry.log,
    })
  : undefined;

/** Records the uploads that a batch of SQS messages tells of, and names the messages that must come back. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  telemetry.begin(context);
  const remainingMilliseconds = () => context.getRemainingTimeInMillis();
  const bounds = { remainingMilliseconds, now: Date.now, random: Math.random };
  const invocation = { ...bounds, requestId: context.awsRequestId, milliseconds: remainingMilliseconds() };
  const outcome = await handleBatch(event, {
    ...bounds,
    uploads,
    records,
    lookUpUploader: openLookup?.(bounds),
    ledger: openLedgerWriter({ ...bounds, send }),
    sendsEmail: email !== undefined,
    quarantine,
    onQuarantined: telemetry.quarantined,
  });
  return finish(event, outcome, invocation);
}
