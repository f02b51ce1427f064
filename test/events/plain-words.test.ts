import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainWords } from '../../src/events/plain-words.ts';
import { SEED } from '../builders/arbitraries.ts';

/** What people who choose keys have tried on others. */
const HOSTILE = [
  ['"quoted" and \'single\'', '-quoted- and -single-'],
  ['<!channel> <@U123> <https://evil.example|click>', '-channel- - at U123- -https-//evil.example-click-'],
  ['@here @everyone', 'at here at everyone'],
  ['**bold** _it_ __init__ ~no~ `code` [x](y)', '-bold- -it- -init- -no- -code- -x-(y)'],
  ['a\r\nb\tc\u0000d', 'a-b-c-d'],
  ['inv\u202eoice\u2066.exe\u200f', 'invoice.exe'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of shells and templates
  ['back\\slash ${env} {{x}} %s $(rm)', 'back-slash -env- -x- -s -(rm)'],
  ['a\ud800b', 'a-b'],
  ['', '-'],
  ['\u200b', '-'],
] as const;

describe('plainWords', () => {
  it.each(HOSTILE)('makes words of %j', (text, words) => {
    expect(plainWords(text, 80)).toBe(words);
  });

  it.each(['IMG_2034.jpg', 'Bericht März (2).pdf', '報告書.xlsx', 'תמונה.png', 'party-🎉.txt', 'a/b=c+d,e'])(
    'leaves %s as it is',
    (text) => {
      expect(plainWords(text, 80)).toBe(text);
    },
  );

  it('is one bounded line without signs of markup, quotes, controls and directions, whatever the text', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom(...HOSTILE.map(([key]) => key)));
    const all = fc.array(text, { maxLength: 4 }).map((parts) => parts.join('_'));
    fc.assert(
      fc.property(all, fc.integer({ min: 10, max: 90 }), (one, max) => {
        const words = plainWords(one, max);
        expect(words.length).toBeGreaterThan(0);
        expect(words.length).toBeLessThanOrEqual(max);
        expect(words).toMatch(/^[\p{L}\p{M}\p{N}\p{Extended_Pictographic} .,/()+=_…-]+$/u);
        expect(words).not.toMatch(/\p{Default_Ignorable_Code_Point}|\p{Cc}|\p{Cs}/u);
        expect(words).not.toMatch(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/u);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });
});
