import { ESCAPE } from './visible-text.ts';

const ELLIPSIS = '…';
/**
 * UTF-16 units: no sign that people write is longer. Joined without end, characters can make one "sign" of any length.
 */
const LONGEST_SIGN = 24;

const EACH_ESCAPE = new RegExp(`(${ESCAPE.source})`);

/**
 * Visible text that is too long to read, as its beginning and its end with an ellipsis between: both say what a key
 * is. Neither an escape nor what people see as one character is cut.
 *
 * @param text As `visibleText` has made it.
 * @param most UTF-16 units of the result, 1 or more.
 */
export function shortenToRead(text: string, most: number): string {
  if (text.length <= most) return text;
  const signs = toSigns(text);
  const room = most - ELLIPSIS.length;
  const end = fitting(signs.toReversed(), Math.ceil(room / 2))
    .toReversed()
    .join('');
  const start = fitting(signs, room - end.length).join('');
  return `${start}${ELLIPSIS}${end}`;
}

function toSigns(text: string): readonly string[] {
  // Stryker disable next-line ObjectLiteral: what a segmenter does by default, said all the same.
  const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
  return text.split(EACH_ESCAPE).flatMap((piece, at) => {
    // Splitting by a group puts what the group has matched at the odd places.
    if (at % 2 === 1) return [piece];
    return Array.from(graphemes.segment(piece), ({ segment }) => segment).flatMap((sign) =>
      sign.length <= LONGEST_SIGN ? [sign] : Array.from(sign),
    );
  });
}

/** As many of the first signs as fit. All of them never do: the text is longer than what is left of it. */
function fitting(signs: readonly string[], most: number): readonly string[] {
  let length = 0;
  const end = signs.findIndex((sign) => {
    length += sign.length;
    return length > most;
  });
  return signs.slice(0, end);
}
