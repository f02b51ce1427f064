import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TABLE } from '../contract/table.ts';
import { openBatchWriteCall } from './batch-write-call.ts';
import type { LedgerRecord } from './ledger-record.ts';
import { toPutRequest } from './put-request.ts';
import type { RecordKey } from './record-key.ts';
import type { SendPuts } from './send-puts.ts';

interface Answer {
  readonly UnprocessedItems?: Readonly<Record<string, readonly Write[]>>;
}

interface Write {
  readonly PutRequest?: { readonly Item?: Readonly<Record<string, { readonly S?: string }>> };
}

/**
 * The sender that the consumer uses: BatchWriteItem through the plain client, with a body that is serialised here.
 *
 * @throws TypeError when the answer does not say what was processed: DynamoDB always sends `UnprocessedItems`, empty when there
 *   are none (API reference of BatchWriteItem).
 */
export function openBatchWrite(client: DynamoDBClient, tableName: string): SendPuts {
  const call = openBatchWriteCall(client, tableName);
  return async (records, signal) => {
    const answer = (await call(toBody(tableName, records), signal)) as Answer | null | undefined;
    if (typeof answer?.UnprocessedItems !== 'object') {
      throw new TypeError(
        'Expected UnprocessedItems in the answer to BatchWriteItem; got none, so nothing counts as stored.',
      );
    }
    return Object.values(answer.UnprocessedItems).flat().map(toKey);
  };
}

/** What the SDK writes for the same puts; it keeps the order of a record's attributes, whatever that is. */
function toBody(tableName: string, records: readonly LedgerRecord[]): string {
  return JSON.stringify({ RequestItems: { [tableName]: records.map(toPutRequest) } });
}

/** A write without a put, or an item without a key, gives a key that no record has, so that the answer is refused. */
function toKey({ PutRequest }: Write): RecordKey {
  const item = PutRequest?.Item ?? {};
  return { s3_object: item[TABLE.partitionKey]?.S ?? '', upload_id: item[TABLE.sortKey]?.S ?? '' };
}
