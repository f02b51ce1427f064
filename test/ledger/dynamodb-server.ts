import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { TABLE } from '../../src/contract/table.ts';
import type { CallFault } from '../../src/local/servers/table-faults.ts';
import { startTableServer } from '../../src/local/servers/table-server.ts';
import { TRY_ONCE } from '../builders/try-once.ts';
import { createTable } from './create-table.ts';

export const TABLE_NAME = 'ledger';

export interface DynamoDBServer {
  readonly endpoint: string;
  /** A client of the server that tries each call once. */
  readonly client: DynamoDBClient;
  /** Decides about each BatchWriteItem request, given how many came before and how many puts it carries. */
  fault: (request: { readonly index: number; readonly puts: number }) => CallFault | undefined;
  /** Puts of each BatchWriteItem request so far. */
  readonly requests: number[];
  /** Keys of the table's items, as `s3_object upload_id`, sorted. */
  storedKeys(): Promise<string[]>;
  close(): Promise<void>;
}

/** DynamoDB in this process on a free port, with the ledger's table (keys only), and faults on request. */
export async function startDynamoDB(): Promise<DynamoDBServer> {
  const server = await startTableServer();
  const requests: number[] = [];
  const client = clientOf(server.endpoint);
  await createLedgerTable(client);
  const running: DynamoDBServer = {
    endpoint: server.endpoint,
    client,
    fault: () => undefined,
    requests,
    storedKeys: () => storedKeys(client),
    close: async () => {
      client.destroy();
      await server.close();
    },
  };
  server.setFaults((call) => {
    if (call.operation !== 'BatchWriteItem') return undefined;
    const puts = call.requests.length;
    requests.push(puts);
    return running.fault({ index: requests.length - 1, puts });
  });
  return running;
}

export function clientOf(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    ...TRY_ONCE,
  });
}

async function createLedgerTable(client: DynamoDBClient): Promise<void> {
  const keys = [TABLE.partitionKey, TABLE.sortKey];
  await createTable(client, {
    TableName: TABLE_NAME,
    AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [
      { AttributeName: TABLE.partitionKey, KeyType: 'HASH' },
      { AttributeName: TABLE.sortKey, KeyType: 'RANGE' },
    ],
  });
}

async function storedKeys(client: DynamoDBClient): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of paginateScan({ client }, { TableName: TABLE_NAME })) {
    for (const item of page.Items ?? []) keys.push(`${item[TABLE.partitionKey]?.S} ${item[TABLE.sortKey]?.S}`);
  }
  return keys.sort();
}
