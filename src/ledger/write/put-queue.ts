import { LIMITS } from '../../contract/limits.ts';
import type { OtherItem } from '../item.ts';
import type { LedgerRecord } from '../record.ts';
import { type RecordKey, toKeyText } from '../record-key.ts';

/** One record, or an item that rides with the records, on its way to the table, and everyone who waits for it. */
export interface PendingPut<Item = LedgerRecord | OtherItem> {
  readonly item: Item;
  readonly keyText: string;
  /** Settles once: with true when the item is stored, or with an error when it will not be. */
  readonly outcome: Promise<true>;
  readonly resolve: (isStored: true) => void;
  readonly reject: (error: Error) => void;
  /** How often DynamoDB has returned it unprocessed, or throttled its whole call. */
  timesUnprocessed: number;
  /** What the last throttled call failed with; undefined when only this put was refused. */
  throttledBy?: unknown;
}

export function toPendingPut<Item>(item: Item, keyText: string): PendingPut<Item> {
  const { promise: outcome, resolve, reject } = Promise.withResolvers<true>();
  return { item, keyText, outcome, resolve, reject, timesUnprocessed: 0 };
}

const PUTS_A_CALL = LIMITS.dynamodb.batchWriteItems;

/**
 * The puts that wait to be sent, and which of them share a call.
 *
 * Leftovers (puts that came back unprocessed) fill up the last call of the fresh puts; the rest waits until it is
 * released, so that a few leftovers never become a call of their own while others may still join them.
 */
export class PutQueue {
  readonly #fresh: PendingPut[] = [];
  readonly #halves: (readonly PendingPut[])[] = [];
  readonly #leftovers: PendingPut[] = [];

  add(put: PendingPut): void {
    this.#fresh.push(put);
  }

  addLeftover(put: PendingPut): void {
    this.#leftovers.push(put);
  }

  /** Adds the halves of a refused call. Each is sent without other puts, to find the invalid item. */
  addHalves(call: readonly PendingPut[]): void {
    const middle = Math.ceil(call.length / 2);
    this.#halves.push(call.slice(0, middle), call.slice(middle));
  }

  /** How many leftovers wait for their release. */
  get leftovers(): number {
    return this.#leftovers.length;
  }

  /** The greatest number of times that one of the leftovers was unprocessed. */
  get maxTimesUnprocessed(): number {
    return this.#leftovers.reduce((max, { timesUnprocessed }) => Math.max(max, timesUnprocessed), 0);
  }

  get hasFullCallOfLeftovers(): boolean {
    return this.#leftovers.length >= PUTS_A_CALL;
  }

  /** Lets the leftovers be sent like fresh puts. */
  releaseLeftovers(): void {
    this.#fresh.push(...this.#leftovers.splice(0));
  }

  /** Takes the puts of the next call, at most 25; undefined when nothing may be sent now. */
  takeCall(): readonly PendingPut[] | undefined {
    const half = this.#halves.shift();
    if (half !== undefined) return half;
    if (this.#fresh.length === 0) return undefined;
    const call = this.#fresh.splice(0, PUTS_A_CALL);
    call.push(...this.#leftovers.splice(0, PUTS_A_CALL - call.length));
    return call;
  }

  takeLeftovers(): readonly PendingPut[] {
    return this.#leftovers.splice(0);
  }

  /** Takes what would be sent next, so that it is not. Leftovers have a wait of their own. */
  takeUnsent(): readonly PendingPut[] {
    return [...this.#halves.splice(0).flat(), ...this.#fresh.splice(0)];
  }
}

/**
 * Splits the puts of a call into those that were stored and those that the answer names as unprocessed.
 *
 * @throws TypeError when there is no list, or when it names a record that the call did not carry: then nothing is known
 *   about any of them, and a missing result is a failure.
 */
export function splitByAnswer(call: readonly PendingPut[], answer: readonly RecordKey[]) {
  if (!Array.isArray(answer)) {
    throw new TypeError('Expected a list of unprocessed keys from the call; got none, so nothing counts as stored.');
  }
  const unprocessedKeys = new Set(answer.map(toKeyText));
  const unprocessed = call.filter((put) => unprocessedKeys.has(put.keyText));
  if (unprocessed.length !== unprocessedKeys.size) {
    throw new TypeError(
      'Expected only keys of this call among the unprocessed; got others, so nothing counts as stored.',
    );
  }
  return { stored: call.filter((put) => !unprocessedKeys.has(put.keyText)), unprocessed };
}
