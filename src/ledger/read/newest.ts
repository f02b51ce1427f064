import { TABLE } from '../../contract/table.ts';
import { DAY_MS, HOUR_MS } from '../../shared/time.ts';
import { dayShard, shardNames, uploaderShard } from '../index-shard.ts';
import type { LedgerRecord } from '../record.ts';
import { lookAhead, mergeInOrder, type TimeOrder } from './ordered-streams.ts';
import {
  indexCondition,
  type OnRead,
  queryPages,
  type ReaderTable,
  type RecordFilters,
  type TimeRange,
} from './query.ts';

/** Queries in flight at most, while days without a record are passed. The SDK opens 50 connections. */
const MAX_QUERIES_IN_FLIGHT = 64;

/** The day before which no object can have been stored: S3 was opened on 14 March 2006. */
const FIRST_DAY_OF_S3 = Date.UTC(2006, 2, 14);

/** How far the clocks of S3 and of this machine may differ: records up to this far in the future are read. */
export const CLOCK_SLACK_MS = HOUR_MS;

export interface ReadOptions {
  readonly filters?: RecordFilters;
  readonly signal?: AbortSignal;
  readonly onRead?: OnRead;
}

export interface NewestOptions extends ReadOptions, TimeRange {
  /** Called with each UTC day when its first query is sent, newest first. */
  readonly onDay?: (day: string) => void;
}

/**
 * The records of a time range, newest first, over all shards of the index by day.
 *
 * The index cannot be asked for its earliest day, so every day of the range is asked: the caller has to bound the
 * range. A day without records costs a query a shard.
 */
export function newestRecords(table: ReaderTable, options: NewestOptions): AsyncGenerator<LedgerRecord> {
  const maxDaysAtOnce = Math.max(1, Math.floor(MAX_QUERIES_IN_FLIGHT / table.indexShards));
  const openDay = (day: string) => {
    options.onDay?.(day);
    return recordsOfDay(table, day, 'newest-first', options);
  };
  return lookAhead(daysNewestFirst(options), openDay, maxDaysAtOnce);
}

/** The records of one UTC day within the bounds given, over all shards. */
export function recordsOfDay(
  table: ReaderTable,
  day: string,
  order: TimeOrder,
  options: ReadOptions & Partial<TimeRange>,
): AsyncGenerator<LedgerRecord> {
  return recordsOfShards(table, TABLE.byDay, (shard) => dayShard(day, shard), order, options);
}

/** The records of one uploader, newest first, over all shards of the index by uploader; of all time unless bounded. */
export function recordsByUploader(
  table: ReaderTable,
  uploader: string,
  options: ReadOptions & Partial<TimeRange>,
): AsyncGenerator<LedgerRecord> {
  return recordsOfShards(table, TABLE.byUploader, (shard) => uploaderShard(uploader, shard), 'newest-first', options);
}

function recordsOfShards(
  table: ReaderTable,
  index: typeof TABLE.byDay | typeof TABLE.byUploader,
  toPartition: (shard: string) => string,
  order: TimeOrder,
  { filters, signal, onRead, ...bounds }: ReadOptions & Partial<TimeRange>,
): AsyncGenerator<LedgerRecord> {
  const sources = shardNames(table.indexShards).map((shard) =>
    queryPages(table, {
      indexName: index.indexName,
      keyCondition: indexCondition(index, toPartition(shard), bounds),
      order,
      ...(filters && { filters }),
      ...(signal && { signal }),
      ...(onRead && { onRead }),
    }),
  );
  return mergeInOrder(sources, order);
}

/** The UTC days of `range`, newest first: `2026-11-22`, `2026-11-21`. None before S3 was opened. */
export function* daysNewestFirst({ since, until }: TimeRange): Generator<string> {
  const first = Math.max(since.getTime(), FIRST_DAY_OF_S3);
  let time = until.getTime() - 1;
  while (dayNumber(time) >= dayNumber(first)) {
    yield new Date(time).toISOString().slice(0, 10);
    time -= DAY_MS;
  }
}

function dayNumber(time: number): number {
  return Math.floor(time / DAY_MS);
}
