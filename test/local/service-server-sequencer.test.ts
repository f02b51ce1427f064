import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sequencerSource } from '../../src/local/service-server/sequencer.ts';

describe('a sequencer', () => {
  it('is greater than the one before, whatever the clock does', () => {
    const times = fc.array(fc.integer({ min: 0, max: 2 ** 45 }), { minLength: 2, maxLength: 50 });
    const property = fc.property(times, (clock) => {
      let tick = 0;
      const next = sequencerSource(() => clock[tick++] ?? 0);
      const made = clock.map(() => next());
      expect(made).toEqual([...new Set(made)].sort());
      expect(made.every((sequencer) => /^[0-9A-F]{18}$/.test(sequencer))).toBe(true);
    });
    fc.assert(property, { seed: 1 });
  });

  it('is greater after a restart a millisecond later than after 65,000 changes in one millisecond', () => {
    const next = sequencerSource(() => 1000);
    let last = '';
    for (let count = 0; count < 65_000; count += 1) last = next();
    expect(sequencerSource(() => 1001)() > last).toBe(true);
  });
});
