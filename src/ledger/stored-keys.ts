import { BatchGetItemCommand } from '@aws-sdk/client-dynamodb';
import { TABLE } from '../contract/table.ts';
import type { ReaderTable } from './reader-query.ts';
import type { RecordKey } from './record-key.ts';
import { toKeyText } from './send-puts.ts';

/** Keys of one call. Source: DynamoDB API reference, BatchGetItem. */
const KEYS_A_CALL = 100;

/**
 * Which of the records with these keys are in the ledger. For some dozens of keys: calls follow one another.
 *
 * What DynamoDB leaves unprocessed counts as not there: whoever waits for a record asks again.
 */
export async function storedKeys(
  { client, tableName }: Pick<ReaderTable, 'client' | 'tableName'>,
  keys: readonly RecordKey[],
): Promise<readonly RecordKey[]> {
  const different = [...new Map(keys.map((key) => [toKeyText(key), key])).values()];
  const stored: RecordKey[] = [];
  for (let start = 0; start < different.length; start += KEYS_A_CALL) {
    const Keys = different.slice(start, start + KEYS_A_CALL).map(({ s3_object, upload_id }) => ({
      [TABLE.partitionKey]: { S: s3_object },
      [TABLE.sortKey]: { S: upload_id },
    }));
    const request = { Keys, ConsistentRead: true, ProjectionExpression: `${TABLE.partitionKey}, ${TABLE.sortKey}` };
    const { Responses = {} } = await client.send(new BatchGetItemCommand({ RequestItems: { [tableName]: request } }));
    for (const item of Responses[tableName] ?? []) {
      stored.push({ s3_object: item[TABLE.partitionKey]?.S ?? '', upload_id: item[TABLE.sortKey]?.S ?? '' });
    }
  }
  return stored;
}
