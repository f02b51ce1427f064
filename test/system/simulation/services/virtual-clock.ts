import type { Clock } from '../../../../src/shared/clock.ts';
import { seededRandom } from '../../../../src/shared/seeded-random.ts';
import { MinHeap, type Timed } from './min-heap.ts';

interface Timer extends Timed {
  callback: (() => void) | undefined;
}

/**
 * A clock that stands still while anything can still run, and then jumps to the next timer. The same program with the same
 * seed sees the same times and the same random numbers in every run, whatever else the process does: everything that runs must
 * wait for timers of this clock, for promises and for `setImmediate`, and for nothing of the real world.
 */
export class VirtualClock implements Clock {
  readonly random: () => number;
  #now: number;
  #set = 0;
  readonly #timers = new MinHeap<Timer>();

  /** @param startsAt Epoch milliseconds. */
  constructor(startsAt: number, seed: number) {
    this.#now = startsAt;
    this.random = seededRandom(seed);
  }

  /** In whole milliseconds, like `Date.now()`. */
  now(): number {
    return Math.floor(this.#now);
  }

  monotonic(): number {
    return this.#now;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, milliseconds), order: this.#set++, callback };
    this.#timers.push(timer);
    return () => {
      timer.callback = undefined;
    };
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (signal === undefined) return new Promise((resolve) => this.after(milliseconds, resolve));
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(abortError(signal));
      const onAbort = () => {
        cancel();
        reject(abortError(signal));
      };
      const cancel = this.after(milliseconds, () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  timeout(milliseconds: number): AbortSignal {
    const controller = new AbortController();
    this.after(milliseconds, () => controller.abort(TIMED_OUT));
    return controller.signal;
  }

  /**
   * Lets time pass until `work` has settled.
   *
   * @throws what `work` throws, or an Error when nothing is left that could ever settle it.
   */
  async run<T>(work: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = work.finally(() => {
      isSettled = true;
    });
    settled.catch(() => undefined);
    await quiet();
    while (!isSettled) {
      if (!this.#next()) throw new Error('Nothing is left to happen, and the simulation has not ended.');
      await quiet();
    }
    return settled;
  }

  /** Lets time pass up to a moment, in epoch milliseconds. */
  async runUntil(at: number): Promise<void> {
    await this.run(this.sleep(at - this.#now));
  }

  /** Jumps to the next timer and lets it go off. */
  #next(): boolean {
    for (;;) {
      const timer = this.#timers.pop();
      if (timer === undefined) return false;
      const { callback } = timer;
      if (callback === undefined) continue;
      this.#now = timer.at;
      callback();
      return true;
    }
  }
}

/** One for all signals: to make one takes longer than everything else that a timer does. */
const TIMED_OUT = new DOMException('The operation timed out.', 'TimeoutError');

/** As `setTimeout` of `node:timers/promises` rejects. */
function abortError({ reason }: AbortSignal): Error {
  const error = new Error('The operation was aborted', { cause: reason });
  return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' });
}

/**
 * Turns of the event loop after which nothing is left to run: all promises of a turn are settled before the next, and the code under
 * test puts things off by `setImmediate` at most this often in a row.
 */
const TURNS = 3;

function quiet(): Promise<void> {
  return new Promise((resolve) => {
    let turns = 0;
    const turn = () => {
      turns += 1;
      if (turns < TURNS) setImmediate(turn);
      else resolve();
    };
    setImmediate(turn);
  });
}
