import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shortenToRead } from '../../src/digest/shorten-to-read.ts';
import { visibleText } from '../../src/digest/visible-text.ts';
import { hostileTexts, SEED } from './hostile-texts.ts';

const FAMILY = '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}';
const bounds = () => fc.integer({ min: 1, max: 120 });

const check = (property: (text: string, most: number) => void) =>
  fc.assert(
    fc.property(hostileTexts(), bounds(), (text, most) => property(visibleText(text), most)),
    {
      seed: SEED,
      numRuns: 500,
    },
  );

describe('shortening to read', () => {
  it('leaves what fits as it is', () => {
    expect(shortenToRead('photos/cat.jpg', 14)).toBe('photos/cat.jpg');
  });

  it('keeps the beginning and the end', () => {
    expect(shortenToRead('photos/2026/11/22/cat.jpg', 14)).toBe('photos…cat.jpg');
  });

  it('cuts no family in half', () => {
    expect(shortenToRead(`${FAMILY}${FAMILY}${FAMILY}`, 20)).toBe(`${FAMILY}…${FAMILY}`);
    expect(shortenToRead(`${FAMILY}${FAMILY}${FAMILY}`, 12)).toBe(`${FAMILY}…`);
  });

  it('cuts no accent from its letter', () => {
    expect(shortenToRead('e\u0301e\u0301e\u0301e\u0301', 6)).toBe('e\u0301…e\u0301');
  });

  it('cuts no escape in half', () => {
    expect(shortenToRead('abc\\u202edef', 9)).toBe('abc…def');
  });

  it('shortens also what is one sign without end', () => {
    const endless = Array.from({ length: 100 }, () => '\u{1f468}').join('\u200d');
    expect(shortenToRead(endless, 60).length).toBeLessThanOrEqual(60);
    expect(shortenToRead(endless, 60).length).toBeGreaterThan(50);
  });

  it('cuts a sign only when it is longer than any that people write, which is 24 units', () => {
    const sign = (units: number) => `e${'\u0301'.repeat(units - 1)}`;
    const tail = 'x'.repeat(30);
    expect(shortenToRead(sign(24) + tail, 41)).toBe(`…${'x'.repeat(20)}`);
    expect(shortenToRead(sign(25) + tail, 41)).toBe(`${sign(20)}…${'x'.repeat(20)}`);
  });

  it('never gives more than allowed, and no half characters', () => {
    check((text, most) => {
      const short = shortenToRead(text, most);
      expect(short.length).toBeLessThanOrEqual(most);
      expect(short.isWellFormed()).toBe(true);
    });
  });

  it('gives a start and an end of the text, with whole escapes only', () => {
    check((text, most) => {
      const short = shortenToRead(text, most);
      if (short === text) return;
      const cuts = [...short.matchAll(/…/g)].map(
        ({ index }) => [short.slice(0, index), short.slice(index + 1)] as const,
      );
      const [start, end] = cuts.find(([head, tail]) => text.startsWith(head) && text.endsWith(tail)) ?? [];
      expect(start).toBeDefined();
      const escapes = [...text.matchAll(/\\x[\da-f]{2}|\\u[\da-f]{4}|\\u\{[\da-f]{5,6}\}/g)];
      for (const { 0: whole, index } of escapes) {
        for (const cut of [start?.length ?? 0, text.length - (end?.length ?? 0)]) {
          expect(index < cut && cut < index + whole.length, `${whole} is whole`).toBe(false);
        }
      }
    });
  });
});
