import { describe, expect, it } from 'vitest';
import { ticksAMonth } from '../../src/estimate/stack-facts.ts';

describe('ticksAMonth', () => {
  it.each([
    ['rate(15 minutes)', 2880],
    ['rate(1 day)', 30],
    ['cron(0 8 * * ? *)', 30],
    ['cron(0 8 ? * MON-FRI *)', (5 * 30) / 7],
    ['cron(0/15 8-17 ? * MON-FRI *)', (4 * 10 * 5 * 30) / 7],
    ['cron(0 8,20 1 * ? *)', 2],
    ['cron(0 8 ? * 2-SAT *)', (6 * 30) / 7],
    ['cron(0 8 ? * L *)', 30 / 7],
    ['cron(0 8 15W * ? *)', 1],
    ['cron(* * * * ? *)', 43_200],
  ])('counts %s as due %d times in 30 days', (expression, times) => {
    expect(ticksAMonth(expression)).toBeCloseTo(times);
  });

  it('throws for a text that is no schedule', () => {
    expect(() => ticksAMonth('at(2026-11-22T10:15:00)')).toThrow(expect.objectContaining({ code: 'other-template' }));
  });
});
