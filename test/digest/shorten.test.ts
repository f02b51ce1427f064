import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonBytes, shortenMiddle } from '../../src/digest/shorten.ts';
import { SEED } from '../builders/arbitraries.ts';

const texts = () => fc.string({ unit: 'binary', maxLength: 300 });
const bounds = () => fc.integer({ min: 10, max: 200 });
const settings = { seed: SEED, numRuns: 500 };

describe('shortening in the middle', () => {
  it('leaves what fits as it is', () => {
    expect(shortenMiddle('photos/cat.jpg', 14)).toBe('photos/cat.jpg');
  });

  it('keeps the beginning and the end', () => {
    expect(shortenMiddle('photos/2026/11/22/cat.jpg', 15)).toBe('photos…at.jpg');
  });

  it('never gives more bytes than allowed, counted as they stand in JSON', () => {
    fc.assert(
      fc.property(texts(), bounds(), (text, most) => {
        expect(jsonBytes(shortenMiddle(text, most))).toBeLessThanOrEqual(most);
      }),
      settings,
    );
  });

  it('cuts no character in half', () => {
    fc.assert(
      fc.property(texts(), bounds(), (text, most) => {
        expect(shortenMiddle(text, most).isWellFormed()).toBe(true);
      }),
      settings,
    );
  });

  it('consists of a start and an end of the text', () => {
    fc.assert(
      fc.property(texts(), bounds(), (text, most) => {
        const short = shortenMiddle(text, most);
        if (short === text) return;
        const cut = [...short].findIndex((_, at, all) => {
          const head = all.slice(0, at).join('');
          const tail = all.slice(at + 1).join('');
          return all[at] === '…' && text.startsWith(head) && text.endsWith(tail);
        });
        expect(cut).toBeGreaterThanOrEqual(0);
      }),
      settings,
    );
  });
});
