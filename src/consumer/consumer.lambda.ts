import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createQuarantine } from '../dead-letters/quarantine.ts';
import { toEmailLedger } from '../digest/email/email-ledger.ts';
import { createBatchWrite } from '../ledger/write/batch-write.ts';
import { TableBreaker } from '../ledger/write/table-breaker.ts';
import { LedgerWriter } from '../ledger/write/writer.ts';
import { systemClock as clock } from '../shared/clock.ts';
import { once } from '../shared/concurrency.ts';
import { createDynamoDBClient, loadS3Client, loadSqsClient } from './clients.ts';
import { readConfig } from './config.ts';
import { handleBatch } from './handle-batch.ts';
import { createTelemetry } from './telemetry.ts';

const config = readConfig();
const {
  tableName,
  deadLetterQueueUrl,
  indexShards,
  retentionDays,
  uploaderKeyTemplate,
  email,
  serviceName,
  bucketNames,
  metricsByCategory,
} = config;
const client = createDynamoDBClient();
const send = createBatchWrite(client, tableName);
const breaker = new TableBreaker();
const sqs = once(loadSqsClient);
const quarantine = createQuarantine({ client: sqs, queueUrl: deadLetterQueueUrl });
const telemetry = createTelemetry({ serviceName, bucketNames, metricsByCategory, clock });
const uploads = { ...(uploaderKeyTemplate !== undefined && { uploaderKeyTemplate }) };
const records = { indexShards, ...(retentionDays !== undefined && { retentionDays }), source: 'notification' } as const;

const announcer = config.announcesEmails ? (await import('./announce.ts')).createAnnouncer(send) : undefined;

/** With email every batch runs this code, so it is imported at cold start, when Lambda gives a full CPU. */
const beginEmail =
  email === undefined
    ? undefined
    : (await import('./finish-with-email.ts')).createEmailPart({
        client,
        tableName,
        settings: email,
        queue: { client: sqs, queueUrl: config.queueUrl },
        ledger: toEmailLedger({
          // The name of the service begins with the stack's; only the local stack's ticks set the end.
          ...(!config.ticksSetEnd && { stackName: serviceName.split('/')[0] ?? '' }),
          region: config.region ?? '',
          queueUrl: deadLetterQueueUrl,
          consoleUrl: email.consoleUrl,
        }),
        telemetry,
        clock,
        announcer,
      });

/** Imported at cold start, for the same reason; S3's client is loaded with the first upload. */
const createLookup = config.uploaderMetadata
  ? (await import('./metadata-lookup.ts')).createUploaderLookup({
      client: once(loadS3Client),
      uploaderKeyTemplate,
      log: telemetry.log,
      clock,
    })
  : undefined;

const createPut = config.uploaderMetadata
  ? (await import('../ledger/write/put-unless-better.ts')).createPutUnlessBetter
  : undefined;

/**
 * Records the uploads of a batch of SQS messages, and names the messages that must come back: Lambda keeps them in the
 * queue, and SQS delivers them again after the visibility timeout. A message
 *
 * - whose records are all stored, or are of no interest, is deleted from the queue, and so is S3's test event;
 * - that cannot be read, or that has a record which DynamoDB can never take, is quarantined: its other records are
 *   stored, a copy with the reason goes to the dead-letter queue, and the message is deleted;
 * - of which a record could not be stored this time (throttled, failed call, out of time) comes back, and so does one
 *   whose copy the dead-letter queue did not take. What was stored of it is stored again, as an equal item;
 * - that is a digest tick waits for the records of its batch, and comes back when its digest could not be sent. A stack
 *   without that digest quarantines it;
 * - that is an alert which could not be sent before is handled likewise, for an hour.
 *
 * The end of an invocation can still take acknowledgements back: where digests or alerts are configured and the summary
 * of the batch cannot be stored, every message comes back, except ticks, alerts, and messages in quarantine of which
 * nothing was recorded.
 */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  telemetry.begin(context);
  const remainingMilliseconds = () => context.getRemainingTimeInMillis();
  const bounds = { clock, remainingMilliseconds };
  const invocation = { remainingMilliseconds, requestId: context.awsRequestId, milliseconds: remainingMilliseconds() };
  const invocationEmail = beginEmail?.(invocation);
  // Look-ups end one after the other: no call carries all the records that a summary has to cover.
  const makeRidingItem = config.uploaderMetadata ? undefined : invocationEmail?.makeSummaryItem;
  const ledger = new LedgerWriter({ ...bounds, send, breaker, makeRidingItem });
  const outcome = await handleBatch(event, {
    ...bounds,
    uploads,
    records,
    lookUpUploader: createLookup?.(bounds),
    ledger,
    putUnlessBetter: createPut?.({ ...bounds, client, tableName, ledger }),
    email,
    ticksSetEnd: config.ticksSetEnd,
    quarantine,
    onQuarantined: telemetry.quarantined,
  });
  if (invocationEmail !== undefined) return invocationEmail.finish(event, outcome);
  telemetry.report(outcome);
  return outcome.response;
}
