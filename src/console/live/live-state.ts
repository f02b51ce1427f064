import { CATEGORIES } from '../../contract/uploads.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import { MINUTE_MS, SECOND_MS } from '../../shared/time.ts';
import { toRecordView } from '../api/records.ts';
import type {
  ChangeView,
  DelayView,
  LastMinuteView,
  MinuteView,
  QueuesView,
  RecordView,
  SnapshotView,
} from '../api-types.ts';
import { firstMinute, minuteOf } from '../page/stack-minutes.ts';

/** Records that a page gets at its beginning, and at most in one change. */
export const RECORDS_SHOWN = 200;

/** What the live view shows. Bounded: an hour of minutes, the latest records, a sample of delays. */
export class LiveState {
  readonly #minutes = new MinuteSeries();
  readonly #lastMinute = new LastMinute();
  readonly #delays = new DelayWindow();
  readonly #troubles = new Map<string, string>();
  #latest: RecordView[] = [];
  #fresh: RecordView[] = [];
  #skipped = 0;
  #queues: QueuesView | undefined;
  #isChanged = false;
  #isReading = true;
  #isCounting = true;

  /** Counts the record in its minute. Times are epoch milliseconds, here and below. */
  count(record: LedgerRecord, now: number): void {
    this.#minutes.add(record, now);
    this.#lastMinute.add(record, now);
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

  /** For when everything that was in the ledger at the start has been shown. */
  setRead(): void {
    if (!this.#isReading) return;
    this.#isReading = false;
    this.#isChanged = true;
  }

  /** For when every upload of the hour before the start has been counted. */
  setCounted(): void {
    if (!this.#isCounting) return;
    this.#isCounting = false;
    this.#isChanged = true;
  }

  /** @param trouble What is wrong with `part`; undefined when nothing is any more. */
  setTrouble(part: string, trouble: string | undefined): void {
    if (this.#troubles.get(part) === trouble) return;
    if (trouble === undefined) this.#troubles.delete(part);
    else this.#troubles.set(part, trouble);
    this.#isChanged = true;
  }

  /** Everything, for a new listener. What no change has reported yet is in the next change. */
  snapshot(now: number): SnapshotView {
    return { minutes: this.#minutes.all(now), records: this.#latest, ...this.#rest(now) };
  }

  /** What has changed since the last call; undefined when nothing has. */
  takeChange(now: number): ChangeView | undefined {
    const minutes = this.#minutes.takeChanged();
    const records = this.#fresh.slice(-RECORDS_SHOWN);
    // Also while nothing arrives: what is older than a minute leaves the figure.
    if (this.#lastMinute.takeChanged(now)) this.#isChanged = true;
    if (!this.#isChanged && minutes.length === 0 && records.length === 0) return undefined;
    const skipped = this.#skipped + this.#fresh.length - records.length;
    [this.#fresh, this.#skipped, this.#isChanged] = [[], 0, false];
    this.#latest = [...this.#latest, ...records].slice(-RECORDS_SHOWN);
    return { minutes, records, skipped, ...this.#rest(now) };
  }

  #rest(now: number): Pick<SnapshotView, 'lastMinute' | 'delay' | 'queues' | 'trouble' | 'isReading' | 'isCounting'> {
    const delay = this.#delays.view(now);
    const trouble = [...this.#troubles.values()].join(' ');
    return {
      isReading: this.#isReading,
      isCounting: this.#isCounting,
      lastMinute: this.#lastMinute.view(now),
      ...(delay && { delay }),
      ...(this.#queues && { queues: this.#queues }),
      ...(trouble !== '' && { trouble }),
    };
  }
}

interface MinuteCounts {
  readonly uploads: number[];
  readonly bytes: number[];
}

/** Uploads of the last hour by minute of their events. Holds an hour, however many uploads there are. */
export class MinuteSeries {
  readonly #minutes = new Map<number, MinuteCounts>();
  #changed = new Set<number>();

  /** Counts an upload; ignores other records, and those older than an hour at `now`. */
  add({ status, timestamp, category, filesize = 0 }: LedgerRecord, now: number): void {
    const start = minuteOf(Date.parse(timestamp));
    if (status !== 'uploaded' || start < firstMinute(now)) return;
    const index = CATEGORIES.indexOf(category);
    const minute = this.#minutes.get(start) ?? { uploads: CATEGORIES.map(() => 0), bytes: CATEGORIES.map(() => 0) };
    minute.uploads[index] = (minute.uploads[index] ?? 0) + 1;
    minute.bytes[index] = (minute.bytes[index] ?? 0) + filesize;
    this.#minutes.set(start, minute);
    this.#changed.add(start);
  }

  /** All minutes with an upload, oldest first. */
  all(now: number): MinuteView[] {
    for (const start of this.#minutes.keys()) if (start < firstMinute(now)) this.#minutes.delete(start);
    return this.#views(this.#minutes.keys());
  }

  /** The minutes that have changed since the last call, oldest first. */
  takeChanged(): MinuteView[] {
    const changed = this.#changed;
    this.#changed = new Set();
    return this.#views(changed);
  }

  #views(starts: Iterable<number>): MinuteView[] {
    return [...starts]
      .sort((a, b) => a - b)
      .flatMap((minute) => {
        const counts = this.#minutes.get(minute);
        return counts === undefined ? [] : [{ minute, uploads: [...counts.uploads], bytes: [...counts.bytes] }];
      });
  }
}

/** Uploads of the last 60 seconds, counted by the second of their events: it slides by seconds. */
export class LastMinute {
  readonly #seconds = new Map<number, { uploads: number; bytes: number }>();
  #reported: LastMinuteView = { uploads: 0, bytes: 0 };

  /** Counts an upload; ignores other records. The clock of S3 may be ahead: an upload counts from now on at the latest. */
  add({ status, timestamp, filesize = 0 }: LedgerRecord, now: number): void {
    const second = Math.floor(Math.min(Date.parse(timestamp), now) / SECOND_MS);
    if (status !== 'uploaded' || second < firstSecond(now)) return;
    const counts = this.#seconds.get(second) ?? { uploads: 0, bytes: 0 };
    counts.uploads += 1;
    counts.bytes += filesize;
    this.#seconds.set(second, counts);
  }

  view(now: number): LastMinuteView {
    for (const second of this.#seconds.keys()) if (second < firstSecond(now)) this.#seconds.delete(second);
    const sum = { uploads: 0, bytes: 0 };
    for (const { uploads, bytes } of this.#seconds.values()) {
      sum.uploads += uploads;
      sum.bytes += bytes;
    }
    return sum;
  }

  /** Whether the view differs from what it was at the last call. */
  takeChanged(now: number): boolean {
    const { uploads, bytes } = this.#reported;
    this.#reported = this.view(now);
    return this.#reported.uploads !== uploads || this.#reported.bytes !== bytes;
  }
}

/** The first of the 60 seconds that end with the one that `now` is in. */
function firstSecond(now: number): number {
  return Math.floor(now / SECOND_MS) - 59;
}

const DELAY_WINDOW_MS = 5 * MINUTE_MS;
const MAX_DELAYS = 2000;

/** How late the records of the last five minutes were: a sample of bounded size, the latest. */
export class DelayWindow {
  #delays: { readonly at: number; readonly delay: number }[] = [];

  /** @param delay Milliseconds. @param at Epoch milliseconds. */
  add(delay: number, at: number): void {
    this.#delays.push({ at, delay: Math.max(0, delay) });
    if (this.#delays.length >= 2 * MAX_DELAYS) this.#delays = this.#delays.slice(-MAX_DELAYS);
  }

  /** Undefined when no record came in the window before `now`. */
  view(now: number): DelayView | undefined {
    this.#delays = this.#delays.filter(({ at }) => at > now - DELAY_WINDOW_MS).slice(-MAX_DELAYS);
    const sorted = this.#delays.map(({ delay }) => delay).sort((a, b) => a - b);
    const [median, greatest] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
    if (median === undefined || greatest === undefined) return undefined;
    return { median, greatest, count: sorted.length };
  }
}
