import type { Clock } from '../../../src/shared/clock.ts';
import { seededRandom } from '../../../src/shared/seeded-random.ts';

interface Timer {
  readonly at: number;
  /** Timers of one moment go off in the order in which they were set. */
  readonly order: number;
  callback: (() => void) | undefined;
}

/**
 * A clock that stands still while anything can still run, and then jumps to the next timer. The same program with the same
 * seed sees the same times and the same random numbers in every run.
 */
export class VirtualClock implements Clock {
  readonly random: () => number;
  #now: number;
  #set = 0;
  readonly #timers: Timer[] = [];

  /** @param startsAt Epoch milliseconds. */
  constructor(startsAt: number, seed: number) {
    this.#now = startsAt;
    this.random = seededRandom(seed);
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, milliseconds), order: this.#set++, callback };
    this.#push(timer);
    return () => {
      timer.callback = undefined;
    };
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = this.after(milliseconds, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  timeout(milliseconds: number): AbortSignal {
    const controller = new AbortController();
    this.after(milliseconds, () => controller.abort(new DOMException('The operation timed out.', 'TimeoutError')));
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
      const timer = this.#pop();
      if (timer === undefined) return false;
      const { callback } = timer;
      if (callback === undefined) continue;
      this.#now = timer.at;
      callback();
      return true;
    }
  }

  #push(timer: Timer): void {
    const heap = this.#timers;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, timer)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = timer;
  }

  #pop(): Timer | undefined {
    const heap = this.#timers;
    const [first] = heap;
    const last = heap.pop();
    if (last === undefined || first === last) return first;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const [l, r] = [heap[left], heap[right]];
      if (l === undefined) break;
      const [child, below] = r !== undefined && isBefore(r, l) ? [right, r] : [left, l];
      if (isBefore(last, below)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/**
 * Turns of the event loop after which nothing is left to run: all promises of a turn are settled before the next, and the code under
 * test puts things off by `setImmediate` at most this often in a row.
 */
const TURNS = 3;

async function quiet(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}
