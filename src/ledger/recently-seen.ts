import type { LedgerRecord } from './ledger-record.ts';

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
