import { TABLE } from '../contract/table.ts';
import type { LedgerRecord } from './ledger-record.ts';
import { mergeByTime, type TimeOrder } from './merge-by-time.ts';
import type { Condition } from './reader-filter.ts';
import { queryPages, type ReaderTable } from './reader-query.ts';

/**
 * Ids of records without a sequencer begin with a dot, those with one with a hexadecimal digit; the slash stands between the two.
 * See `recordKey`.
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
 * Where S3 gave sequencers, theirs is the order, because times of one second can be equal. Records without one (backfilled, restored)
 * are placed among them by their time.
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
