import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Printable ASCII is one column a character, and by far the most of what is shown. */
const ASCII = /^[ -~]*$/;

/** Columns that `text` takes on a terminal: none for combining marks, two for wide characters and most emoji. */
export function widthOf(text: string): number {
  return ASCII.test(text) ? text.length : stringWidth(text);
}

/**
 * `text` cut to `width` columns, with an ellipsis where something was left out. Keys differ at their end rather than at their
 * beginning: with `keep: 'end'` the beginning is left out.
 */
export function cut(text: string, width: number, keep: 'start' | 'end' = 'start'): string {
  if (widthOf(text) <= width) return text;
  if (width < 1) return '';
  const signs = Array.from(segmenter.segment(text), ({ segment }) => segment);
  if (keep === 'end') signs.reverse();
  const kept: string[] = [];
  let room = width - 1;
  for (const sign of signs) {
    room -= widthOf(sign);
    if (room < 0) break;
    kept.push(sign);
  }
  return keep === 'end' ? `…${kept.reverse().join('')}` : `${kept.join('')}…`;
}

/** `text` filled up with spaces to `width` columns; as it is when it is as wide or wider. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'right' ? `${space}${text}` : `${text}${space}`;
}

/** `text` as lines of at most `width` columns, broken between words; a word that is longer stands alone. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Eighths of a block, from one to seven. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of `value` against the `greatest`, up to `width` columns; to an eighth of a column, and never empty for a value over 0. */
export function bar(value: number, greatest: number, width: number): string {
  if (value <= 0 || greatest <= 0) return '';
  const eighths = Math.max(1, Math.round((value / greatest) * width * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}
