import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvHeader, csvLine, jsonLine } from '../../src/shared/data-formats.ts';
import { HOSTILE_KEYS, RAW } from '../cli/hostile-keys.ts';

describe('jsonLine', () => {
  it('is exact, and escapes everything that a terminal would obey', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...HOSTILE_KEYS));
    fc.assert(
      fc.property(fc.record({ key: text, count: fc.nat() }), (value) => {
        const line = jsonLine(value);
        expect(JSON.parse(line)).toEqual(value);
        expect(line).not.toMatch(RAW);
      }),
      { seed: 3, numRuns: 500 },
    );
  });

  it('escapes characters beyond the first plane as surrogate pairs', () => {
    expect(jsonLine('\u{e0041}é🎉')).toBe('"\\udb40\\udc41é🎉"');
  });
});

describe('CSV', () => {
  it('has different cells for different texts, whatever is escaped in them', () => {
    const piece = fc.constantFrom(
      '=',
      "'",
      '"',
      ';',
      ',',
      ' ',
      '-',
      '@',
      'a',
      '\\',
      'x07',
      '\u0007',
      '\n',
      '\u202e',
      'u202e',
    );
    const text = fc.oneof(
      fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 40 }), (texts) => {
        expect(new Set(texts.map((one) => csvLine([one]))).size).toBe(new Set(texts).size);
      }),
      { seed: 7, numRuns: 2_000 },
    );
  });

  it('begins with a byte order mark in a new file, and nowhere else', () => {
    expect(csvHeader(['a', 'b'], { isNewFile: true })).toBe('\ufeffa,b');
    expect(csvHeader(['a', 'b'], { isNewFile: false })).toBe('a,b');
  });
});
