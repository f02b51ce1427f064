/** Lengths of time in milliseconds, which is the unit of every clock and timer in this code. */
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
export const WEEK_MS = 7 * DAY_MS;

/** For the times that AWS counts in seconds. */
export const DAY_SECONDS = DAY_MS / SECOND_MS;
