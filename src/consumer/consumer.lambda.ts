import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { openBatchWrite } from '../ledger/batch-write.ts';
import { openLedgerWriter } from '../ledger/writer.ts';
import { openQuarantine } from '../queue/quarantine.ts';
import { lazySqsClient, makeDynamoDBClient } from './clients.ts';
import { readConfig } from './config.ts';
import { handleBatch } from './handle-batch.ts';
import { openTelemetry } from './telemetry.ts';

const { tableName, deadLetterQueueUrl, indexShards, retentionDays, uploaderKeyTemplate } = readConfig();
const send = openBatchWrite(makeDynamoDBClient(), tableName);
const quarantine = openQuarantine({ client: lazySqsClient(), queueUrl: deadLetterQueueUrl });
const telemetry = openTelemetry();
const uploads = { ...(uploaderKeyTemplate !== undefined && { uploaderKeyTemplate }) };
const records = { indexShards, ...(retentionDays !== undefined && { retentionDays }), source: 'notification' } as const;

/** Records the uploads that a batch of SQS messages tells of, and names the messages that must come back. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  telemetry.begin(context);
  const remainingMilliseconds = () => context.getRemainingTimeInMillis();
  const outcome = await handleBatch(event, {
    uploads,
    records,
    ledger: openLedgerWriter({ send, remainingMilliseconds, random: Math.random }),
    sendsEmail: false,
    quarantine,
    onQuarantined: telemetry.quarantined,
    remainingMilliseconds,
    now: Date.now,
  });
  telemetry.report(outcome, Date.now());
  return outcome.response;
}
