import type { LedgerRecord } from '../../ledger/record.ts';
import type { MakeRidingItem } from '../../ledger/write/writer.ts';
import type { Clock } from '../../shared/clock.ts';
import { type BatchFacts, summarise } from './summarise.ts';
import { type SummaryStamp, toSummaryItem } from './summary-item.ts';
import { type PutSummaryOptions, putSummary } from './summary-store.ts';

/** A summary that went to the table with the records of its batch. */
interface SentSummary {
  /** What it tells of. */
  readonly records: ReadonlySet<LedgerRecord>;
  readonly isStored: Promise<boolean>;
}

/** What a batch says beside its records, when it says nothing. */
const NOTHING_ELSE = { failed: 0, quarantined: 0, heldBack: [] } as const;

/**
 * Stores the summary of one batch.
 *
 * It rides in the calls that carry the records, written as if all of them were going to be stored. Mostly they are, and
 * the summary has cost no round trip. Otherwise it is replaced, once the batch is over, by one of what was stored.
 *
 * What else there is to tell (messages that failed or were quarantined, alerts that were held back) is known only then,
 * and becomes a second item, which adds up with the first. In one item it could be lost: a call that was given up
 * unanswered can still be done, late, and put the first version back.
 *
 * So a digest never tells of less than what was recorded. It can tell of more when the invocation dies before the
 * summary is put right, or when the first version comes back: of records whose messages return and are counted again.
 *
 * Stamped when the invocation begins: what is stamped is stored before the invocation's time is up, or never. Digests
 * rely on it to know when a minute is complete.
 */
export class BatchSummaryWriter {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #stamp: SummaryStamp;
  #sent: SentSummary | undefined;

  /** @param invocation Its `requestId`, and the clock. */
  constructor({ requestId, clock }: { readonly requestId: string; readonly clock: Pick<Clock, 'now'> }) {
    this.#clock = clock;
    this.#stamp = { time: new Date(clock.now()).toISOString(), requestId };
  }

  /** For the writer of the records. Never throws: what fails here fails again in {@link store}, which tells why. */
  readonly makeItem: MakeRidingItem = (records, isStored) => {
    try {
      const summary = summarise(records, { ...NOTHING_ELSE, now: this.#clock.now() });
      const item = toSummaryItem(summary, this.#stamp);
      this.#sent = { records: new Set(records), isStored };
      return item;
    } catch {
      return undefined;
    }
  };

  /**
   * Makes sure that the table tells of the batch. Costs no call when the summary that went with the records is stored
   * and right, and there is nothing else to tell.
   *
   * @param records What the batch has stored.
   * @throws whatever the last try failed with. The batch has to fail then, or a digest would undercount.
   */
  async store(
    records: readonly LedgerRecord[],
    facts: BatchFacts,
    options: Omit<PutSummaryOptions, 'stamp'>,
  ): Promise<void> {
    // While it is on its way, it could still replace what replaces it.
    const isStored = (await this.#sent?.isStored) === true;
    if (isStored ? !this.#toldOf(records) : records.length > 0) {
      const summary = summarise(records, { ...NOTHING_ELSE, now: facts.now });
      await putSummary(summary, { ...options, stamp: this.#stamp });
    }
    if (facts.failed + facts.quarantined + facts.heldBack.length > 0) {
      await putSummary(summarise([], facts), { ...options, stamp: { ...this.#stamp, isSecond: true } });
    }
  }

  /** Whether the summary that went with the records told of exactly these. */
  #toldOf(records: readonly LedgerRecord[]): boolean {
    const told = this.#sent?.records;
    return told?.size === records.length && records.every((record) => told.has(record));
  }
}
