import { setTimeout as delay } from 'node:timers/promises';
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
import { UploadLedgerError } from '../../shared/errors.ts';
import type { LocalClients } from '../clients.ts';
import type { BucketResource, LocalResources, QueueResource, TableKey, TableResource } from './resources.ts';

/** Makes the bucket. The emulator takes a bucket that is there for made, as S3 does in its oldest Region. */
export async function provisionBucket({ name }: BucketResource, s3: S3Client, region: string): Promise<void> {
  // That Region has no constraint to name it.
  const location = region === 'us-east-1' ? {} : { LocationConstraint: region as BucketLocationConstraint };
  await s3.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration: location }));
}

/**
 * Makes the queues, and then sets their attributes: a queue and its dead-letter queue point at each other, so that both must
 * be there first.
 */
export async function provisionQueues(queues: readonly QueueResource[], sqs: SQSClient): Promise<void> {
  await Promise.all(queues.map(({ name }) => sqs.send(new CreateQueueCommand({ QueueName: name }))));
  await Promise.all(queues.map((queue) => setAttributes(queue, sqs)));
}

async function setAttributes(queue: QueueResource, sqs: SQSClient): Promise<void> {
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes: attributesOf(queue) }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: ['QueueArn'] }),
  );
  // Redrive and notifications go by ARN: under another account or Region nothing would ever arrive.
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

/** Between two looks at a table that is being made. */
const POLL_MILLISECONDS = 5;

/**
 * Makes the table with its indexes unless it is there, and waits until it can be used. Time to live is left out: the emulator has
 * none, so items stay past their time.
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
    await delay(POLL_MILLISECONDS);
  }
}

/** A table that an older template made stays as it is: its keys cannot be changed. */
function assertSame(table: TableResource, found: TableDescription): void {
  const expected = shape(table, table.indexes);
  const actual = shape(
    toKey(found.KeySchema),
    (found.GlobalSecondaryIndexes ?? []).map((index) => ({ name: index.IndexName ?? '', ...toKey(index.KeySchema) })),
  );
  if (actual === expected) return;
  throw new UploadLedgerError(
    'other-table',
    `Expected the table ${table.name} with the keys and indexes ${expected}, found ${actual}. ` +
      'An older version made it: start with an empty data directory.',
  );
}

function toKey(schema: readonly KeySchemaElement[] = []): TableKey {
  const attribute = (type: string) => schema.find(({ KeyType }) => KeyType === type)?.AttributeName;
  const sortKey = attribute('RANGE');
  return { partitionKey: attribute('HASH') ?? '', ...(sortKey !== undefined && { sortKey }) };
}

function shape(key: TableKey, indexes: readonly (TableKey & { readonly name: string })[]): string {
  const one = ({ partitionKey, sortKey }: TableKey) => [partitionKey, sortKey].filter(Boolean).join(' + ');
  return [one(key), ...indexes.map((index) => `${index.name} (${one(index)})`).sort()].join(', ');
}

export type ProvisionClients = Pick<LocalClients, 's3' | 'sqs' | 'dynamodb'>;

/**
 * Makes the buckets, queues and tables of the template in the emulators. What is there already stays, with all that it holds, and
 * takes the template's attributes.
 *
 * Notifications, event source mappings and functions are no part of it: the emulators have none, they are our own.
 *
 * @throws UploadLedgerError `other-table` or `other-queue` when an emulator holds something that the template cannot have made.
 */
export async function provision(resources: LocalResources, { s3, sqs, dynamodb }: ProvisionClients): Promise<void> {
  await Promise.all([
    ...resources.buckets.map((bucket) => provisionBucket(bucket, s3, resources.region)),
    provisionQueues(resources.queues, sqs),
    ...resources.tables.map((table) => provisionTable(table, dynamodb)),
  ]);
}
