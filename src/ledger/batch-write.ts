import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { TABLE } from '../contract/table.ts';
import { toItem } from './item.ts';
import type { LedgerRecord } from './ledger-record.ts';
import { preparedBodiesOf } from './prepared-body.ts';
import type { RecordKey } from './record-key.ts';
import type { SendPuts } from './send-puts.ts';

/**
 * The sender that the consumer uses: BatchWriteItem through the plain client, with a body that is serialised here.
 *
 * @throws TypeError when the answer does not say what was processed: DynamoDB always sends `UnprocessedItems`, empty when there
 *   are none (API reference of BatchWriteItem).
 */
export function openBatchWrite(client: DynamoDBClient, tableName: string): SendPuts {
  const bodies = preparedBodiesOf(client);
  return async (records, abortSignal) => {
    // The SDK reads the table's name from the input, for endpoints that depend on the table's account.
    const input = { RequestItems: { [tableName]: [] } };
    bodies.set(input, Buffer.from(toBody(tableName, records)));
    const { UnprocessedItems } = await client.send(new BatchWriteItemCommand(input), { abortSignal });
    if (UnprocessedItems === undefined) {
      throw new TypeError(
        'Expected UnprocessedItems in the answer to BatchWriteItem; got none, so nothing counts as stored.',
      );
    }
    return Object.values(UnprocessedItems).flat().map(toKey);
  };
}

/** Byte for byte what the SDK writes for the same puts. */
function toBody(tableName: string, records: readonly LedgerRecord[]): string {
  const puts = records.map((record) => `{"PutRequest":{"Item":${JSON.stringify(toItem(record))}}}`);
  return `{"RequestItems":{${JSON.stringify(tableName)}:[${puts.join(',')}]}}`;
}

/** A write without a put, or an item without a key, gives a key that no record has, so that the answer is refused. */
function toKey({ PutRequest }: WriteRequest): RecordKey {
  const item = PutRequest?.Item ?? {};
  return { s3_object: item[TABLE.partitionKey]?.S ?? '', upload_id: item[TABLE.sortKey]?.S ?? '' };
}
