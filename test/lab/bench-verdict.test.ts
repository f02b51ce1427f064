import { describe, expect, it } from 'vitest';
import type { Ratio } from './bench/report/ratios.ts';
import { judge, missedText, verdictOf } from './bench/report/verdict.ts';
import { spreadOf } from './bench/statistics.ts';

const ratio = (name: string, values: readonly number[], target?: Ratio['target']): Ratio => ({
  name,
  what: `${name} of all`,
  spread: spreadOf(values),
  ...(target && { target }),
});

describe('the verdict of the bench', () => {
  it.each([
    [[3, 4, 5, 6, 7], 'held'],
    [[1, 2, 4.9, 5, 6], 'within scatter'],
    [[1, 2, 3, 4, 6], 'missed'],
    [[4], 'missed'],
    [[5], 'held'],
  ])('on rounds of %j, of which at least 5 is wanted, is %s', (values, verdict) => {
    expect(verdictOf(ratio('speed', values, { atLeast: 5 }))).toBe(verdict);
    const inverse = values.map((value) => 10 - value);
    expect(verdictOf(ratio('cost', inverse, { atMost: 5 }))).toBe(verdict);
  });

  it('is none without a target or a measurement', () => {
    expect(verdictOf(ratio('speed', [1]))).toBeUndefined();
    expect(verdictOf({ spread: null, target: { atMost: 1 } })).toBeUndefined();
  });

  it('judges the function with digests, and names what was missed with its figure', () => {
    const target = { atLeast: 5 };
    const rows = judge([ratio('speed', [6], target), ratio('speedWithDigests', [4], target), ratio('size', [1])]);
    expect(rows.map(({ what, verdict }) => [what, verdict])).toEqual([
      ['speed of all', 'missed'],
      ['size of all', undefined],
    ]);
    expect(missedText(rows)).toBe('Missed in this run: speed of all (4.00, held to at least 5.00).\n');
    expect(missedText(judge([ratio('speed', [6], target)]))).toBe('Every target is held in this run.\n');
  });
});
