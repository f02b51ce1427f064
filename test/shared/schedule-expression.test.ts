import { describe, expect, it } from 'vitest';
import { readScheduleExpression, scheduleIssue } from '../../src/shared/schedule-expression.ts';

const MINUTE = 60_000;

describe('a rate', () => {
  it.each([
    ['rate(1 minute)', MINUTE],
    ['rate(1 minutes)', MINUTE],
    ['rate(15 minutes)', 15 * MINUTE],
    ['rate(6 hours)', 6 * 60 * MINUTE],
    ['rate(7 days)', 7 * 24 * 60 * MINUTE],
  ])('%s is so many milliseconds', (text, milliseconds) => {
    expect(readScheduleExpression(text)).toEqual({ kind: 'rate', milliseconds });
  });

  it.each(['rate(0 minutes)', 'rate(5 minute)', 'rate(1.5 hours)', 'rate(2 weeks)', 'rate(15minutes)', 'rate()'])(
    '%s is refused',
    (text) => expect(scheduleIssue(text)).toContain('expected rate('),
  );
});

describe('a cron expression', () => {
  it.each([
    '0 8 * * ? *',
    '*/15 * * * ? *',
    '0/30 9-17 ? * MON-FRI *',
    '5,35 0 1,15 * ? *',
    '0 6 L * ? *',
    '0 6 15W 1-6/2 ? 2026-2030',
    '15 10 ? * 6L 2026/2',
    '0 9 ? JAN,JUL TUE#1 *',
    '0 9 ? * l *',
    '*/59 0/23 1/31 1/12 ? 1970/229',
    '0 0 29 2 ? *',
    '0 0 29 2 ? 2028',
    '0 0 30,28 2 ? 2027',
    '0 0 31 4,5 ? 2027',
    '0 0 L 2 ? 2027',
    '0 0 ? 4 FRI#5 2027',
    '0 0 ? 2 TUE#5 2028',
  ])('%s is read', (text) => {
    expect(readScheduleExpression(`cron(${text})`)).toMatchObject({ kind: 'cron' });
  });

  it('is refused when it is longer than Scheduler takes', () => {
    const minutes = Array.from({ length: 60 }, (_, minute) => minute).join(',');
    const hours = Array.from({ length: 24 }, (_, hour) => hour).join(',');
    expect(readScheduleExpression(`cron(${minutes} 8 * * ? *)`)).toMatchObject({ kind: 'cron' });
    expect(scheduleIssue(`cron(${minutes} ${hours} 1-28 JAN,FEB,MAR,APR,MAY ? *)`)).toContain(
      'at most 256 characters, got',
    );
  });

  it('gives its fields by name', () => {
    expect(readScheduleExpression('cron(0 8 ? jan mon-fri 2026)')).toEqual({
      kind: 'cron',
      fields: { minutes: '0', hours: '8', dayOfMonth: '?', month: 'JAN', dayOfWeek: 'MON-FRI', year: '2026' },
    });
  });

  it.each([
    ['0 8 * * *', 'the 6 fields'],
    ['0  8 * * ? *', 'the 6 fields'],
    ['60 8 * * ? *', '"60", as minutes'],
    ['0 24 * * ? *', '"24", as hours'],
    ['0 8 0 * ? *', '"0", as day of month'],
    ['0 8 32W * ? *', '"32W", as day of month'],
    ['0 8 * 13 ? *', '"13", as month'],
    ['0 8 ? * 0 *', '"0", as day of week'],
    ['0 8 ? * MON#6 *', '"MON#6", as day of week'],
    ['0 8 ? * MONDAY *', '"MONDAY", as day of week'],
    ['0 8 ? * 1L,2L *', '"1L,2L", as day of week'],
    ['0 8 * * ? 1969', '"1969", as year'],
    ['30-10 8 * * ? *', '"30-10", as minutes'],
    ['*/0 8 * * ? *', '"*/0", as minutes'],
    ['*-5 8 * * ? *', '"*-5", as minutes'],
    ['? 8 * * ? *', '"?", as minutes'],
    ['*/60 8 * * ? *', 'a step of at most 59 in "*/60", as minutes'],
    ['0 0/48 * * ? *', 'a step of at most 23 in "0/48", as hours'],
    ['0 8 */32 * ? *', 'a step of at most 31 in "*/32", as day of month'],
    ['0 8 1 1-6/13 ? *', 'a step of at most 12 in "1-6/13", as month'],
    ['0 8 ? * */8 *', 'a step of at most 7 in "*/8", as day of week'],
    ['0 8 * * ? */230', 'a step of at most 229 in "*/230", as year'],
    ['5,10/70 8 * * ? *', 'a step of at most 59 in "5,10/70", as minutes'],
    ['0 0 30 2 ? *', 'never due'],
    ['0 0 31 APR,JUN,SEP,NOV ? *', 'never due'],
    ['0 0 31 4/5 ? *', 'never due'],
    ['0 0 30,31 2 ? *', 'never due'],
    ['0 0 31W 2 ? *', 'never due'],
    ['0 0 29 2 ? 2027', 'never due'],
    ['0 0 29 2 ? 2025-2027', 'never due'],
    ['0 0 ? 2 SUN#5 2027', 'never due'],
    ['0 0 ? 4 SUN#5 2027', 'never due'],
    ['0 8 * * * *', '? in exactly one'],
    ['0 8 ? * ? *', '? in exactly one'],
  ])('%s is refused: %s', (text, issue) => {
    expect(scheduleIssue(`cron(${text})`)).toContain(issue);
  });
});

it.each([undefined, 15, '', 'every day', 'at(2026-11-22T08:00:00)', 'cron(0 8 * * ? *) ', 'rate(1 day) cron(x)'])(
  '%j is no schedule',
  (value) => expect(scheduleIssue(value)).toContain('expected a schedule such as rate(15 minutes)'),
);
