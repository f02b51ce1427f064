import { BatchGetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { LIMITS } from '../../contract/limits.ts';
import { isLedgerKey, TABLE } from '../../contract/table.ts';
import type { LedgerRecord } from '../record.ts';
import { type RecordKey, toKeyText } from '../record-key.ts';
import { type FollowOptions, followRecords } from './follow.ts';
import { type HistoryOptions, historyOf } from './history.ts';
import { type NewestOptions, newestRecords, type ReadOptions, recordsByUploader } from './newest.ts';
import { pagesOf, type ReaderTable, type TimeRange, toRecords } from './query.ts';

/**
 * Reads the ledger. Everything streams: memory does not grow with the number of records, and the first is there before
 * the last was read. Nothing is read before the first record is asked for. Errors are the SDK's, and
 * `NotALedgerRecordError`.
 */
export interface LedgerReader {
  /** Everything that happened to one object, in order. */
  history(bucket: string, key: string, options?: HistoryOptions): AsyncGenerator<LedgerRecord>;
  /** The records of a time range, newest first. */
  newest(options: NewestOptions): AsyncGenerator<LedgerRecord>;
  /** The records of one uploader, newest first; of all time unless bounded. */
  byUploader(uploader: string, options?: ReadOptions & Partial<TimeRange>): AsyncGenerator<LedgerRecord>;
  /** Every record, in no order, by reading the whole table. */
  all(signal?: AbortSignal): AsyncGenerator<LedgerRecord>;
  /** New records as they are stored, without an end. */
  follow(options: FollowOptions): AsyncGenerator<LedgerRecord>;
}

/** A reader of `table`. It needs no closing. */
export function ledgerReader(table: ReaderTable): LedgerReader {
  return {
    history: (bucket, key, options) => historyOf(table, bucket, key, options),
    newest: (options) => newestRecords(table, options),
    byUploader: (uploader, options = {}) => recordsByUploader(table, uploader, options),
    all: (signal) => scanRecords(table, signal),
    follow: (options) => followRecords(table, options),
  };
}

/**
 * Every ledger record, in no order. Reads the whole table, which also holds the pipeline's own items (batch summaries,
 * watermarks, counters): for proofs on small tables and reconciliation, not for look-ups.
 */
export async function* scanRecords(table: ReaderTable, signal?: AbortSignal): AsyncGenerator<LedgerRecord> {
  const options = signal === undefined ? {} : { abortSignal: signal };
  const pages = pagesOf((startKey) => {
    const command = new ScanCommand({ TableName: table.tableName, ...(startKey && { ExclusiveStartKey: startKey }) });
    return table.client.send(command, options);
  });
  for await (const page of pages) {
    yield* toRecords(
      page.filter((item) => isLedgerKey(item[TABLE.partitionKey]?.S ?? '')),
      table,
    );
  }
}

/**
 * Which of the records with these keys are in the ledger. For some dozens of keys: calls follow one another.
 *
 * What DynamoDB leaves unprocessed counts as not stored: callers that wait for a record ask again.
 */
export async function storedKeys(
  { client, tableName }: Pick<ReaderTable, 'client' | 'tableName'>,
  keys: readonly RecordKey[],
): Promise<readonly RecordKey[]> {
  const distinct = [...new Map(keys.map((key) => [toKeyText(key), key])).values()];
  const stored: RecordKey[] = [];
  for (let start = 0; start < distinct.length; start += LIMITS.dynamodb.batchGetItems) {
    const Keys = distinct.slice(start, start + LIMITS.dynamodb.batchGetItems).map(({ s3_object, upload_id }) => ({
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
