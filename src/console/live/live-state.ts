import type { LedgerRecord } from '../../ledger/record.ts';
import type { ChangeView, QueuesView, RecordView, SnapshotView } from '../api-types.ts';
import { toRecordView } from '../record-view.ts';
import { DelayWindow } from './delay-window.ts';
import { MinuteSeries } from './minute-series.ts';

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
