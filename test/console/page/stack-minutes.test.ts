import { describe, expect, it } from 'vitest';
import { shareAt, shareInAll, stackMinutes } from '../../../src/console/page/stack-minutes.ts';

const NOW = Date.parse('2026-11-22T12:00:30Z');
const MINUTE = Math.floor(NOW / 60_000) * 60;

const minute = (back: number, uploads: readonly number[]) => ({ minute: MINUTE - back * 60, uploads, bytes: uploads });

describe('stackMinutes', () => {
  const stack = stackMinutes(
    [minute(1, [1, 2, 3]), minute(0, [4, 0, 1]), minute(90, [9, 9, 9])],
    ({ uploads }) => uploads,
    3,
    NOW,
  );

  it('gives an hour of minutes without a gap, up to the current one', () => {
    expect(stack.minutes).toHaveLength(61);
    expect(stack.minutes.at(-1)).toBe(MINUTE);
    expect(stack.minutes.every((time, index) => time === MINUTE - (60 - index) * 60)).toBe(true);
  });

  it('puts each category on top of those before it', () => {
    expect(stack.sums.map((row) => row.slice(-3))).toEqual([
      [0, 1, 4],
      [0, 3, 4],
      [0, 6, 5],
    ]);
  });

  it('can be taken apart into the shares again', () => {
    expect([0, 1, 2].map((index) => shareAt(stack, index, 59))).toEqual([1, 2, 3]);
    expect([0, 1, 2].map((index) => shareInAll(stack, index))).toEqual([5, 2, 4]);
  });
});
