import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visibleText } from '../../src/digest/visible-text.ts';
import { hostileTexts, SEED } from './hostile-texts.ts';

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
  fc.assert(fc.property(hostileTexts(), property), { seed: SEED, numRuns: 1_000 });

describe('visible text', () => {
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

  it('shows the marks beyond the four that letters of real scripts carry', () => {
    expect(visibleText(`a${'\u0301'.repeat(6)}`)).toBe(`a${'\u0301'.repeat(4)}\\u0301\\u0301`);
  });

  it('lets every text be read back: no two texts look the same', () => {
    check((text) => {
      expect(readBack(visibleText(text))).toBe(text);
    });
  });

  it('never leaves a control, a change of direction, a line break or half a character', () => {
    check((text) => {
      const shown = visibleText(text);
      expect(shown.isWellFormed()).toBe(true);
      expect(shown).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
      expect(shown.replace(/[\u200d\ufe0f]/g, '')).not.toMatch(/\p{Default_Ignorable_Code_Point}/u);
    });
  });
});
