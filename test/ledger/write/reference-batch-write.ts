import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { RecordKey } from '../../../src/ledger/record-key.ts';
import type { SendPuts } from '../../../src/ledger/write/batch-write.ts';

/** The sender as anybody would write it: what the consumer's own is held against. */
export function openReferenceBatchWrite(client: DynamoDBClient, tableName: string): SendPuts {
  const documents = DynamoDBDocumentClient.from(client);
  return async (records, abortSignal) => {
    const puts = records.map((record) => ({ PutRequest: { Item: { ...record } } }));
    const command = new BatchWriteCommand({ RequestItems: { [tableName]: puts } });
    const { UnprocessedItems = {} } = await documents.send(command, { abortSignal });
    return Object.values(UnprocessedItems)
      .flat()
      .map((write) => write.PutRequest?.Item as RecordKey);
  };
}
