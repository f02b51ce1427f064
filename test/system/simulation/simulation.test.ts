import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../src/shared/time.ts';
import { KNOWN_VIOLATIONS } from './known-violations.ts';
import { type SimulationOptions, simulate } from './simulate.ts';

/** What goes wrong in any week of any service. */
const NOISE = {
  unprocessed: 0.05,
  refused: 0.02,
  throttled: 0.02,
  answerLost: 0.01,
  kills: 0.02,
  duplicates: 0.02,
  emails: 0.1,
} as const;

const DAY: Omit<SimulationOptions, 'seed'> = { days: 1, perDay: 500 };

describe('a simulated day', () => {
  it.each([1, 2, 3])('leaves one right record for each event, whatever small goes wrong (seed %i)', async (seed) => {
    const { violations, histories } = await simulate({ ...DAY, seed, noise: NOISE, poison: 0.01 });
    expect(violations, [...histories.values()].flat().join('\n')).toEqual([]);
  });

  it('leaves one right record for each event of a bucket with versions', async () => {
    const { violations } = await simulate({ ...DAY, seed: 4, isVersioned: true, noise: NOISE });
    expect(violations).toEqual([]);
  });

  it.each([false, true])('keeps the record of an upload whose object expires (versions: %s)', async (isVersioned) => {
    const { violations } = await simulate({ ...DAY, seed: 6, isVersioned, noise: NOISE, expiresAfterHours: 6 });
    expect(violations).toEqual([]);
  });

  it('outlasts a table that is down for five minutes', async () => {
    const outages = [{ kind: 'table', at: 9 * HOUR_MS, milliseconds: 5 * 60_000 }] as const;
    const { violations, deadLetters } = await simulate({ ...DAY, seed: 5, outages });
    expect(violations).toEqual([]);
    expect(deadLetters).toBe(0);
  });

  it('leaves one record of an upload that was repaired and then redriven', async () => {
    const outages = [{ kind: 'table', at: 10 * HOUR_MS, milliseconds: HOUR_MS }] as const;
    const { violations } = await simulate({ ...DAY, days: 2, seed: 1, operator: true, outages });
    expect(violations).toEqual([]);
  });

  it('is the same day again with the same seed, and another one with another', async () => {
    const runs = [7, 7, 8].map((seed) => simulate({ ...DAY, perDay: 200, seed, noise: NOISE }));
    const [first, again, other] = (await Promise.all(runs)).map(({ traceHash }) => traceHash);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });
});

describe.each(KNOWN_VIOLATIONS)('what is known to be wrong: $what', ({ promise, options }) => {
  it('is found', async () => {
    const { violations } = await simulate(options);
    expect(violations.map((violation) => violation.promise)).toContain(promise);
  });
});
