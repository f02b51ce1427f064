import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatDuration, formatNumberOf } from '../../src/digest/format.ts';

describe('figures for people', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [3_102_334_881, '3.1 GB'],
    [5e15, '5.0 PB'],
    [Number.MAX_SAFE_INTEGER, '9.0 PB'],
    [1e18, '1000.0 PB'],
  ])('writes %d bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [0, '0 ms'],
    [640, '640 ms'],
    [999.5, '1.0 s'],
    [59_940, '59.9 s'],
    [59_950, '1 min'],
    [250_000, '4 min 10 s'],
    [15 * 60_000, '15 min'],
    [3_599_600, '1 h'],
    [3_600_000, '1 h'],
    [185 * 60_000, '3 h 5 min'],
    [24 * 3_600_000, '24 h'],
    [48 * 3_600_000, '2 d'],
    [52 * 3_600_000, '2 d 4 h'],
  ])('writes %d milliseconds as %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });

  it('groups digits, and counts one thing as one', () => {
    expect(formatCount(1_234_567)).toBe('1,234,567');
    expect([0, 1, 1_200].map((count) => formatNumberOf(count, 'upload'))).toEqual([
      '0 uploads',
      '1 upload',
      '1,200 uploads',
    ]);
    expect(formatNumberOf(2, 'try', 'tries')).toBe('2 tries');
  });
});
