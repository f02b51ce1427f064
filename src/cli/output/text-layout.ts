import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** One column a character. Most of what is shown is of this kind. */
const ASCII = /^[ -~]*$/;

/** Columns that `text` takes on a terminal: none for combining marks, two for wide characters and most emoji. */
export function widthOf(text: string): number {
  return ASCII.test(text) ? text.length : stringWidth(text);
}

/**
 * `text` cut to `width` columns, with an ellipsis for what was left out. `keep: 'end'` is for keys, which differ at
 * their end.
 */
export function cut(text: string, width: number, keep: 'start' | 'end' = 'start'): string {
  if (widthOf(text) <= width) return text;
  if (width < 1) return '';
  const graphemes = Array.from(segmenter.segment(text), ({ segment }) => segment);
  if (keep === 'end') graphemes.reverse();
  const kept: string[] = [];
  let room = width - 1;
  for (const grapheme of graphemes) {
    room -= widthOf(grapheme);
    if (room < 0) break;
    kept.push(grapheme);
  }
  return keep === 'end' ? `…${kept.reverse().join('')}` : `${kept.join('')}…`;
}

/** `text` with spaces up to `width` columns. A wider text stays as it is. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'right' ? `${space}${text}` : `${text}${space}`;
}

/** `text` as lines of at most `width` columns, broken between words. A longer word gets a line of its own. */
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

/** A bar that has `width` columns at `max`, exact to an eighth of a column. It is empty only for 0. */
export function bar(value: number, max: number, width: number): string {
  if (value <= 0 || max <= 0) return '';
  const eighths = Math.max(1, Math.round((value / max) * width * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}
