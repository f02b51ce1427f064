import type { LedgerRecord } from '../ledger/record.ts';
import type { RecordKey } from '../ledger/record-key.ts';
import { toKeyText } from '../ledger/record-key.ts';
import type { SentLetters } from './move.ts';
import type { DeadLettersLook } from './receive.ts';

/** Messages that the canary's watch reads ahead at most, in the hope of seeing one that came back. */
const MOST_READ_AHEAD = 200;

/** Milliseconds between two looks. */
const PAUSE = 500;

/** What became of the messages that were watched. */
export interface CanaryOutcome {
  readonly moved: number;
  /** Whose records were not in the ledger before and are now. */
  readonly recorded: number;
  /** Back in the dead-letter queue. */
  readonly cameBack: number;
  /** Neither, though they should have left a record by now. */
  readonly unrecorded: number;
}

export interface CanaryOptions {
  /** Which of the records with these keys are in the ledger. */
  readonly stored: (keys: readonly RecordKey[]) => Promise<readonly RecordKey[]>;
  /** Milliseconds that the messages get. */
  readonly waitMilliseconds: number;
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly signal?: AbortSignal;
}

/** One message that is watched. */
interface Bird {
  /** Of the records that the ledger did not have: they prove that the message was recorded. */
  readonly missing: Set<string>;
  readonly hadProof: boolean;
}

/**
 * Watches what becomes of some messages of a redrive, the first ones above all. A message is well when its records appear in the ledger. One that cannot
 * prove itself so (it stores nothing, or its records were there before) is well when it has not come back in time.
 */
export class Canary {
  readonly #options: CanaryOptions;
  readonly #birds = new Map<string, Bird>();
  readonly #keys = new Map<string, RecordKey>();

  constructor(options: CanaryOptions) {
    this.#options = options;
  }

  /** Takes note of what the ledger has, before the messages are sent. @param records By the id of the dead letter. */
  async prepare(records: ReadonlyMap<string, readonly LedgerRecord[]>): Promise<void> {
    const all = [...records.values()].flat();
    const stored = new Set((await this.#options.stored(all)).map(toKeyText));
    for (const [id, ofOne] of records) {
      const missing = ofOne.filter((record) => !stored.has(toKeyText(record)));
      for (const record of missing) this.#keys.set(toKeyText(record), record);
      this.#birds.set(id, { missing: new Set(missing.map(toKeyText)), hadProof: missing.length > 0 });
    }
  }

  /** Whether any of the messages can prove that it was recorded. */
  get hasProof(): boolean {
    return [...this.#birds.values()].some(({ hadProof }) => hadProof);
  }

  /** Waits until every message is well or back, or the time is over. */
  async watch(look: DeadLettersLook, sent: SentLetters): Promise<CanaryOutcome> {
    const { now, wait, waitMilliseconds, signal } = this.#options;
    const end = now() + waitMilliseconds;
    for (;;) {
      await Promise.all([this.#lookAtLedger(), look.held.renewDue()]);
      if (look.peek.length < MOST_READ_AHEAD) await look.readAhead();
      const outcome = this.#outcome(look, sent);
      const settled = outcome.recorded + outcome.cameBack;
      if (settled >= outcome.moved || now() >= end || signal?.aborted) return outcome;
      await wait(Math.min(PAUSE, Math.max(0, end - now())));
    }
  }

  async #lookAtLedger(): Promise<void> {
    const open = [...this.#birds.values()].flatMap(({ missing }) => [...missing]);
    const keys = open.flatMap((text) => this.#keys.get(text) ?? []);
    if (keys.length === 0) return;
    for (const key of await this.#options.stored(keys)) {
      for (const { missing } of this.#birds.values()) missing.delete(toKeyText(key));
    }
  }

  #outcome(look: DeadLettersLook, sent: SentLetters): CanaryOutcome {
    const back = new Set(look.peek.flatMap((letter) => sent.originOf(letter) ?? []));
    const birds = [...this.#birds].filter(([id]) => sent.has(id));
    const alive = birds.filter(([id]) => !back.has(id)).map(([, bird]) => bird);
    const proving = alive.filter(({ hadProof }) => hadProof);
    return {
      moved: birds.length,
      recorded: proving.filter(({ missing }) => missing.size === 0).length,
      cameBack: birds.length - alive.length,
      unrecorded: proving.filter(({ missing }) => missing.size > 0).length,
    };
  }
}
