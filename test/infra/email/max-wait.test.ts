import { describe, expect, it } from 'vitest';
import { maxWaitDays } from '../../../infra/email/function-email-settings.ts';
import { SUMMARY_DAYS } from '../../../src/contract/digest-tick.ts';
import { nextDue } from '../../../src/local/scheduler.ts';
import { readScheduleExpression } from '../../../src/shared/schedule-expression.ts';
import { DAY_MS } from '../../../src/shared/time.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const YEARS_3 = 3 * 365 * DAY_MS;

/** Times at which a schedule is due, for three years. */
function dueTimes(schedule: string, timeZone: string): number[] {
  const expression = readScheduleExpression(schedule);
  if (typeof expression === 'string') throw new TypeError(expression);
  const times: number[] = [];
  let due = nextDue({ expression, timeZone }, START, START);
  while (due !== undefined && due < START + YEARS_3) {
    times.push(due);
    due = nextDue({ expression, timeZone }, START, due);
  }
  return times;
}

/** Days of the longest window when no digest ever has uploads enough, and each nth tick fails. */
function longestWindowDays(schedule: string, failing: number): number {
  let [sentAt = 0, ...ticks] = dueTimes(schedule, 'America/New_York');
  let longest = 0;
  ticks.forEach((due, at) => {
    if (at % failing === failing - 1 || due - sentAt < maxWaitDays(schedule) * DAY_MS) return;
    longest = Math.max(longest, due - sentAt);
    sentAt = due;
  });
  return longest / DAY_MS;
}

describe('how long a digest may wait for uploads', () => {
  it.each([
    ['rate(15 minutes)', 33],
    ['rate(5 days)', 25],
    ['cron(0 8 * * ? *)', 33],
    ['cron(30 2 * * ? *)', 33],
    ['cron(0 8 ? * * *)', 33],
    ['cron(0 8 ? * MON-FRI *)', 21],
    ['cron(0 8 ? * L *)', 21],
    ['cron(0 8 ? * 6L *)', 0],
    ['cron(0 8 ? * MON#1 *)', 0],
    ['cron(0 8 1 * ? *)', 0],
    ['cron(0 8 L * ? *)', 0],
    ['cron(0 8 ? 1-6 MON *)', 0],
    ['rate(20 days)', 0],
  ])('follows from its schedule, %s: %i days', (schedule, days) => {
    expect(maxWaitDays(schedule)).toBe(days);
  });

  it.each([
    'rate(6 hours)',
    'rate(5 days)',
    'rate(17 days)',
    'cron(0 8 * * ? *)',
    'cron(30 2 * * ? *)',
    'cron(0 8 ? * MON-FRI *)',
    'cron(0 8 ? * SUN *)',
  ])('ends before the first summary expires, even when every tenth tick fails: %s', (schedule) => {
    expect(longestWindowDays(schedule, 10)).toBeLessThanOrEqual(SUMMARY_DAYS);
  });

  it.each(['cron(0 8 1 * ? *)', 'cron(0 8 L * ? *)', 'rate(30 days)'])(
    'ends with the next tick where that is a month away: %s',
    (schedule) => expect(longestWindowDays(schedule, Number.POSITIVE_INFINITY)).toBeLessThanOrEqual(SUMMARY_DAYS),
  );
});
