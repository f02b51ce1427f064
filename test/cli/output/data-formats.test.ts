import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonLine } from '../../../src/cli/output/data-formats.ts';
import { HOSTILE_KEYS, RAW } from '../hostile-keys.ts';

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
