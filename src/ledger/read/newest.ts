import { TABLE } from '../../contract/table.ts';
import { dayShard, shardNames, uploaderShard } from '../index-shard.ts';
import type { LedgerRecord } from '../record.ts';
import { daysNewestFirst, type TimeRange } from './days.ts';
import { lookAhead, mergeByTime, type TimeOrder } from './ordered-streams.ts';
import type { RecordFilters } from './query.ts';
import { indexCondition, queryPages, type ReaderTable } from './query.ts';

/** Queries in flight at most, while days without a record are passed. The SDK opens 50 connections. */
const QUERIES_IN_FLIGHT = 64;

export interface ReadOptions {
  readonly filters?: RecordFilters;
  readonly signal?: AbortSignal;
}

export interface NewestOptions extends ReadOptions, TimeRange {
  /** Told of each UTC day when its first query is sent, newest first. */
  readonly onDay?: (day: string) => void;
}

/**
 * The records of a time range, newest first, over all shards of the index by day.
 *
 * The index cannot be asked for its earliest day, so every day of the range is asked: the range is the caller's to bound. A day
 * without records costs a query a shard.
 */
export function newestRecords(table: ReaderTable, options: NewestOptions): AsyncGenerator<LedgerRecord> {
  const daysAtOnce = Math.max(1, Math.floor(QUERIES_IN_FLIGHT / table.indexShards));
  const openDay = (day: string) => {
    options.onDay?.(day);
    return recordsOfDay(table, day, 'newest-first', options);
  };
  return lookAhead(daysNewestFirst(options), openDay, daysAtOnce);
}

/** The records of one UTC day within the bounds given, over all shards. */
export function recordsOfDay(
  table: ReaderTable,
  day: string,
  order: TimeOrder,
  { filters, signal, ...bounds }: ReadOptions & Partial<TimeRange>,
): AsyncGenerator<LedgerRecord> {
  const sources = shardNames(table.indexShards).map((shard) =>
    queryPages(table, {
      indexName: TABLE.byDay.indexName,
      keyCondition: indexCondition(TABLE.byDay, dayShard(day, shard), bounds),
      order,
      ...(filters && { filters }),
      ...(signal && { signal }),
    }),
  );
  return mergeByTime(sources, order);
}

/** The records of one uploader, newest first, over all shards of the index by uploader; of all time unless bounded. */
export function recordsByUploader(
  table: ReaderTable,
  uploader: string,
  { filters, signal, ...bounds }: ReadOptions & Partial<TimeRange>,
): AsyncGenerator<LedgerRecord> {
  const sources = shardNames(table.indexShards).map((shard) =>
    queryPages(table, {
      indexName: TABLE.byUploader.indexName,
      keyCondition: indexCondition(TABLE.byUploader, uploaderShard(uploader, shard), bounds),
      order: 'newest-first',
      ...(filters && { filters }),
      ...(signal && { signal }),
    }),
  );
  return mergeByTime(sources, 'newest-first');
}
