import type { DigestTick } from '../notification/digest-tick.ts';
import { SUMMARY_DAYS } from './summary-item.ts';

const HOUR = 60 * 60 * 1000;

/** Hours that a digest's first window reaches back: it has no earlier one to go on from. */
export const FIRST_WINDOW_HOURS = 24;

/**
 * End of the tick's window, ISO 8601.
 *
 * A summary is stored up to `settleMilliseconds` after the time that it is stamped with, so the window ends that long
 * before the schedule was due: everything in it is stored by then. What comes later is told by the next digest. Never
 * reaches into the future, whatever the tick says: the watermark would leave out what is yet to come.
 *
 * @param now Epoch milliseconds.
 */
export function windowEnd(tick: DigestTick, now: number, settleMilliseconds: number): string {
  const end =
    tick.until === undefined
      ? Math.min(Date.parse(tick.scheduledTime), now) - settleMilliseconds
      : Math.min(Date.parse(tick.until), now);
  return new Date(end).toISOString();
}

/** Where the first window of a digest starts, ISO 8601. */
export function firstWindowStart(until: string): string {
  return new Date(Date.parse(until) - FIRST_WINDOW_HOURS * HOUR).toISOString();
}

/** Start of the window: where the last one ended, or as far back as summaries are kept. Never after `until`. */
export function windowStart(coveredUntil: string, until: string): string {
  const end = Date.parse(until);
  const oldest = end - SUMMARY_DAYS * 24 * HOUR;
  return new Date(Math.min(end, Math.max(oldest, Date.parse(coveredUntil)))).toISOString();
}
