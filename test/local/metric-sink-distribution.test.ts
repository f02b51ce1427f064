import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Distribution } from '../../src/local/metric-sink-distribution.ts';

describe('a distribution', () => {
  const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 200 });
  const distributionOf = (numbers: readonly number[]) => {
    const distribution = new Distribution();
    for (const value of numbers) distribution.add(value);
    return distribution;
  };

  it('gives the percentile of the nearest rank', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 100 }), (numbers, percent) => {
        const sorted = [...numbers].sort((a, b) => a - b);
        const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
        expect(distributionOf(numbers).get(`p${percent}`)).toBe(sorted[rank - 1]);
      }),
      { seed: 7 },
    );
  });

  it('is the same merged from parts as taken whole', () => {
    fc.assert(
      fc.property(values, values, (first, second) => {
        const merged = distributionOf(first);
        merged.merge(distributionOf(second));
        const whole = distributionOf([...first, ...second]);
        for (const statistic of ['Sum', 'SampleCount', 'Minimum', 'Maximum', 'p50', 'p99'] as const) {
          expect(merged.get(statistic)).toBe(whole.get(statistic));
        }
      }),
      { seed: 7 },
    );
  });

  it.each(['p101', 'p-1', 'pNaN'] as const)('has no %s', (statistic) => {
    expect(() => distributionOf([1]).get(statistic as 'p50')).toThrow(RangeError);
  });
});
