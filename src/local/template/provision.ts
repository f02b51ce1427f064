import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  ResourceInUseException,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { type BucketLocationConstraint, CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { systemClock } from '../../shared/clock.ts';
import { UploadLedgerError } from '../../shared/errors.ts';
import type { LocalClients } from '../clients.ts';
import type {
  BucketResource,
  LocalResources,
  QueueResource,
  TableIndex,
  TableKey,
  TableResource,
} from './resources.ts';
import { toTableKey } from './storage-resources.ts';

/**
 * Makes the buckets, queues and tables of the template in the emulators. What exists already stays, with its content,
 * and takes the template's attributes. Notifications, event source mappings and functions are not the emulators' but
 * our own.
 *
 * @throws UploadLedgerError `other-table` or `other-queue` when an emulator holds something that the template cannot
 *   have made.
 */
export async function provision(
  resources: LocalResources,
  { s3, sqs, dynamodb }: Pick<LocalClients, 's3' | 'sqs' | 'dynamodb'>,
): Promise<void> {
  await Promise.all([
    ...resources.buckets.map((bucket) => provisionBucket(bucket, s3, resources.region)),
    provisionQueues(resources.queues, sqs),
    ...resources.tables.map((table) => provisionTable(table, dynamodb)),
  ]);
}

/** The emulator accepts a bucket that exists already, as S3 does in us-east-1. */
async function provisionBucket({ name }: BucketResource, s3: S3Client, region: string): Promise<void> {
  // There is no location constraint that names us-east-1.
  const location = region === 'us-east-1' ? {} : { LocationConstraint: region as BucketLocationConstraint };
  await s3.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration: location }));
}

/** Makes all queues before their attributes are set, because a queue and its dead-letter queue name each other. */
async function provisionQueues(queues: readonly QueueResource[], sqs: SQSClient): Promise<void> {
  await Promise.all(queues.map(({ name }) => sqs.send(new CreateQueueCommand({ QueueName: name }))));
  await Promise.all(queues.map((queue) => setAttributes(queue, sqs)));
}

async function setAttributes(queue: QueueResource, sqs: SQSClient): Promise<void> {
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes: attributesOf(queue) }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: ['QueueArn'] }),
  );
  // Redrive and notifications use the ARN: under another account or Region nothing would arrive.
  if (Attributes?.QueueArn !== queue.arn) {
    throw new UploadLedgerError(
      'other-queue',
      `Expected the emulator to make the queue ${queue.arn}, it made ${Attributes?.QueueArn}. ` +
        `Read the template for the emulator's own account and Region.`,
    );
  }
}

function attributesOf(queue: QueueResource): Record<string, string> {
  const { redrive, redriveAllowedFrom: allowed } = queue;
  return {
    VisibilityTimeout: String(queue.visibilityTimeoutSeconds),
    MessageRetentionPeriod: String(queue.retentionSeconds),
    ...(redrive && {
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: redrive.deadLetterQueueArn,
        maxReceiveCount: redrive.maxReceiveCount,
      }),
    }),
    ...(allowed && {
      RedriveAllowPolicy: JSON.stringify(
        allowed.length > 0
          ? { redrivePermission: 'byQueue', sourceQueueArns: allowed }
          : { redrivePermission: 'denyAll' },
      ),
    }),
  };
}

/** Milliseconds between two looks at a table that is being made. */
const POLL_MS = 5;

/**
 * Makes the table with its indexes unless it exists, and waits until it can be used. The emulator has no time to live:
 * items stay past their time.
 */
export async function provisionTable(table: TableResource, dynamodb: DynamoDBClient): Promise<void> {
  try {
    await dynamodb.send(createCommand(table));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  assertSame(table, await activeTable(table.name, dynamodb));
}

function createCommand(table: TableResource): CreateTableCommand {
  return new CreateTableCommand({
    TableName: table.name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: Object.entries(table.attributeTypes).map(([AttributeName, AttributeType]) => ({
      AttributeName,
      AttributeType,
    })),
    KeySchema: keySchema(table),
    ...(table.indexes.length > 0 && {
      GlobalSecondaryIndexes: table.indexes.map((index) => ({
        IndexName: index.name,
        KeySchema: keySchema(index),
        Projection: { ProjectionType: 'ALL' },
      })),
    }),
  });
}

function keySchema({ partitionKey, sortKey }: TableKey): KeySchemaElement[] {
  const partition: KeySchemaElement = { AttributeName: partitionKey, KeyType: 'HASH' };
  return sortKey === undefined ? [partition] : [partition, { AttributeName: sortKey, KeyType: 'RANGE' }];
}

async function activeTable(name: string, dynamodb: DynamoDBClient): Promise<TableDescription> {
  for (;;) {
    const { Table: table } = await dynamodb.send(new DescribeTableCommand({ TableName: name }));
    const statuses = [table?.TableStatus, ...(table?.GlobalSecondaryIndexes ?? []).map((index) => index.IndexStatus)];
    if (table && statuses.every((status) => status === 'ACTIVE')) return table;
    await systemClock.sleep(POLL_MS);
  }
}

/** A table that an older template made stays as it is: its keys cannot be changed. */
function assertSame(table: TableResource, found: TableDescription): void {
  const { KeySchema = [], GlobalSecondaryIndexes = [] } = found;
  const indexes = GlobalSecondaryIndexes.map((index) => ({
    name: index.IndexName ?? '',
    ...toTableKey(index.KeySchema ?? []),
  }));
  const expected = describeKeys(table, table.indexes);
  const actual = describeKeys(toTableKey(KeySchema), indexes);
  if (actual === expected) return;
  throw new UploadLedgerError(
    'other-table',
    `Expected the table ${table.name} with the keys and indexes ${expected}, found ${actual}. ` +
      'An older version made it: start with an empty data directory.',
  );
}

function describeKeys(key: TableKey, indexes: readonly TableIndex[]): string {
  const one = ({ partitionKey, sortKey }: TableKey) => [partitionKey, sortKey].filter(Boolean).join(' + ');
  return [one(key), ...indexes.map((index) => `${index.name} (${one(index)})`).sort()].join(', ');
}
