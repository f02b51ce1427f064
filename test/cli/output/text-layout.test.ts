import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bar, cut, pad, widthOf } from '../../../src/cli/output/text-layout.ts';
import { visibleText } from '../../../src/shared/text.ts';

describe('cut', () => {
  it.each([
    ['photo.jpg', 9, 'photo.jpg'],
    ['photo.jpg', 8, 'photo.j…'],
    ['日本語', 6, '日本語'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
    ['👩‍👩‍👧👩‍👩‍👧', 3, '👩‍👩‍👧…'],
    ['abc', 1, '…'],
    ['abc', 0, ''],
  ])('cuts %s to %i columns: %s', (text, width, expected) => {
    expect(cut(text, width)).toBe(expected);
  });

  it('keeps the end when asked to', () => {
    expect(cut('photos/2026/november.jpg', 13, 'end')).toBe('…november.jpg');
    expect(cut('日本語.txt', 7, 'end')).toBe('…語.txt');
  });

  it('fills the width and never exceeds it', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 }).map(visibleText);
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 50 }), fc.constantFrom('start', 'end'), (whole, width, keep) => {
        const left = widthOf(cut(whole, width, keep));
        expect(left).toBeLessThanOrEqual(width);
        // A sign of two columns may not fit into the last one.
        expect(left).toBeGreaterThanOrEqual(Math.min(widthOf(whole), width - 1));
      }),
      { seed: 11, numRuns: 500 },
    );
  });
});

describe('pad', () => {
  it('counts columns, not characters', () => {
    expect(pad('日本', 6)).toBe('日本  ');
    expect(pad('12', 4, 'right')).toBe('  12');
    expect(pad('too long', 3)).toBe('too long');
  });
});

describe('bar', () => {
  it.each([
    [100, 100, 4, '████'],
    [50, 100, 4, '██'],
    [56, 100, 4, '██▎'],
    [1, 1_000_000, 4, '▏'],
    [0, 100, 4, ''],
    [0, 0, 4, ''],
  ])('draws %i of %i in %i columns as %s', (value, max, width, expected) => {
    expect(bar(value, max, width)).toBe(expected);
  });
});
