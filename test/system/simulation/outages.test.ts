import { describe, expect, it } from 'vitest';
import { NOISY, withSesDown } from './plans/alert-plans.ts';
import { withEventBridgeAway } from './plans/event-plans.ts';
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

describe('an outage of SES', () => {
  it('of 30 minutes lets every alert arrive, once', async () => {
    const { violations, alertsLate, alertsRepeated, alertsGivenUp } = await simulate(withSesDown(0.5));
    expect(violations).toEqual([]);
    expect(alertsLate).toBeGreaterThan(0);
    expect({ alertsRepeated, alertsGivenUp }).toEqual({ alertsRepeated: 0, alertsGivenUp: 0 });
  });

  it('of 3 hours leaves no dead letter: digests name the alerts that were given up after an hour', async () => {
    const { violations, deadLetters, alertsLate, alertsGivenUp } = await simulate(withSesDown(3));
    expect(violations).toEqual([]);
    expect(deadLetters).toBe(0);
    expect(alertsGivenUp).toBeGreaterThan(0);
    expect(alertsGivenUp).toBeLessThan(alertsLate);
  });
});

describe('an outage of EventBridge', () => {
  it('of 10 hours loses no event and holds up nothing else', async () => {
    const { violations, published, notPublished, peakBacklog } = await simulate(withEventBridgeAway(10));
    expect(violations).toEqual([]);
    expect(published).toBeGreaterThan(800);
    expect(notPublished).toBe(0);
    expect(peakBacklog).toBeLessThan(30);
  }, 120_000);

  it('of 30 hours gives up events after 23, and names them', async () => {
    const { violations, published, notPublished } = await simulate(withEventBridgeAway(30));
    expect(violations).toEqual([]);
    expect(notPublished).toBeGreaterThan(50);
    expect(published).toBeGreaterThan(notPublished);
  }, 120_000);
});

describe('a file a second for two minutes', () => {
  it('is told by one email a rule and minute of what was held back, where there are no digests', async () => {
    const deployment = { ...NOISY.deployment, hasDigests: false };
    const { violations, alertsOfHeldBack } = await simulate({ ...NOISY, days: 0.2, deployment });
    expect(violations).toEqual([]);
    expect(alertsOfHeldBack).toBeGreaterThan(3);
  });

  it('lets the one invoice among them be told of within its minute, whatever the noise takes', async () => {
    const { violations, alerts } = await simulate(NOISY);
    expect(violations).toEqual([]);
    expect(alerts).toBeGreaterThan(100);
  });
});
