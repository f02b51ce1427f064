import { setTimeout as sleep } from 'node:timers/promises';

const SHORTEST_MS = 100;
const LONGEST_MS = 5000;

/** A pause after each failure, twice as long as the one before until something succeeds. */
export class Pause {
  readonly #end = new AbortController();
  #ms = 0;
  #isDue = false;

  /** Notes a failure. */
  grow(): void {
    this.#ms = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, this.#ms * 2));
    this.#isDue = true;
  }

  /** Notes a success. */
  reset(): void {
    this.#ms = 0;
    this.#isDue = false;
  }

  /** Ends the current pause and makes every later one empty. */
  end(): void {
    this.#end.abort();
  }

  /** Waits once for the failures noted since the last wait. */
  async wait(): Promise<void> {
    if (!this.#isDue || this.#end.signal.aborted) return;
    this.#isDue = false;
    // It rejects when end() is called, and never for another reason.
    await sleep(this.#ms, undefined, { signal: this.#end.signal }).catch(() => undefined);
  }
}
