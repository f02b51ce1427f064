import { type RecordKey, toKeyText } from '../ledger/record-key.ts';
import { sleepUnlessAborted } from '../shared/concurrency.ts';
import type { SentMessages } from './move.ts';
import type { LedgerQueues } from './queues.ts';
import type { DeadLetterReceiver } from './receive.ts';

/** How long the first ten messages have to be recorded: a batching window, a cold start, and room to spare. */
export const CANARY_WAIT_MS = 30_000;

/** Messages read ahead at most, to see one that came back. */
const MAX_READ_AHEAD = 200;

const POLL_MS = 500;

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

export interface CanaryOptions extends Pick<LedgerQueues, 'stored' | 'clock'> {
  /** Milliseconds that the messages get. @default {@link CANARY_WAIT_MS} */
  readonly canaryMilliseconds?: number;
  readonly signal?: AbortSignal;
}

interface WatchedMessage {
  /** Of its records, those that the ledger does not have yet: their arrival proves that the message was recorded. */
  readonly missing: Set<string>;
  /** Whether any was missing in the beginning. */
  readonly hasProof: boolean;
}

/**
 * Watches what becomes of some messages of a redrive, the first ones above all. A message succeeded when its records
 * appear in the ledger. One that stores nothing, or whose records were there before, succeeded when it does not come
 * back in time.
 */
export class Canary {
  readonly #options: CanaryOptions;
  readonly #watched = new Map<string, WatchedMessage>();
  readonly #keys = new Map<string, RecordKey>();

  constructor(options: CanaryOptions) {
    this.#options = options;
  }

  /** Notes what the ledger has, before the messages are sent. @param keys Of the records, by the dead letter's id. */
  async prepare(keys: ReadonlyMap<string, readonly RecordKey[]>): Promise<void> {
    const stored = new Set((await this.#options.stored([...keys.values()].flat())).map(toKeyText));
    for (const [id, ofMessage] of keys) {
      const missing = ofMessage.filter((key) => !stored.has(toKeyText(key)));
      for (const key of missing) this.#keys.set(toKeyText(key), key);
      this.#watched.set(id, { missing: new Set(missing.map(toKeyText)), hasProof: missing.length > 0 });
    }
  }

  /** Whether any of the messages can prove that it was recorded. */
  get hasProof(): boolean {
    return [...this.#watched.values()].some(({ hasProof }) => hasProof);
  }

  /** Waits until every message was recorded or came back, or the time is over. */
  async watch(receiver: DeadLetterReceiver, sent: SentMessages): Promise<CanaryOutcome> {
    const { clock, canaryMilliseconds = CANARY_WAIT_MS, signal } = this.#options;
    const end = clock.monotonic() + canaryMilliseconds;
    for (;;) {
      await Promise.all([this.#readLedger(), receiver.held.renewDue()]);
      if (receiver.unread.length < MAX_READ_AHEAD) await receiver.readAhead();
      const outcome = this.#outcome(receiver, sent);
      const isSettled = outcome.recorded + outcome.cameBack >= outcome.moved;
      if (isSettled || clock.monotonic() >= end || signal?.aborted) return outcome;
      await sleepUnlessAborted(Math.min(POLL_MS, Math.max(0, end - clock.monotonic())), clock, signal);
    }
  }

  async #readLedger(): Promise<void> {
    const missing = [...this.#watched.values()].flatMap((message) => [...message.missing]);
    const keys = missing.flatMap((text) => this.#keys.get(text) ?? []);
    if (keys.length === 0) return;
    for (const key of await this.#options.stored(keys)) {
      for (const message of this.#watched.values()) message.missing.delete(toKeyText(key));
    }
  }

  #outcome(receiver: DeadLetterReceiver, sent: SentMessages): CanaryOutcome {
    const back = new Set(receiver.unread.flatMap((message) => sent.originOf(message) ?? []));
    const moved = [...this.#watched].filter(([id]) => sent.has(id));
    const gone = moved.filter(([id]) => !back.has(id)).map(([, message]) => message);
    const provable = gone.filter(({ hasProof }) => hasProof);
    const recorded = provable.filter(({ missing }) => missing.size === 0).length;
    return {
      moved: moved.length,
      recorded,
      cameBack: moved.length - gone.length,
      unrecorded: provable.length - recorded,
    };
  }
}
