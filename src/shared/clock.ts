import { setTimeout as delay } from 'node:timers/promises';

/**
 * Time and chance, as one object that is handed to whatever needs them. Programs pass {@link systemClock}; tests and
 * the simulator pass a clock of their own, on which days pass in milliseconds and every run can be repeated.
 */
export interface Clock {
  /** Milliseconds since 1970. Can jump when the machine's clock is set. */
  now(): number;
  /** Milliseconds since some moment of the past; never goes back. For durations and rates. */
  monotonic(): number;
  /** A number in [0, 1). */
  random(): number;
  /**
   * Resolves after this many milliseconds.
   *
   * @throws the signal's reason, wrapped by Node in an `AbortError`, as soon as the signal is aborted.
   */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once after this many milliseconds. Returns the function that cancels the call. */
  after(milliseconds: number, callback: () => void): () => void;
  /** A signal that is aborted with a `TimeoutError` after this many milliseconds. It does not keep a process alive. */
  timeout(milliseconds: number): AbortSignal;
}

/** The machine's clock and Node's own generator. The only place in `src/` that uses them. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  sleep: async (milliseconds, signal) => {
    await delay(milliseconds, undefined, signal && { signal });
  },
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
  timeout: (milliseconds) => AbortSignal.timeout(Math.max(0, Math.floor(milliseconds))),
};
