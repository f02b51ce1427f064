import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TABLE } from '../../../../src/contract/table.ts';
import { startTableServer } from '../../../../src/local/servers/table-server.ts';
import { TRY_ONCE } from '../../../builders/try-once.ts';
import { createTable } from '../../../ledger/create-table.ts';
import { SimulatedTable } from '../services/dynamodb/simulated-dynamodb.ts';
import { SimulatedStream, toLambdaRecord } from '../services/dynamodb/table-stream.ts';
import { VirtualClock } from '../services/virtual-clock.ts';

/** A table with the ledger's keys and indexes, simulated or emulated. */
export interface TableSubject {
  readonly client: Pick<DynamoDBClient, 'send'>;
  readonly tableName: string;
  /** Does the work on the subject's own time. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Waits until the indexes show every change. */
  settle(): Promise<void>;
  /** The changes in the table's stream, from the first call on. */
  openStream(): readonly StreamedChange[];
  close(): Promise<void>;
}

/** As a function gets it, as far as both subjects say the same. */
export interface StreamedChange {
  readonly eventName?: string | undefined;
  readonly dynamodb?: { readonly Keys?: object | undefined; readonly NewImage?: object | undefined } | undefined;
}

const INDEXES = [TABLE.byDay, TABLE.byUploader];

/** The emulator behind the real SDK. */
export async function emulatedTable(): Promise<TableSubject> {
  const server = await startTableServer();
  const client = new DynamoDBClient({ endpoint: server.endpoint, ...TRY_ONCE });
  const tableName = 'ledger';
  const attributes = new Set([TABLE, ...INDEXES].flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey]));
  await createTable(client, {
    TableName: tableName,
    AttributeDefinitions: [...attributes].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: keySchema(TABLE),
    GlobalSecondaryIndexes: INDEXES.map((index) => ({
      IndexName: index.indexName,
      KeySchema: keySchema(index),
      Projection: { ProjectionType: 'ALL' },
    })),
  });
  return {
    client,
    tableName,
    run: (work) => work(),
    settle: async () => undefined,
    openStream: () => {
      const records: StreamedChange[] = [];
      const { partitionKey, sortKey } = TABLE;
      const stream = server.openStream({ name: tableName, partitionKey, sortKey, streamArn: 'arn', view: 'NEW_IMAGE' });
      stream.onRecord((record) => records.push(record));
      return records;
    },
    close: async () => {
      client.destroy();
      await server.close();
    },
  };
}

function keySchema({ partitionKey, sortKey }: { readonly partitionKey: string; readonly sortKey: string }) {
  return [
    { AttributeName: partitionKey, KeyType: 'HASH' as const },
    { AttributeName: sortKey, KeyType: 'RANGE' as const },
  ];
}

export async function simulatedTable(): Promise<TableSubject> {
  const clock = new VirtualClock(0, 1);
  const indexDelay = 500;
  const stream = new SimulatedStream(clock);
  const records: StreamedChange[] = [];
  const table = new SimulatedTable({
    clock,
    fault: () => undefined,
    latency: () => 5,
    indexDelay: () => indexDelay,
    onChange: (change) => records.push(toLambdaRecord(stream.append(change), stream.arn)),
  });
  return {
    client: table.client,
    tableName: table.name,
    run: (work) => clock.run(work()),
    settle: () => clock.sleep(indexDelay),
    openStream: () => records,
    close: async () => undefined,
  };
}
