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
