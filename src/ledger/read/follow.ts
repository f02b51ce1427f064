import { DAY_MS } from '../../shared/time.ts';
import type { LedgerRecord } from '../record.ts';
import { CLOCK_SLACK_MS, daysNewestFirst, newestRecords, type ReadOptions, recordsOfDay } from './newest.ts';
import type { ReaderTable } from './query.ts';
import { RecentlySeen } from './recently-seen.ts';

const MAX_REMEMBERED = 20_000;

export interface FollowOptions extends ReadOptions {
  readonly now: () => Date;
  /** Waits until it is time to read again. */
  readonly pause: () => Promise<void>;
  /** Called when the table could not be read. It is read again after the next pause. @default the error ends it */
  readonly onError?: (error: unknown) => void;
  /** How many of the newest existing records are given first. Default 0. */
  readonly last?: number;
  /** How far back the last ones are searched for. Needed when `last` is given. */
  readonly lastSince?: Date;
  /** How late a record may be and still be noticed, in milliseconds, up to a day. */
  readonly lateMilliseconds: number;
  /** Records remembered at most, 2 or more. Default 20,000. */
  readonly maxRemembered?: number;
}

/**
 * First the newest records that exist, oldest of them first; then every new one, until the signal is aborted. Each
 * once.
 *
 * Every time it reads again from `lateMilliseconds` before the newest record that it knows, so that records which reach
 * the index out of order appear as well. The limits: what is stored later than that after its event (a redrive, a
 * backfill) does not appear; when more than `maxRemembered` records fall into that time, less of it is read again.
 */
export async function* followRecords(table: ReaderTable, options: FollowOptions): AsyncGenerator<LedgerRecord> {
  const seen = new RecentlySeen(options.maxRemembered ?? MAX_REMEMBERED);
  yield* await recordsAtStart(table, options, seen);
  while (!options.signal?.aborted) {
    await options.pause();
    try {
      yield* newRecords(table, options, seen);
    } catch (error) {
      if (options.onError === undefined || options.signal?.aborted) throw error;
      options.onError(error);
    }
  }
}

/** The last records, oldest first. All that the first read would find again counts as seen from here on. */
async function recordsAtStart(table: ReaderTable, options: FollowOptions, seen: RecentlySeen): Promise<LedgerRecord[]> {
  const { now, last = 0, lastSince } = options;
  const aDayAgo = new Date(now().getTime() - DAY_MS);
  const since = last > 0 && lastSince !== undefined && lastSince < aDayAgo ? lastSince : aDayAgo;
  const newest: LedgerRecord[] = [];
  for await (const record of newestRecords(table, { ...options, since, until: endOf(options) })) {
    if (newest.length < last) newest.push(record);
    seen.add(record);
    if (newest.length >= last && record.timestamp < floorOf(options, seen)) break;
  }
  return newest.reverse();
}

async function* newRecords(
  table: ReaderTable,
  options: FollowOptions,
  seen: RecentlySeen,
): AsyncGenerator<LedgerRecord> {
  const floor = floorOf(options, seen);
  seen.forgetBefore(floor);
  const since = new Date(floor);
  for (const day of [...daysNewestFirst({ since, until: endOf(options) })].reverse()) {
    for await (const record of recordsOfDay(table, day, 'oldest-first', { ...options, since })) {
      if (seen.add(record)) yield record;
    }
  }
}

/**
 * Where to read from. Counted from the newest record rather than from this machine's clock, which may be fast; but not
 * from a record of the future, which would hide all others; and a day back at most.
 */
function floorOf({ now, lateMilliseconds }: FollowOptions, seen: RecentlySeen): string {
  const present = now().getTime();
  const newest = seen.newest === '' ? Number.NEGATIVE_INFINITY : Date.parse(seen.newest);
  const forgotten = seen.floor === '' ? Number.NEGATIVE_INFINITY : Date.parse(seen.floor);
  const floor = Math.max(present - DAY_MS, Math.min(present, newest) - lateMilliseconds, forgotten);
  return new Date(floor).toISOString();
}

function endOf({ now }: FollowOptions): Date {
  return new Date(now().getTime() + CLOCK_SLACK_MS);
}
