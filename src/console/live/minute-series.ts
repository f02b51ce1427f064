import type { LedgerRecord } from '../../ledger/record.ts';
import { CATEGORIES } from '../../upload/category.ts';
import type { MinuteView } from '../api-types.ts';

const MINUTE = 60;

/** Minutes that are kept: one hour and the minute that has begun. */
export const MINUTES_KEPT = 61;

interface Minute {
  readonly uploads: number[];
  readonly bytes: number[];
}

/** Uploads of the last hour, a minute each, by the time of their events. Holds an hour, however many uploads there are. */
export class MinuteSeries {
  readonly #minutes = new Map<number, Minute>();
  #changed = new Set<number>();

  /** Counts an upload. What is no upload, or is older than an hour at `now` (epoch milliseconds), counts nothing. */
  add({ status, timestamp, category, filesize = 0 }: LedgerRecord, now: number): void {
    const start = Math.floor(Date.parse(timestamp) / 1000 / MINUTE) * MINUTE;
    if (status !== 'uploaded' || start < firstMinute(now)) return;
    const index = CATEGORIES.indexOf(category);
    const minute = this.#minutes.get(start) ?? { uploads: zeros(), bytes: zeros() };
    minute.uploads[index] = (minute.uploads[index] ?? 0) + 1;
    minute.bytes[index] = (minute.bytes[index] ?? 0) + filesize;
    this.#minutes.set(start, minute);
    this.#changed.add(start);
  }

  /** All minutes with an upload, oldest first. */
  all(now: number): MinuteView[] {
    for (const start of this.#minutes.keys()) if (start < firstMinute(now)) this.#minutes.delete(start);
    return this.#views([...this.#minutes.keys()]);
  }

  /** The minutes that have changed since this was last asked, oldest first. */
  takeChanged(): MinuteView[] {
    const changed = [...this.#changed];
    this.#changed = new Set();
    return this.#views(changed);
  }

  #views(starts: number[]): MinuteView[] {
    return starts
      .sort((a, b) => a - b)
      .flatMap((minute) => {
        const counts = this.#minutes.get(minute);
        return counts === undefined ? [] : [{ minute, uploads: [...counts.uploads], bytes: [...counts.bytes] }];
      });
  }
}

function firstMinute(now: number): number {
  return (Math.floor(now / 1000 / MINUTE) - MINUTES_KEPT + 1) * MINUTE;
}

function zeros(): number[] {
  return CATEGORIES.map(() => 0);
}
