import type { LedgerRecord } from '../../ledger/record.ts';
import { MINUTE_MS } from '../../shared/time.ts';
import { CATEGORIES } from '../../upload/category.ts';
import { toRecordView } from '../api/records.ts';
import type { ChangeView, DelayView, MinuteView, QueuesView, RecordView, SnapshotView } from '../api-types.ts';

/** Records that a page gets at its beginning, and at most in one change. */
export const RECORDS_SHOWN = 200;

/** What the live view shows. Bounded: an hour of minutes, the last records, a sample of delays. */
export class LiveState {
  readonly #minutes = new MinuteSeries();
  readonly #delays = new DelayWindow();
  readonly #troubles = new Map<string, string>();
  #latest: RecordView[] = [];
  #fresh: RecordView[] = [];
  #skipped = 0;
  #queues: QueuesView | undefined;
  #isChanged = false;
  #isReading = true;

  count(record: LedgerRecord, now: number): void {
    this.#minutes.add(record, now);
  }

  /** Puts the record on top of the table. */
  show(record: LedgerRecord): void {
    this.#fresh.push(toRecordView(record));
    if (this.#fresh.length < 2 * RECORDS_SHOWN) return;
    this.#skipped += RECORDS_SHOWN;
    this.#fresh = this.#fresh.slice(-RECORDS_SHOWN);
  }

  addDelay(milliseconds: number, now: number): void {
    this.#delays.add(milliseconds, now);
  }

  setQueues(queues: QueuesView): void {
    this.#queues = queues;
    this.#isChanged = true;
  }

  /** Says that all that was there when the looking began has been shown. */
  setRead(): void {
    if (!this.#isReading) return;
    this.#isReading = false;
    this.#isChanged = true;
  }

  /** Says what is wrong with `part`; undefined: nothing any more. */
  setTrouble(part: string, trouble: string | undefined): void {
    if (this.#troubles.get(part) === trouble) return;
    if (trouble === undefined) this.#troubles.delete(part);
    else this.#troubles.set(part, trouble);
    this.#isChanged = true;
  }

  /** Everything, for somebody who begins to listen. What no change has told yet, the next change tells. */
  snapshot(now: number): SnapshotView {
    return { minutes: this.#minutes.all(now), records: this.#latest, ...this.#rest(now) };
  }

  /** What has changed since this was last asked; undefined when nothing has. */
  takeChange(now: number): ChangeView | undefined {
    const minutes = this.#minutes.takeChanged();
    const records = this.#fresh.slice(-RECORDS_SHOWN);
    if (!this.#isChanged && minutes.length === 0 && records.length === 0) return undefined;
    const skipped = this.#skipped + this.#fresh.length - records.length;
    [this.#fresh, this.#skipped, this.#isChanged] = [[], 0, false];
    this.#latest = [...this.#latest, ...records].slice(-RECORDS_SHOWN);
    return { minutes, records, skipped, ...this.#rest(now) };
  }

  #rest(now: number): Pick<SnapshotView, 'delay' | 'queues' | 'trouble' | 'isReading'> {
    const delay = this.#delays.view(now);
    const trouble = [...this.#troubles.values()].join(' ');
    return {
      isReading: this.#isReading,
      ...(delay && { delay }),
      ...(this.#queues && { queues: this.#queues }),
      ...(trouble !== '' && { trouble }),
    };
  }
}

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

/** Delays are told of for so long, in milliseconds. */
const WINDOW = 5 * MINUTE_MS;

/** Delays held at most: the latest of them. */
const MOST = 2000;

interface Delay {
  readonly at: number;
  readonly delay: number;
}

/** How late the records of the last five minutes were, by a sample of bounded size. */
export class DelayWindow {
  #delays: Delay[] = [];

  /** Takes in a delay of so many milliseconds, seen at `at` (epoch milliseconds). */
  add(delay: number, at: number): void {
    this.#delays.push({ at, delay: Math.max(0, delay) });
    if (this.#delays.length >= 2 * MOST) this.#delays = this.#delays.slice(-MOST);
  }

  /** What is known at `now`; undefined when no record came of late. */
  view(now: number): DelayView | undefined {
    this.#delays = this.#delays.filter(({ at }) => at > now - WINDOW).slice(-MOST);
    const sorted = this.#delays.map(({ delay }) => delay).sort((a, b) => a - b);
    const [median, greatest] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
    if (median === undefined || greatest === undefined) return undefined;
    return { median, greatest, count: sorted.length };
  }
}
