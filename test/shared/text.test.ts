import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonBytes, shortenText, shortenToBytes, visibleText } from '../../src/shared/text.ts';
import { SEED } from '../builders/arbitraries.ts';
import { untrustedTexts } from '../digest/untrusted-texts.ts';

/** The text that a visible text was made of: what a careful reader can tell from it. */
function readBack(visible: string): string {
  return visible.replace(/\\x([\da-f]{2})|\\u([\da-f]{4})|\\u\{([\da-f]{5,6})\}/g, (_, two, four, more) =>
    // Code units for the four digits: a lone surrogate stays one.
    more === undefined
      ? String.fromCharCode(Number.parseInt(two ?? four, 16))
      : String.fromCodePoint(Number.parseInt(more, 16)),
  );
}

const check = (property: (text: string) => void) =>
  fc.assert(fc.property(untrustedTexts(), property), { seed: SEED, numRuns: 1_000 });

describe('visibleText', () => {
  it.each([
    ['letters of any script', 'Grüße, Ελλάς, 日本語, صور, e\u0301'],
    ['a plain path', 'photos/2026/11/22/IMG (1) + 50 %.jpg'],
    [
      'emoji with a joiner, a skin colour, a selector',
      '\u{1f469}\u{1f3fd}\u200d\u{1f680} \u2764\ufe0f\u200d\u{1f525} 1\ufe0f\u20e3',
    ],
    ['a flag', '\u{1f1e9}\u{1f1ea}'],
    ['a backslash that starts no escape', 'C:\\users\\xavier\\under'],
  ])('leaves %s alone', (_, text) => {
    expect(visibleText(text)).toBe(text);
  });

  it.each([
    ['line breaks', 'a\r\nb', 'a\\x0d\\x0ab'],
    ['terminal control', '\u001b[2J\u009b', '\\x1b[2J\\x9b'],
    ['a change of direction', 'a\u202egpj.exe', 'a\\u202egpj.exe'],
    ['a right-to-left mark', '\u200fa', '\\u200fa'],
    ['isolates', '\u2066a\u2069', '\\u2066a\\u2069'],
    ['a space of no width', 'ad\u200bmin', 'ad\\u200bmin'],
    ['a soft hyphen', 'ad\u00admin', 'ad\\xadmin'],
    ['a filler that looks like nothing', 'a\u3164', 'a\\u3164'],
    ['hidden tags', 'a\u{e0041}', 'a\\u{e0041}'],
    ['a joiner between letters', 'ad\u200dmin', 'ad\\u200dmin'],
    ['a joiner that joins nothing', '\u{1f469}\u200d', '\u{1f469}\\u200d'],
    ['a selector behind a letter', 'a\ufe0f', 'a\\ufe0f'],
    ['half a character', 'a\ud83d', 'a\\ud83d'],
    ['line separators', 'a\u2028b\u2029', 'a\\u2028b\\u2029'],
    ['a mark on nothing', '\u0301a', '\\u0301a'],
    ['a backslash that would pass for an escape', 'a\\u202e', 'a\\x5cu202e'],
  ])('shows %s', (_, text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });

  it('escapes marks beyond the four that letters of real scripts have', () => {
    expect(visibleText(`a${'\u0301'.repeat(6)}`)).toBe(`a${'\u0301'.repeat(4)}\\u0301\\u0301`);
  });

  it('makes no two texts look the same', () => {
    check((text) => {
      expect(readBack(visibleText(text))).toBe(text);
    });
  });

  it('leaves no control, change of direction, line break or half character', () => {
    check((text) => {
      const shown = visibleText(text);
      expect(shown.isWellFormed()).toBe(true);
      expect(shown).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
      expect(shown.replace(/[\u200d\ufe0f]/g, '')).not.toMatch(/\p{Default_Ignorable_Code_Point}/u);
    });
  });
});

const FAMILY = '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}';
const bounds = () => fc.integer({ min: 1, max: 120 });

const check2 = (property: (text: string, most: number) => void) =>
  fc.assert(
    fc.property(untrustedTexts(), bounds(), (text, most) => property(visibleText(text), most)),
    {
      seed: SEED,
      numRuns: 500,
    },
  );

describe('shortenText', () => {
  it('leaves what fits as it is', () => {
    expect(shortenText('photos/cat.jpg', 14)).toBe('photos/cat.jpg');
  });

  it('keeps the beginning and the end', () => {
    expect(shortenText('photos/2026/11/22/cat.jpg', 14)).toBe('photos…cat.jpg');
  });

  it('does not cut an emoji of several people', () => {
    expect(shortenText(`${FAMILY}${FAMILY}${FAMILY}`, 20)).toBe(`${FAMILY}…${FAMILY}`);
    expect(shortenText(`${FAMILY}${FAMILY}${FAMILY}`, 12)).toBe(`${FAMILY}…`);
  });

  it('does not cut an accent from its letter', () => {
    expect(shortenText('e\u0301e\u0301e\u0301e\u0301', 6)).toBe('e\u0301…e\u0301');
  });

  it('does not cut an escape', () => {
    expect(shortenText('abc\\u202edef', 9)).toBe('abc…def');
  });

  it('also shortens a single grapheme of any length', () => {
    const endless = Array.from({ length: 100 }, () => '\u{1f468}').join('\u200d');
    expect(shortenText(endless, 60).length).toBeLessThanOrEqual(60);
    expect(shortenText(endless, 60).length).toBeGreaterThan(50);
  });

  it('cuts a grapheme only when it is longer than 24 units, as none that people write is', () => {
    const sign = (units: number) => `e${'\u0301'.repeat(units - 1)}`;
    const tail = 'x'.repeat(30);
    expect(shortenText(sign(24) + tail, 41)).toBe(`…${'x'.repeat(20)}`);
    expect(shortenText(sign(25) + tail, 41)).toBe(`${sign(20)}…${'x'.repeat(20)}`);
  });

  it('never returns more than allowed, and no half characters', () => {
    check2((text, most) => {
      const short = shortenText(text, most);
      expect(short.length).toBeLessThanOrEqual(most);
      expect(short.isWellFormed()).toBe(true);
    });
  });

  it('returns a start and an end of the text, with whole escapes only', () => {
    check2((text, most) => {
      const short = shortenText(text, most);
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

const texts = () => fc.string({ unit: 'binary', maxLength: 300 });
const bounds2 = () => fc.integer({ min: 10, max: 200 });
const settings = { seed: SEED, numRuns: 500 };

describe('shortenToBytes', () => {
  it('leaves what fits as it is', () => {
    expect(shortenToBytes('photos/cat.jpg', 14)).toBe('photos/cat.jpg');
  });

  it('keeps the beginning and the end', () => {
    expect(shortenToBytes('photos/2026/11/22/cat.jpg', 15)).toBe('photos…at.jpg');
  });

  it('never returns more bytes than allowed, counted as in JSON', () => {
    fc.assert(
      fc.property(texts(), bounds2(), (text, most) => {
        expect(jsonBytes(shortenToBytes(text, most))).toBeLessThanOrEqual(most);
      }),
      settings,
    );
  });

  it('does not cut a character', () => {
    fc.assert(
      fc.property(texts(), bounds2(), (text, most) => {
        expect(shortenToBytes(text, most).isWellFormed()).toBe(true);
      }),
      settings,
    );
  });

  it('returns a start and an end of the text', () => {
    fc.assert(
      fc.property(texts(), bounds2(), (text, most) => {
        const short = shortenToBytes(text, most);
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
