import type { FoundRecords } from '../ledger/reconcile/superseded-records.ts';
import type { LedgerRecord } from '../ledger/record.ts';
import { type RecordKey, toKeyText } from '../ledger/record-key.ts';
import { limitConcurrency, sleepUnlessAborted } from '../shared/concurrency.ts';
import { CANARY_WAIT_MS, type CanaryOptions } from './canary.ts';

const MAX_CALLS_IN_FLIGHT = 16;
const POLL_MS = 500;

interface SupersededWatchOptions extends CanaryOptions {
  readonly found: FoundRecords;
}

/**
 * Records of backfill and reconcile that the redriven messages supersede. Each is deleted once the message's own record
 * is in the ledger, and not before: a message may fail again.
 */
export class SupersededWatch {
  readonly #options: SupersededWatchOptions;
  readonly #waiting = new Map<string, { readonly key: RecordKey; readonly found: LedgerRecord }>();
  readonly #limited = limitConcurrency(MAX_CALLS_IN_FLIGHT);
  #removed = 0;

  constructor(options: SupersededWatchOptions) {
    this.#options = options;
  }

  /** Records that were deleted so far. */
  get removed(): number {
    return this.#removed;
  }

  /** Records whose successors are not in the ledger yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Notes what the records of messages will supersede. */
  async expect(records: readonly LedgerRecord[]): Promise<void> {
    await Promise.all(
      records.map((record) =>
        this.#limited(async () => {
          const found = await this.#options.found.supersededBy(record);
          if (found !== undefined) this.#waiting.set(toKeyText(record), { key: record, found });
        }),
      ),
    );
  }

  /** Deletes what is superseded by now. */
  async settle(): Promise<void> {
    if (this.#waiting.size === 0) return;
    const stored = await this.#options.stored([...this.#waiting.values()].map(({ key }) => key));
    await Promise.all(stored.map((key) => this.#limited(() => this.#remove(toKeyText(key)))));
  }

  /** Deletes what is superseded, until nothing waits, or the time that watched messages get is over. */
  async finish(): Promise<void> {
    const { clock, canaryMilliseconds = CANARY_WAIT_MS, signal } = this.#options;
    const end = clock.monotonic() + canaryMilliseconds;
    for (;;) {
      await this.settle();
      const left = end - clock.monotonic();
      if (this.#waiting.size === 0 || left <= 0 || signal?.aborted) return;
      await sleepUnlessAborted(Math.min(POLL_MS, left), clock, signal);
    }
  }

  async #remove(keyText: string): Promise<void> {
    const waiting = this.#waiting.get(keyText);
    if (waiting === undefined) return;
    this.#waiting.delete(keyText);
    if (await this.#options.found.remove(waiting.found)) this.#removed += 1;
  }
}
