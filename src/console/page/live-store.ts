import type {
  ChangeView,
  DelayView,
  LastMinuteView,
  LiveLine,
  MinuteView,
  QueuesView,
  RecordView,
  SnapshotView,
} from '../api-types.ts';
import { jsonLines, NotLetInError } from './api.ts';
import { firstMinute } from './stack-minutes.ts';

const LOST = 'The connection to the console is lost. Trying again.';

/** Milliseconds until a lost connection is tried again. */
const RECONNECT_MS = 2000;

/** Records that are kept, newest first. */
const MAX_RECORDS = 200;

/**
 * Called with new records, newest last, and the number of those that were skipped; with none when something else has
 * changed. `undefined`: everything may be different, as after a lost connection.
 */
type LiveListener = (fresh: readonly RecordView[] | undefined, skipped: number) => void;

/** What the console has sent so far. Bounded, however long the page stays open. */
export class LiveStore {
  readonly #listeners = new Set<LiveListener>();
  readonly #minutes = new Map<number, MinuteView>();
  records: RecordView[] = [];
  lastMinute: LastMinuteView = { uploads: 0, bytes: 0 };
  delay: DelayView | undefined;
  queues: QueuesView | undefined;
  trouble: string | undefined;
  isConnected = false;
  isReading = true;
  isCounting = true;

  /** Of the last hour, oldest first. */
  get minutes(): MinuteView[] {
    const first = firstMinute(Date.now());
    for (const minute of this.#minutes.keys()) if (minute < first) this.#minutes.delete(minute);
    return [...this.#minutes.values()].sort((a, b) => a.minute - b.minute);
  }

  /** Listens to the console while the page is open, and again when the connection is lost. */
  async connect(path: string): Promise<void> {
    for (;;) {
      try {
        for await (const line of jsonLines<LiveLine>(path)) {
          if ('snapshot' in line) this.#take(line.snapshot, true);
          else this.#take(line.change, false);
        }
        this.#setLost(LOST);
      } catch (error) {
        this.#setLost(error instanceof NotLetInError ? error.message : LOST);
        if (error instanceof NotLetInError) return;
      }
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
    }
  }

  #setLost(trouble: string): void {
    this.isConnected = false;
    this.trouble = trouble;
    this.#notify([], 0);
  }

  listen(listener: LiveListener, signal?: AbortSignal): void {
    this.#listeners.add(listener);
    signal?.addEventListener('abort', () => this.#listeners.delete(listener), { once: true });
  }

  #take(view: SnapshotView & Partial<ChangeView>, isSnapshot: boolean): void {
    if (isSnapshot) this.#minutes.clear();
    for (const minute of view.minutes) this.#minutes.set(minute.minute, minute);
    const newestFirst = [...view.records].reverse();
    this.records = isSnapshot ? newestFirst : [...newestFirst, ...this.records].slice(0, MAX_RECORDS);
    this.lastMinute = view.lastMinute;
    this.delay = view.delay;
    this.queues = view.queues;
    this.trouble = view.trouble;
    this.isConnected = true;
    this.isReading = view.isReading;
    this.isCounting = view.isCounting;
    this.#notify(isSnapshot ? undefined : view.records, view.skipped ?? 0);
  }

  #notify(fresh: readonly RecordView[] | undefined, skipped: number): void {
    for (const listener of this.#listeners) listener(fresh, skipped);
  }
}
