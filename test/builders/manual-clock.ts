import type { Clock } from '../../src/shared/clock.ts';

export interface ManualClock extends Clock {
  /** Both readings of the clock, in milliseconds. Tests set it. */
  time: number;
  /** Every sleep, in milliseconds. */
  readonly sleeps: number[];
}

/** A clock that moves only when it is set or when somebody sleeps on it, which ends at once. Its timeouts never come. */
export function manualClock({ time = 0, random = (): number => 0 } = {}): ManualClock {
  const clock: ManualClock = {
    time,
    sleeps: [],
    now: () => clock.time,
    monotonic: () => clock.time,
    random,
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      clock.sleeps.push(milliseconds);
      clock.time += milliseconds;
    },
    after: () => () => undefined,
    timeout: () => new AbortController().signal,
  };
  return clock;
}
