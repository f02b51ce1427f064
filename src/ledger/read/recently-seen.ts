import type { LedgerRecord } from '../record.ts';
import { toKeyText } from '../record-key.ts';

/**
 * Remembers which records were seen.
 *
 * When there are too many it forgets the older half, and raises its `floor`: records before the floor may have been
 * seen or not, so callers must leave them out.
 */
export class RecentlySeen {
  readonly #max: number;
  /** Time of the event by the record's key. */
  readonly #times = new Map<string, string>();
  #floor = '';
  #newest = '';

  /** @param max Records remembered at most, 2 or more. */
  constructor(max: number) {
    this.#max = max;
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
  add(record: LedgerRecord): boolean {
    const { timestamp } = record;
    const key = toKeyText(record);
    if (timestamp < this.#floor || this.#times.has(key)) return false;
    this.#times.set(key, timestamp);
    // Stryker disable next-line EqualityOperator: replaces a time by an equal one.
    if (timestamp > this.#newest) this.#newest = timestamp;
    if (this.#times.size > this.#max) this.#forgetHalf();
    return true;
  }

  /** Forgets what came before `floor`. */
  forgetBefore(floor: string): void {
    // Stryker disable next-line EqualityOperator: nothing is left before this floor.
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

/** The next millisecond. Used when more records than may be remembered share one time. */
function justAfter(time: string): string {
  return new Date(Date.parse(time) + 1).toISOString();
}
