import { DAY_MS, HOUR_MS } from '../../shared/time.ts';

/** The day before which no object can have been stored: S3 was opened on 14 March 2006. */
export const FIRST_DAY_OF_S3 = Date.UTC(2006, 2, 14);

/**
 * How far the clocks of S3 and of this machine may be apart, in milliseconds: records up to this far in the future are looked for.
 */
export const CLOCK_SLACK_MILLISECONDS = HOUR_MS;

/** The time from `since` up to, and without, `until`. */
export interface TimeRange {
  readonly since: Date;
  readonly until: Date;
}

/** The UTC days that `range` touches, newest first: `2026-11-22`, `2026-11-21`. None before S3 was opened. */
export function* daysNewestFirst({ since, until }: TimeRange): Generator<string> {
  const first = Math.max(since.getTime(), FIRST_DAY_OF_S3);
  let time = until.getTime() - 1;
  while (dayNumber(time) >= dayNumber(first)) {
    yield new Date(time).toISOString().slice(0, 10);
    time -= DAY_MS;
  }
}

/** The UTC days that `range` touches, oldest first. */
export function daysOldestFirst(range: TimeRange): string[] {
  return [...daysNewestFirst(range)].reverse();
}

function dayNumber(time: number): number {
  return Math.floor(time / DAY_MS);
}
