import type { Clock } from './clock.ts';
import { SECOND_MS } from './time.ts';

/** Runs a task when fewer than the limit are running, and settles with it. */
type LimitedRun = <T>(task: () => Promise<T>) => Promise<T>;

/** Lets at most `limit` tasks run at once; the others wait in the order in which they came. */
export function limitConcurrency(limit: number): LimitedRun {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (task) => {
    if (running >= limit) await new Promise<void>((start) => waiting.push(start));
    else running += 1;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

/** Waits until `count` more things may be done. */
export type RateLimiter = (count: number) => Promise<void>;

interface RateLimiterOptions {
  /** Default: no limit, nobody waits. */
  readonly perSecond?: number | undefined;
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>;
  /** Ends every wait early. */
  readonly signal?: AbortSignal | undefined;
}

/** Token bucket with one second of burst: what was not used within a second is lost. Calls may overlap; they queue. */
export function createRateLimiter({ perSecond, clock, signal }: RateLimiterOptions): RateLimiter {
  if (perSecond === undefined) return async () => undefined;
  /** When everything let through so far would be done at an even rate. */
  let nextFreeAt = Number.NEGATIVE_INFINITY;
  return async (count) => {
    const now = clock.monotonic();
    nextFreeAt = Math.max(nextFreeAt, now) + (count * SECOND_MS) / perSecond;
    const delay = nextFreeAt - SECOND_MS - now;
    if (delay > 0) await sleepUnlessAborted(delay, clock, signal);
  };
}

/** Sleeps; resolves early when the signal is aborted, so that the caller decides what stopping means. */
export async function sleepUnlessAborted(
  milliseconds: number,
  clock: Pick<Clock, 'sleep'>,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await clock.sleep(milliseconds, signal);
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

/** A function that makes its value when it is first called, and returns the same one from then on. */
export function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
