import { setTimeout as wait } from 'node:timers/promises';
import { RecentlySeen } from '../../ledger/read/follow.ts';
import type { LedgerReader } from '../../ledger/read/reader.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import { HOUR_MS, MINUTE_MS } from '../../shared/time.ts';
import { type LiveState, RECORDS_SHOWN } from './live-state.ts';

export interface FollowUploadsOptions {
  readonly reader: Pick<LedgerReader, 'follow' | 'newest'>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds between two looks at the ledger. */
  readonly betweenLooks: number;
}

/** How late a record may be and still appear, in milliseconds: the time that a backlog may take. */
const LATE = 15 * MINUTE_MS;
/** How far back the first rows of the table may be. */
const FIRST_ROWS = 24 * HOUR_MS;
/** Keys remembered at most, some 40 MB of them: an hour with more records than that is counted from its middle on. */
const MOST_COUNTED = 250_000;
/** The same for rows: as many as the reader itself tells apart. */
const MOST_SHOWN = 20_000;

/**
 * Follows the ledger into `state`: the last records, then new ones as they come, and beside that the count of the last hour. Each record
 * is shown once and counted once, also when this is called again after it failed.
 */
export class FollowUploads {
  readonly #options: FollowUploadsOptions;
  readonly #state: LiveState;
  readonly #counted = new RecentlySeen(MOST_COUNTED);
  readonly #shown = new RecentlySeen(MOST_SHOWN);

  constructor(options: FollowUploadsOptions, state: LiveState) {
    this.#options = options;
    this.#state = state;
  }

  /** @throws what the reader throws, and when `signal` says stop. */
  async run(signal: AbortSignal): Promise<void> {
    const { reader, now, betweenLooks } = this.#options;
    let counting: Promise<void> | undefined;
    let failure: { readonly error: unknown } | undefined;
    const pause = async () => {
      // By the first pause the reader knows all that is there: whatever comes from now on, it or the count finds, or both do.
      counting ??= this.#countLastHour(signal).catch((error: unknown) => {
        failure = { error };
      });
      if (failure !== undefined) throw failure.error;
      this.#state.setRead();
      this.#state.setTrouble('ledger', undefined);
      await wait(betweenLooks, undefined, { signal });
    };
    const startedAt = now();
    const records = reader.follow({
      now: () => new Date(now()),
      pause,
      last: RECORDS_SHOWN,
      lastSince: new Date(startedAt - FIRST_ROWS),
      lateMilliseconds: LATE,
      signal,
    });
    for await (const record of records) {
      const isNew = this.#count(record);
      if (this.#shown.add(record)) this.#state.show(record);
      // A record that was there when the looking began says nothing about how late it came.
      if (counting !== undefined && isNew) this.#state.addDelay(now() - Date.parse(record.timestamp), now());
    }
  }

  #count(record: LedgerRecord): boolean {
    const isNew = this.#counted.add(record);
    if (isNew) this.#state.count(record, this.#options.now());
    return isNew;
  }

  async #countLastHour(signal: AbortSignal): Promise<void> {
    const now = this.#options.now();
    this.#counted.forgetBefore(new Date(now - HOUR_MS).toISOString());
    const range = { since: new Date(now - HOUR_MS), until: new Date(now + HOUR_MS) };
    for await (const record of this.#options.reader.newest({ ...range, signal })) this.#count(record);
  }
}
