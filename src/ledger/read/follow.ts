import { DAY_MS } from '../../shared/time.ts';
import type { LedgerRecord } from '../record.ts';
import { CLOCK_SLACK_MILLISECONDS, daysOldestFirst } from './days.ts';
import { newestRecords, type ReadOptions, recordsOfDay } from './newest.ts';
import type { ReaderTable } from './query.ts';

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
  const lookBack = new Date(now().getTime() - DAY_MS);
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
  const floor = Math.max(present - DAY_MS, Math.min(present, newest) - lateMilliseconds, forgotten);
  return new Date(floor).toISOString();
}

function latest({ now }: FollowOptions): Date {
  return new Date(now().getTime() + CLOCK_SLACK_MILLISECONDS);
}

/**
 * Remembers which records were seen, as far back as it is told and as many as it may hold.
 *
 * When it holds too many it forgets the older half, and raises its `floor`: records before the floor may have been seen or not, so
 * whoever asks must leave them out.
 */
export class RecentlySeen {
  readonly #most: number;
  /** Time of the event by the record's key. */
  readonly #times = new Map<string, string>();
  #floor = '';
  #newest = '';

  /** @param most Records held at most, 2 or more. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The time before which nothing is known; empty while nothing was forgotten. */
  get floor(): string {
    return this.#floor;
  }

  /** The latest time of a record that was seen; empty before the first. */
  get newest(): string {
    return this.#newest;
  }

  /** Whether `record` is new. It no longer is afterwards. */
  add({ s3_object, upload_id, timestamp }: LedgerRecord): boolean {
    // With its length in front, no upload_id can reach into the s3_object: no two keys read alike.
    const key = `${upload_id.length}:${upload_id}${s3_object}`;
    if (timestamp < this.#floor || this.#times.has(key)) return false;
    this.#times.set(key, timestamp);
    // Stryker disable next-line EqualityOperator: an equal time in the place of an equal time.
    if (timestamp > this.#newest) this.#newest = timestamp;
    if (this.#times.size > this.#most) this.#forgetHalf();
    return true;
  }

  /** Forgets what came before `floor`. */
  forgetBefore(floor: string): void {
    // Stryker disable next-line EqualityOperator: what came before this floor has been forgotten.
    if (floor <= this.#floor) return;
    this.#floor = floor;
    for (const [key, time] of this.#times) {
      if (time < floor) this.#times.delete(key);
    }
  }

  #forgetHalf(): void {
    const times = [...this.#times.values()].sort();
    const middle = times[Math.ceil(times.length / 2)] as string;
    this.forgetBefore(middle > this.#floor ? middle : justAfter(this.#floor));
  }
}

/** The next millisecond. Used when more records than may be held share one time. */
function justAfter(time: string): string {
  return new Date(Date.parse(time) + 1).toISOString();
}
