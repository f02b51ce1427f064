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
