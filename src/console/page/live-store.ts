import type { ChangeView, DelayView, MinuteView, QueuesView, RecordView, SnapshotView } from '../api-types.ts';
import { firstMinute } from './stack-minutes.ts';

/** Records that are kept, newest first. */
const KEPT = 200;
/**
 * Told of records as they come, newest last, and of how many came besides; of none when something else has changed. `undefined`: all may
 * be different, as it is after the connection was lost.
 */
export type LiveListener = (fresh: readonly RecordView[] | undefined, skipped: number) => void;

/** What the console has told so far. Bounded, however long the page stays open. */
export class LiveStore {
  readonly #listeners = new Set<LiveListener>();
  readonly #minutes = new Map<number, MinuteView>();
  records: RecordView[] = [];
  delay: DelayView | undefined;
  queues: QueuesView | undefined;
  trouble: string | undefined;
  isConnected = false;
  isReading = true;

  /** Of the last hour, oldest first. */
  get minutes(): MinuteView[] {
    const first = firstMinute(Date.now());
    for (const minute of this.#minutes.keys()) if (minute < first) this.#minutes.delete(minute);
    return [...this.#minutes.values()].sort((a, b) => a.minute - b.minute);
  }

  /** Listens to the console for as long as the page is open; the browser comes back by itself when the connection is lost. */
  connect(path: string): void {
    const events = new EventSource(path);
    events.addEventListener('snapshot', (event) => this.#take(JSON.parse(event.data) as SnapshotView, true));
    events.addEventListener('change', (event) => this.#take(JSON.parse(event.data) as ChangeView, false));
    events.addEventListener('error', () => {
      this.isConnected = false;
      const isOver = events.readyState === EventSource.CLOSED;
      this.trouble = isOver
        ? 'The console was stopped or started again: open its new link.'
        : 'The connection to the console is lost. Trying again.';
      this.#tell([], 0);
    });
  }

  listen(listener: LiveListener, signal: AbortSignal): void {
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => this.#listeners.delete(listener), { once: true });
  }

  #take(told: SnapshotView & Partial<ChangeView>, isSnapshot: boolean): void {
    if (isSnapshot) this.#minutes.clear();
    for (const minute of told.minutes) this.#minutes.set(minute.minute, minute);
    const newestFirst = [...told.records].reverse();
    this.records = isSnapshot ? newestFirst : [...newestFirst, ...this.records].slice(0, KEPT);
    this.delay = told.delay;
    this.queues = told.queues;
    this.trouble = told.trouble;
    this.isConnected = true;
    this.isReading = told.isReading;
    this.#tell(isSnapshot ? undefined : told.records, told.skipped ?? 0);
  }

  #tell(fresh: readonly RecordView[] | undefined, skipped: number): void {
    for (const listener of this.#listeners) listener(fresh, skipped);
  }
}
