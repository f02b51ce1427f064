import type { EventEmitter } from 'node:events';

/** The requests that are being answered. */
export class InFlight {
  readonly #responses = new Set<EventEmitter>();
  #waiting: Array<() => void> = [];

  get size(): number {
    return this.#responses.size;
  }

  /** Counts a request until its response has been sent or its client has gone. */
  enter(response: EventEmitter): void {
    this.#responses.add(response);
    response.once('close', () => {
      this.#responses.delete(response);
      if (this.#responses.size > 0) return;
      for (const resolve of this.#waiting) resolve();
      this.#waiting = [];
    });
  }

  /** Resolves when no request is left, or after `patience` milliseconds. */
  async drained(patience: number): Promise<void> {
    if (this.#responses.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, patience);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
