import { BatchGetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { LIMITS } from '../../contract/limits.ts';
import { isLedgerKey, TABLE } from '../../contract/table.ts';
import type { LedgerRecord } from '../record.ts';
import { type RecordKey, toKeyText } from '../record-key.ts';
import { type FollowOptions, followRecords } from './follow.ts';
import { type NewestOptions, newestRecords, type ReadOptions, recordsByUploader } from './newest.ts';
import { mergeByTime, type TimeOrder } from './ordered-streams.ts';
import { type Condition, pagesOf, queryPages, type ReaderTable, type TimeRange, toRecords } from './query.ts';

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
 * Ids of records without a sequencer begin with a dot, those with one with a hexadecimal digit; the slash sorts between
 * the two. See `recordKey`.
 */
const ID_BOUNDARY = '/';

export interface HistoryOptions {
  /** Default: `oldest-first`. */
  readonly order?: TimeOrder;
  readonly signal?: AbortSignal;
}

/**
 * Everything that happened to one object, in order.
 *
 * Where S3 gave sequencers, they are the order, because times of one second can be equal. Records without one
 * (backfilled, restored) are placed among them by their time.
 */
export function historyOf(
  table: ReaderTable,
  bucket: string,
  key: string,
  { order = 'oldest-first', signal }: HistoryOptions = {},
): AsyncGenerator<LedgerRecord> {
  const pages = (comparison: string) =>
    queryPages(table, {
      keyCondition: objectCondition(`${bucket}/${key}`, comparison),
      order,
      ...(signal && { signal }),
    });
  const sources = [pages('<'), pages('>')];
  return mergeByTime(order === 'oldest-first' ? sources : sources.reverse(), order);
}

function objectCondition(object: string, comparison: string): Condition {
  return {
    expression: `#object = :object AND #id ${comparison} :boundary`,
    names: { '#object': TABLE.partitionKey, '#id': TABLE.sortKey },
    values: { ':object': { S: object }, ':boundary': { S: ID_BOUNDARY } },
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
 * What DynamoDB leaves unprocessed counts as not stored: whoever waits for a record asks again.
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
