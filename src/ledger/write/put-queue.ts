import { LIMITS } from '../../contract/limits.ts';
import type { LedgerRecord } from '../record.ts';
import type { RecordKey } from '../record-key.ts';
import { toKeyText } from '../record-key.ts';

/** One record on its way to the table, and everyone who waits for it. */
export interface PendingPut {
  readonly record: LedgerRecord;
  readonly keyText: string;
  /** Settles once: with true when the record is stored, or when it will not be. */
  readonly outcome: Promise<true>;
  readonly stored: () => void;
  readonly failed: (error: Error) => void;
  /** How often DynamoDB has returned it unprocessed. */
  refusals: number;
}

export function toPendingPut(record: LedgerRecord, keyText: string): PendingPut {
  const { promise, resolve, reject } = Promise.withResolvers<true>();
  return { record, keyText, outcome: promise, stored: () => resolve(true), failed: reject, refusals: 0 };
}

const FULL = LIMITS.dynamodb.batchWriteItems;

/**
 * What waits to be sent, and in which company.
 *
 * Leftovers (puts that came back unprocessed) fill up the last call of the fresh puts; what does not fit waits until it is
 * released, so that a few leftovers never become a call of their own while others may still join them.
 */
export class WriterQueue {
  readonly #fresh: PendingPut[] = [];
  readonly #suspects: (readonly PendingPut[])[] = [];
  readonly #leftovers: PendingPut[] = [];

  add(put: PendingPut): void {
    this.#fresh.push(put);
  }

  addLeftover(put: PendingPut): void {
    this.#leftovers.push(put);
  }

  /** Puts that go out together and alone, because one of them is suspected of having spoilt a call. */
  addSuspects(puts: readonly PendingPut[]): void {
    this.#suspects.push(puts);
  }

  /** How many leftovers wait for their release. */
  get leftovers(): number {
    return this.#leftovers.length;
  }

  /** The greatest number of times that one of the leftovers has been refused. */
  get mostRefusals(): number {
    return this.#leftovers.reduce((most, { refusals }) => Math.max(most, refusals), 0);
  }

  get hasFullCallOfLeftovers(): boolean {
    return this.#leftovers.length >= FULL;
  }

  /** Lets the leftovers go out like fresh puts. */
  releaseLeftovers(): void {
    this.#fresh.push(...this.#leftovers.splice(0));
  }

  /** Takes the puts of the next call, at most 25; undefined when nothing may be sent now. */
  takeCall(): readonly PendingPut[] | undefined {
    const suspects = this.#suspects.shift();
    if (suspects !== undefined) return suspects;
    if (this.#fresh.length === 0) return undefined;
    const call = this.#fresh.splice(0, FULL);
    call.push(...this.#leftovers.splice(0, FULL - call.length));
    return call;
  }

  takeLeftovers(): readonly PendingPut[] {
    return this.#leftovers.splice(0);
  }
}

export interface Answer {
  readonly stored: readonly PendingPut[];
  readonly unprocessed: readonly PendingPut[];
}

/**
 * Says which puts of a call were stored: those that the answer does not name as unprocessed.
 *
 * @throws TypeError when there is no list, or when it names a record that the call did not carry: then nothing is known about any
 *   of them, and a missing result is a failure.
 */
export function toAnswer(call: readonly PendingPut[], unprocessedKeys: readonly RecordKey[]): Answer {
  if (!Array.isArray(unprocessedKeys)) {
    throw new TypeError('Expected a list of unprocessed keys from the call; got none, so nothing counts as stored.');
  }
  const refused = new Set(unprocessedKeys.map(toKeyText));
  const unprocessed = call.filter((put) => refused.has(put.keyText));
  if (unprocessed.length !== refused.size) {
    throw new TypeError(
      'Expected only keys of this call among the unprocessed; got others, so nothing counts as stored.',
    );
  }
  return { stored: call.filter((put) => !refused.has(put.keyText)), unprocessed };
}

/** The two halves of a call that one bad item spoilt. */
export function toHalves(call: readonly PendingPut[]): readonly [readonly PendingPut[], readonly PendingPut[]] {
  const middle = Math.ceil(call.length / 2);
  return [call.slice(0, middle), call.slice(middle)];
}
