import { describe, expect, it } from 'vitest';
import { parseDuration, parseWhen } from '../../../src/cli/arguments/time.ts';

const now = Date.parse('2026-11-22T12:00:00.000Z');

describe('parseWhen', () => {
  it.each([
    ['45s', '2026-11-22T11:59:15.000Z'],
    ['15m', '2026-11-22T11:45:00.000Z'],
    ['2H', '2026-11-22T10:00:00.000Z'],
    ['3d', '2026-11-19T12:00:00.000Z'],
    ['52w', '2025-11-23T12:00:00.000Z'],
    ['0m', '2026-11-22T12:00:00.000Z'],
    ['2026-11-01', '2026-11-01T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2026-11-01T10:00', '2026-11-01T10:00:00.000Z'],
    ['2026-11-01 10:00', '2026-11-01T10:00:00.000Z'],
    ['2026-11-01T10:00Z', '2026-11-01T10:00:00.000Z'],
    ['2026-11-01t10:00:30.5z', '2026-11-01T10:00:30.500Z'],
    ['2026-11-01T10:00+02:00', '2026-11-01T08:00:00.000Z'],
  ])('reads %s', (text, expected) => {
    expect(parseWhen(text, 'since', now).toISOString()).toBe(expected);
  });

  it('takes a date as its start for since, and as its end for until', () => {
    expect(parseWhen('2026-11-30', 'until', now).toISOString()).toBe('2026-12-01T00:00:00.000Z');
    expect(parseWhen('2026-11-30T00:00', 'until', now).toISOString()).toBe('2026-11-30T00:00:00.000Z');
  });

  it.each([
    '',
    'yesterday',
    '15',
    '-15m',
    '1.5h',
    '3 d',
    '1y',
    '2026-11',
    '2026-11-31',
    '2025-02-29',
    '2026-13-01',
    '2026-11-01T25:00',
    '2026-11-01T10',
    '2026-11-01T10:00+2',
    '99999999999999d',
  ])('rejects %j', (text) => {
    expect(() => parseWhen(text, 'since', now)).toThrow('expected a time ago');
  });
});

describe('parseDuration', () => {
  it('reads a number and a unit', () => {
    expect([parseDuration('90s'), parseDuration('2m')]).toEqual([90_000, 120_000]);
    expect(() => parseDuration('2026-11-01')).toThrow('expected a duration');
  });
});
