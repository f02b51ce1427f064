import type { LedgerReader } from '../../ledger/read/reader.ts';
import { RecentlySeen } from '../../ledger/read/recently-seen.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import type { Clock } from '../../shared/clock.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../shared/time.ts';
import { type LiveState, RECORDS_SHOWN } from './live-state.ts';

export interface FollowUploadsOptions {
  readonly reader: Pick<LedgerReader, 'follow' | 'newest'>;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  /** Milliseconds between two polls of the ledger. */
  readonly pollMilliseconds: number;
}

/** How late a record may be and still appear: the time that a backlog may take. */
const MAX_LATE_MS = 15 * MINUTE_MS;
/** Keys remembered, some 40 MB of them: an hour with more records than that is counted from its middle on. */
const MAX_COUNTED = 250_000;
/** The same for rows: as many as the reader itself tells apart. */
const MAX_SHOWN = 20_000;

/**
 * Follows the ledger into `state`: the latest records of the last day, then new ones as they come, and at the same time
 * the count of the last hour. Each record is shown once and counted once, also when this runs again after a failure.
 */
export class FollowUploads {
  readonly #options: FollowUploadsOptions;
  readonly #state: LiveState;
  readonly #counted = new RecentlySeen(MAX_COUNTED);
  readonly #shown = new RecentlySeen(MAX_SHOWN);

  constructor(options: FollowUploadsOptions, state: LiveState) {
    this.#options = options;
    this.#state = state;
  }

  /** @throws what the reader throws, and when `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { reader, clock, pollMilliseconds } = this.#options;
    let counting: Promise<void> | undefined;
    let failure: { readonly error: unknown } | undefined;
    const pause = async () => {
      // At the first pause the reader knows everything that is there. Later records are found by it, the count or both.
      counting ??= this.#countLastHour(signal).catch((error: unknown) => {
        failure = { error };
      });
      if (failure !== undefined) throw failure.error;
      this.#state.setRead();
      this.#state.setTrouble('ledger', undefined);
      await clock.sleep(pollMilliseconds, signal);
    };
    const records = reader.follow({
      now: () => new Date(clock.now()),
      pause,
      last: RECORDS_SHOWN,
      lastSince: new Date(clock.now() - DAY_MS),
      lateMilliseconds: MAX_LATE_MS,
      signal,
    });
    for await (const record of records) {
      const isNew = this.#count(record);
      if (this.#shown.add(record)) this.#state.show(record);
      // A record that was there from the start does not say how late it came.
      if (counting !== undefined && isNew) {
        this.#state.addDelay(clock.now() - Date.parse(record.timestamp), clock.now());
      }
    }
  }

  #count(record: LedgerRecord): boolean {
    const isNew = this.#counted.add(record);
    if (isNew) this.#state.count(record, this.#options.clock.now());
    return isNew;
  }

  async #countLastHour(signal: AbortSignal): Promise<void> {
    const now = this.#options.clock.now();
    this.#counted.forgetBefore(new Date(now - HOUR_MS).toISOString());
    const range = { since: new Date(now - HOUR_MS), until: new Date(now + HOUR_MS) };
    for await (const record of this.#options.reader.newest({ ...range, signal })) this.#count(record);
    this.#state.setCounted();
  }
}
