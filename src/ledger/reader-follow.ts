import type { LedgerRecord } from './ledger-record.ts';
import { CLOCK_SLACK_MILLISECONDS, daysOldestFirst } from './reader-days.ts';
import { newestRecords, type ReadOptions, recordsOfDay } from './reader-newest.ts';
import type { ReaderTable } from './reader-query.ts';
import { RecentlySeen } from './recently-seen.ts';

const MILLISECONDS_A_DAY = 24 * 60 * 60 * 1000;

/** Records remembered at most. */
const MOST_SEEN = 20_000;

export interface FollowOptions extends ReadOptions {
  readonly now: () => Date;
  /** Waits until it is time to look again. */
  readonly pause: () => Promise<void>;
  /** Records that were there before, given first: so many of the newest. Default 0. */
  readonly last?: number;
  /** How far back the last ones are looked for. Needed when `last` is given. */
  readonly lastSince?: Date;
  /** How late a record may be and still be noticed, in milliseconds, up to a day. */
  readonly lateMilliseconds: number;
  /** Records remembered at most, 2 or more. Default 20,000. */
  readonly mostSeen?: number;
}

/**
 * First the newest records that are there, oldest of them first; then every new one, until the signal says stop. Each once.
 *
 * Looks again at the time up to `lateMilliseconds` before the newest record that it knows, so that records which reach the index out
 * of order appear as well. The limits: what is stored later than that after its event (a redrive, a backfill) does not appear;
 * when more than `mostSeen` records fall into that time, the time is cut short accordingly.
 */
export async function* followRecords(table: ReaderTable, options: FollowOptions): AsyncGenerator<LedgerRecord> {
  const seen = new RecentlySeen(options.mostSeen ?? MOST_SEEN);
  yield* await recordsAtStart(table, options, seen);
  while (!options.signal?.aborted) {
    await options.pause();
    yield* newRecords(table, options, seen);
  }
}

/** The last records, oldest first. All that the first look would find again counts as seen from here on. */
async function recordsAtStart(table: ReaderTable, options: FollowOptions, seen: RecentlySeen): Promise<LedgerRecord[]> {
  const { now, last = 0, lastSince } = options;
  const lookBack = new Date(now().getTime() - MILLISECONDS_A_DAY);
  const since = last > 0 && lastSince !== undefined && lastSince < lookBack ? lastSince : lookBack;
  const newest: LedgerRecord[] = [];
  for await (const record of newestRecords(table, { ...options, since, until: latest(options) })) {
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
  for (const day of daysOldestFirst({ since, until: latest(options) })) {
    for await (const record of recordsOfDay(table, day, 'oldest-first', { ...options, since })) {
      if (seen.add(record)) yield record;
    }
  }
}

/**
 * Where to look from. Counted from the newest record rather than from this machine's clock, which may be fast; but not from a record of
 * the future, which would hide all others; and a day back at most.
 */
function floorOf({ now, lateMilliseconds }: FollowOptions, seen: RecentlySeen): string {
  const present = now().getTime();
  const newest = seen.newest === '' ? Number.NEGATIVE_INFINITY : Date.parse(seen.newest);
  const forgotten = seen.floor === '' ? Number.NEGATIVE_INFINITY : Date.parse(seen.floor);
  const floor = Math.max(present - MILLISECONDS_A_DAY, Math.min(present, newest) - lateMilliseconds, forgotten);
  return new Date(floor).toISOString();
}

function latest({ now }: FollowOptions): Date {
  return new Date(now().getTime() + CLOCK_SLACK_MILLISECONDS);
}
