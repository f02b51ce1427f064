import type { Clock } from '../../shared/clock.ts';
import { sleepUnlessAborted } from '../../shared/concurrency.ts';
import { fullJitter } from '../../shared/retry.ts';

/** One pause after each failure, longer the more failures come in a row. */
export class Backoff {
  readonly #clock: Pick<Clock, 'random' | 'sleep'>;
  #failures = 0;
  #pauseMs = 0;

  constructor(clock: Pick<Clock, 'random' | 'sleep'>) {
    this.#clock = clock;
  }

  note(hasFailed: boolean): void {
    this.#failures = hasFailed ? this.#failures + 1 : 0;
    this.#pauseMs = hasFailed ? fullJitter(this.#failures, this.#clock) : 0;
  }

  /** Waits once for the failures noted since the last wait. Resolves at once when the signal is aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    const pauseMs = this.#pauseMs;
    this.#pauseMs = 0;
    if (pauseMs > 0) await sleepUnlessAborted(pauseMs, this.#clock, signal);
  }
}
