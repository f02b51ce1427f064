import type { DelayView } from '../api-types.ts';

/** Delays are told of for so long, in milliseconds. */
const WINDOW = 5 * 60 * 1000;

/** Delays held at most: the latest of them. */
const MOST = 2000;

interface Delay {
  readonly at: number;
  readonly delay: number;
}

/** How late the records of the last five minutes were, by a sample of bounded size. */
export class DelayWindow {
  #delays: Delay[] = [];

  /** Takes in a delay of so many milliseconds, seen at `at` (epoch milliseconds). */
  add(delay: number, at: number): void {
    this.#delays.push({ at, delay: Math.max(0, delay) });
    if (this.#delays.length >= 2 * MOST) this.#delays = this.#delays.slice(-MOST);
  }

  /** What is known at `now`; undefined when no record came of late. */
  view(now: number): DelayView | undefined {
    this.#delays = this.#delays.filter(({ at }) => at > now - WINDOW).slice(-MOST);
    const sorted = this.#delays.map(({ delay }) => delay).sort((a, b) => a - b);
    const [median, greatest] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
    if (median === undefined || greatest === undefined) return undefined;
    return { median, greatest, count: sorted.length };
  }
}
