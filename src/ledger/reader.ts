import type { LedgerRecord } from './ledger-record.ts';
import type { TimeRange } from './reader-days.ts';
import { type FollowOptions, followRecords } from './reader-follow.ts';
import { type HistoryOptions, historyOf } from './reader-history.ts';
import { type NewestOptions, newestRecords, type ReadOptions, recordsByUploader } from './reader-newest.ts';
import type { ReaderTable } from './reader-query.ts';
import { scanRecords } from './reader-scan.ts';

/**
 * Reads the ledger. Everything streams: memory does not grow with the number of records, and the first is there before the last was
 * read. Nothing is read before the first record is asked for. Errors are the SDK's, and `NotALedgerRecordError`.
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
  /** New records as they come, without an end. */
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
