/** Runs a task when its turn comes, and settles with it. */
export type InTurn = <T>(task: () => Promise<T>) => Promise<T>;

/** Lets at most `limit` tasks run at once; the others wait in the order in which they came. */
export function atMost(limit: number): InTurn {
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

/** Waits until so many more things may be done. */
export type Pace = (count: number) => Promise<void>;

export interface PaceOptions {
  /** Things a second. Default: no limit, nobody waits. */
  readonly rate?: number;
  /** Epoch or monotonic milliseconds. */
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** Milliseconds: a pause lets as much through at once afterwards as belongs to this time, never more. */
const BURST = 1000;

/** Holds what is done to a rate. Calls may overlap: they wait one behind the other. */
export function openPace({ rate, now, wait }: PaceOptions): Pace {
  if (rate === undefined) return async () => undefined;
  /** When all that was let through so far would be done at an even rate. */
  let paidUntil = Number.NEGATIVE_INFINITY;
  return async (count) => {
    const present = now();
    paidUntil = Math.max(paidUntil, present) + (count * 1000) / rate;
    const delay = paidUntil - BURST - present;
    if (delay > 0) await wait(delay);
  };
}

/** A function that makes its value when it is first called, and gives the same one from then on. */
export function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Waits so many milliseconds, or until the command is asked to stop: then it resolves early. */
export function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
