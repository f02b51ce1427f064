/**
 * Characters that have no sign of their own or that change how other text reads: controls, bidirectional and other
 * format characters, fillers, line and paragraph separators, lone surrogates, noncharacters. Emoji are made with two
 * of them, the joiner and the variation selector, which are no secret there: those two stand in the alternatives
 * below.
 */
const HIDDEN =
  /(?![\u200d\ufe0f])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u;

const JOINER_OUTSIDE_EMOJI =
  /(?<!\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]?)\u200d|\u200d(?!\p{Extended_Pictographic})/u;

const SELECTOR_OUTSIDE_EMOJI = /(?<!\p{Extended_Pictographic}|[\d#*](?=\ufe0f\u20e3))\ufe0f/u;

/**
 * Marks that would stand on a character which is not the text's own, and more of them than any script piles on one
 * letter.
 */
const STRAY_MARK = /^\p{M}|(?<=\p{M}{4})\p{M}/u;

/** A backslash that would read as the start of an escape. */
const FALSE_ESCAPE = /\\(?=x[\da-f]{2}|u[\da-f]{4}|u\{[\da-f]{5,6}\})/u;

const UNSAFE = new RegExp(
  [HIDDEN, JOINER_OUTSIDE_EMOJI, SELECTOR_OUTSIDE_EMOJI, STRAY_MARK, FALSE_ESCAPE]
    .map(({ source }) => source)
    .join('|'),
  'gu',
);

/** One escape in visible text. */
export const ESCAPE = /\\x[\da-f]{2}|\\u[\da-f]{4}|\\u\{[\da-f]{5,6}\}/;

/**
 * The text with every unsafe character written as an escape (`\x1b`, `\u202e`, `\u{e0041}`), so that it can be shown
 * in a terminal or an email: one line, read in the order in which it stands, and nothing in it that cannot be seen.
 *
 * Two different texts never become the same: a backslash that only looks like the start of an escape is escaped
 * itself. Not to be applied twice, for that reason.
 */
export function visibleText(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const digits = code.toString(16);
    // Stryker disable next-line EqualityOperator: U+0100 is a letter and never unsafe.
    if (code < 0x100) return `\\x${digits.padStart(2, '0')}`;
    // Stryker disable next-line EqualityOperator: U+10000 is a letter and never unsafe.
    return code < 0x10000 ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`;
  });
}

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

/** Bytes that the text takes inside a JSON string, in UTF-8: quotes and controls take more there than they are long. */
export function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}

/**
 * The text itself when it fits, else its beginning and its end with an ellipsis between: both say what a key is. No
 * character is cut in half.
 *
 * @param mostBytes Bytes inside a JSON string that the result may take.
 */
export function shortenMiddle(text: string, mostBytes: number): string {
  if (jsonBytes(text) <= mostBytes) return text;
  const characters = Array.from(text);
  const each = Math.floor((mostBytes - jsonBytes(ELLIPSIS)) / 2);
  const head = fitting2(characters, each);
  const tail = fitting2(characters.reverse(), each).reverse();
  return [...head, ELLIPSIS, ...tail].join('');
}

/** As many of the first characters as fit into so many bytes. */
function fitting2(characters: readonly string[], mostBytes: number): string[] {
  let bytes = 0;
  const end = characters.findIndex((character) => {
    bytes += jsonBytes(character);
    return bytes > mostBytes;
  });
  return characters.slice(0, end);
}
