import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatChange,
  formatCount,
  formatDuration,
  formatNumberOf,
  formatPeriod,
  formatShort,
  timeFormat,
} from '../../src/shared/format.ts';

describe('formatChange', () => {
  it.each([
    [412, 368, '+12 %'],
    [97, 100, '-3 %'],
    [1_001, 1_000, '±0 %'],
    [0, 5, '-100 %'],
    [62_500, 5, '+1,249,900 %'],
  ])('writes %d after %d as %s', (now, before, text) => {
    expect(formatChange(now, before)).toBe(text);
  });
});

describe('formatBytes, formatCount and formatDuration', () => {
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

const berlin = timeFormat('Europe/Berlin');

describe('timeFormat and formatPeriod', () => {
  it('names the month and the zone, so that no date can be read in two ways', () => {
    expect(berlin('2026-03-02T10:15:30.123Z')).toBe('2 Mar 2026, 11:15:30 CET');
    expect(berlin('2026-07-12T22:15:30.123Z')).toBe('13 Jul 2026, 00:15:30 CEST');
    expect(timeFormat('UTC')('2026-09-30T00:00:00.000Z')).toBe('30 Sep 2026, 00:00:00 UTC');
    expect(timeFormat('America/New_York')('2026-11-22T10:15:30.000Z')).toBe('22 Nov 2026, 05:15:30 GMT-5');
  });

  it('shows by the zone which of two equal hours of an autumn night it is', () => {
    expect(berlin('2026-10-25T00:30:00.000Z')).toBe('25 Oct 2026, 02:30:00 CEST');
    expect(berlin('2026-10-25T01:30:00.000Z')).toBe('25 Oct 2026, 02:30:00 CET');
  });

  it('writes the date once for a period within one day', () => {
    const period = (since: string, until: string) => formatPeriod(since, until, berlin);
    expect(period('2026-11-22T10:00:00.000Z', '2026-11-22T10:15:04.000Z')).toBe(
      '22 Nov 2026, 11:00:00 to 11:15:04 CET',
    );
    expect(period('2026-11-22T22:50:00.000Z', '2026-11-22T23:05:00.000Z')).toBe(
      '22 Nov 2026, 23:50:00 CET to 23 Nov 2026, 00:05:00 CET',
    );
    expect(period('2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z')).toBe(
      '25 Oct 2026, 02:30:00 CEST to 25 Oct 2026, 02:30:00 CET',
    );
  });

  it('refuses a zone that does not exist', () => {
    expect(() => timeFormat('Mars/Olympus')).toThrow(RangeError);
  });
});

describe('formatShort', () => {
  it.each([
    [0, '0'],
    [0.254, '0.254'],
    [12, '12'],
    [999, '999'],
    [999.6, '1k'],
    [1000, '1k'],
    [1549, '1.55k'],
    [20_400_000_000, '20.4G'],
    [999_600, '1M'],
    [3e18, '3000P'],
    [-2500, '-2.5k'],
  ])('writes %d in three digits: %s', (value, text) => {
    expect(formatShort(value)).toBe(text);
  });
});
