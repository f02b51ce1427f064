import { setTimeout as sleep } from 'node:timers/promises';
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, type BatchWriteCommandInput, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import { type S3EventRecord, toUploadItem, type UploadItem } from './upload-item.ts';

const PUTS_A_CALL = 25;
const MAX_TRIES = 8;
const FIRST_WAIT_MS = 50;

const documents = DynamoDBDocumentClient.from(new DynamoDBClient());
const processor = new BatchProcessor(EventType.SQS);
const logger = new Logger({ serviceName: 'uploads' });
const metrics = new Metrics({ serviceName: 'uploads' });
const tableName = process.env.LEDGER_TABLE_NAME ?? '';

type Writes = NonNullable<BatchWriteCommandInput['RequestItems']>[string];

interface PendingPut {
  readonly item: UploadItem;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

let pending: PendingPut[] = [];

/**
 * What a good engineer writes who knows both libraries: Powertools' batch processor, and handlers whose puts share
 * calls of 25, as DataLoader does it for reads. Unprocessed items are sent again with full jitter. One log line a
 * batch, and its metrics: what was received and failed, and size and delay of each upload.
 */
export async function handler(event: SQSEvent, context: Context) {
  logger.addContext(context);
  const response = await processPartialResponse(event, recordHandler, processor, { context });
  const messages = event.Records.length;
  const failed = response.batchItemFailures.length;
  logger.info('Batch recorded', { messages, failed });
  metrics.addMetric('MessagesReceived', MetricUnit.Count, messages);
  metrics.addMetric('MessagesFailed', MetricUnit.Count, failed);
  metrics.publishStoredMetrics();
  return response;
}

async function recordHandler(message: SQSRecord): Promise<void> {
  const { Records } = JSON.parse(message.body);
  await Promise.all(Records.map(store));
}

async function store(record: S3EventRecord): Promise<void> {
  await put(toUploadItem(record));
  metrics.addMetric('UploadBytes', MetricUnit.Bytes, record.s3.object.size);
  metrics.addMetric('RecordingDelay', MetricUnit.Milliseconds, Date.now() - Date.parse(record.eventTime));
}

/** The handlers of a batch run at once, so all their puts are pending at the end of the turn. */
function put(item: UploadItem): Promise<void> {
  return new Promise((resolve, reject) => {
    if (pending.length === 0) setImmediate(sendPending);
    pending.push({ item, resolve, reject });
  });
}

function sendPending(): void {
  const puts = pending;
  pending = [];
  for (let start = 0; start < puts.length; start += PUTS_A_CALL) void send(puts.slice(start, start + PUTS_A_CALL));
}

async function send(puts: readonly PendingPut[]): Promise<void> {
  try {
    await write(puts.map(({ item }) => ({ PutRequest: { Item: item } })));
    for (const { resolve } of puts) resolve();
  } catch (error) {
    for (const { reject } of puts) reject(error);
  }
}

async function write(puts: Writes): Promise<void> {
  let unprocessed = puts;
  for (let tries = 1; ; tries++) {
    const command = new BatchWriteCommand({ RequestItems: { [tableName]: unprocessed } });
    const { UnprocessedItems = {} } = await documents.send(command);
    unprocessed = UnprocessedItems[tableName] ?? [];
    if (unprocessed.length === 0) return;
    if (tries === MAX_TRIES) throw new Error(`${unprocessed.length} items were unprocessed ${tries} times.`);
    await sleep(Math.random() * FIRST_WAIT_MS * 2 ** tries);
  }
}
