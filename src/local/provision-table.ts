import { setTimeout as delay } from 'node:timers/promises';
import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  type KeySchemaElement,
  ResourceInUseException,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { UploadLedgerError } from '../shared/errors.ts';
import type { TableKey, TableResource } from './template-resources.ts';

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
