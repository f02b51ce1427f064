import { shortenText } from '../shared/text.ts';

/**
 * What a sentence for any place may not hold: all but letters, digits, pictures and a few signs that neither HTML,
 * Markdown, a chat, a shell, JSON, a spreadsheet nor a terminal takes for more than text.
 */
const UNFIT = /[^\p{L}\p{M}\p{N}\p{Extended_Pictographic} .,/()+=_-]/gu;

/** Invisible characters, those that change the direction of text among them. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;

/** More marks than a script puts on one letter, or a mark without one. */
const STRAY_MARKS = /(?<=\p{M}{2})\p{M}+|(?<![\p{L}\p{M}\p{N}])\p{M}+/gu;

/** Between letters or digits it marks nothing up. */
const LOOSE_UNDERSCORE = /(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;

/**
 * Untrusted text as words of a sentence: one line, without quotes, backslashes, markup, mentions, control and
 * bidirectional characters, and never empty. Two different texts can become the same: who needs the exact one finds it in
 * the record.
 *
 * @param maxLength UTF-16 units of the result.
 */
export function plainWords(text: string, maxLength: number): string {
  const words = text
    .normalize('NFC')
    .replace(INVISIBLE, '')
    // A chat could take it for a mention of people.
    .replace(/@/g, ' at ')
    .replace(UNFIT, '-')
    .replace(STRAY_MARKS, '')
    .replace(/ {2,}/g, ' ')
    .trim();
  return shortenText(words === '' ? '-' : words, maxLength)
    .replace(LOOSE_UNDERSCORE, '-')
    .replace(/-{2,}/g, '-');
}
