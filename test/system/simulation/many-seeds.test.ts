import { describe, expect, it } from 'vitest';
import { drawPlan } from './plans/draw-plan.ts';
import { CURED, isKnown, KNOWN_VIOLATIONS } from './plans/known-violations.ts';
import { simulate } from './simulate.ts';

const seedsFrom = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);

describe('no promise is broken but those that are known', () => {
  it.each(seedsFrom(101, 60))('in a simulated day (seed %i)', async (seed) => {
    const { violations } = await simulate(drawPlan(seed, { days: 1, perDay: 300 }));
    expect(violations.filter((violation) => !isKnown(violation))).toEqual([]);
  });

  it.each(seedsFrom(201, 4))('in a simulated week (seed %i)', async (seed) => {
    const { violations } = await simulate(drawPlan(seed, { days: 7, perDay: 300 }));
    expect(violations.filter((violation) => !isKnown(violation))).toEqual([]);
  });
});

describe.each(KNOWN_VIOLATIONS)('what is known to be wrong: $what', ({ promise, because, seeds, plan }) => {
  it.each(seeds)('is found with seed %i', async (seed) => {
    const { violations } = await simulate({ ...plan, seed });
    const found = violations.map((violation) => `${violation.promise} (${violation.because})`);
    expect(found, 'No longer found: delete its entry from known-violations.ts.').toContain(`${promise} (${because})`);
  });
});

describe.each(CURED)('what was wrong once: $what', ({ seeds, plan }) => {
  it.each(seeds)('is right with seed %i', async (seed) => {
    const { violations } = await simulate({ ...plan, seed });
    expect(violations.filter((violation) => !isKnown(violation))).toEqual([]);
  });
});
