import { BatchWriteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { TABLE } from '../../../src/contract/table.ts';
import { dayShard, shardOf, uploaderShard } from '../../../src/ledger/index-shard.ts';
import { toItem } from '../../../src/ledger/item.ts';
import type { Item, ReaderTable } from '../../../src/ledger/read/query.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { startTableServer } from '../../../src/local/servers/table-server.ts';
import { createTable } from '../create-table.ts';
import { ledgerRecord } from '../records.ts';

export const INDEX_SHARDS = 4;

/** A ledger table in this process, with both indexes. */
export interface LedgerTable extends ReaderTable {
  readonly client: DynamoDBClient;
  readonly endpoint: string;
  put(...records: readonly LedgerRecord[]): Promise<void>;
  /** Puts any item. */
  putItem(item: Item): Promise<void>;
  close(): Promise<void>;
}

export async function openLedgerTable(): Promise<LedgerTable> {
  const server = await startTableServer();
  const { endpoint } = server;
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
  const client = new DynamoDBClient({ endpoint, region: 'eu-west-1', credentials });
  const tableName = 'ledger';
  await createLedgerTable(client, tableName);
  return {
    client,
    endpoint,
    tableName,
    indexShards: INDEX_SHARDS,
    put: (...records) => putAll(client, tableName, records),
    putItem: async (Item) => void (await client.send(new PutItemCommand({ TableName: tableName, Item }))),
    close: async () => {
      client.destroy();
      await server.close();
    },
  };
}

/** A record of `key` whose key and index attributes fit together. */
export function recordOf(key: string, overrides: Partial<LedgerRecord> = {}): LedgerRecord {
  const { s3_bucket: bucket, timestamp, uploader } = { ...ledgerRecord(), ...overrides };
  const shard = shardOf(key, INDEX_SHARDS);
  return ledgerRecord({
    s3_object: `${bucket}/${key}`,
    s3_key: key,
    filename: key.split('/').at(-1) || key,
    day_shard: dayShard(timestamp, shard),
    ...(uploader !== undefined && { uploader_shard: uploaderShard(uploader, shard) }),
    ...overrides,
  });
}

async function putAll(client: DynamoDBClient, tableName: string, records: readonly LedgerRecord[]): Promise<void> {
  for (let start = 0; start < records.length; start += 25) {
    const puts = records.slice(start, start + 25).map((record) => ({ PutRequest: { Item: toItem(record) } }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [tableName]: puts } }));
  }
}

async function createLedgerTable(client: DynamoDBClient, tableName: string): Promise<void> {
  const indexes = [TABLE.byDay, TABLE.byUploader];
  const names = new Set([TABLE, ...indexes].flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey]));
  await createTable(client, {
    TableName: tableName,
    AttributeDefinitions: [...names].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: keySchema(TABLE),
    GlobalSecondaryIndexes: indexes.map((index) => ({
      IndexName: index.indexName,
      KeySchema: keySchema(index),
      Projection: { ProjectionType: 'ALL' },
    })),
  });
}

function keySchema({ partitionKey, sortKey }: { readonly partitionKey: string; readonly sortKey: string }) {
  return [
    { AttributeName: partitionKey, KeyType: 'HASH' as const },
    { AttributeName: sortKey, KeyType: 'RANGE' as const },
  ];
}
