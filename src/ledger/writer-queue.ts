import { LIMITS } from '../contract/limits.ts';
import type { PendingPut } from './writer-put.ts';

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
