import { describe, expect, it } from 'vitest';
import type { Plan } from './plans/plan.ts';
import { simulate } from './simulate.ts';

const PLAN: Plan = { seed: 1, days: 2, workloads: [{ kind: 'steady', perDay: 40 }] };

/** As long as DynamoDB's outage of October 2025, and a day less ten minutes. */
const HOURS = { 'of 2 h 52 min': 172 / 60, 'of 23 h 50 min': 24 - 10 / 60 };

describe('an outage', () => {
  it.each([
    ['table', 'of 2 h 52 min'],
    ['permission', 'of 2 h 52 min'],
    ['bundle', 'of 2 h 52 min'],
    ['table', 'of 23 h 50 min'],
    ['permission', 'of 23 h 50 min'],
    ['bundle', 'of 23 h 50 min'],
  ] as const)(
    'of the %s %s leaves no dead letter, and every record is there',
    async (kind, length) => {
      const outages = [{ kind, atHours: 10, hours: HOURS[length] }];
      const { violations, deadLetters, histories } = await simulate({ ...PLAN, outages });
      expect(violations, [...histories.values()].flat().join('\n')).toEqual([]);
      expect(deadLetters).toBe(0);
    },
    120_000,
  );

  it('of more than a day fills the dead-letter queue', async () => {
    const outages = [{ kind: 'table', atHours: 1, hours: 26 }] as const;
    const { deadLetters } = await simulate({ ...PLAN, outages });
    expect(deadLetters).toBeGreaterThan(0);
  }, 120_000);
});
