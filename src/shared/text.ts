/**
 * Characters that are invisible or that change how other text reads: controls, bidirectional and other format
 * characters, fillers, line and paragraph separators, lone surrogates, noncharacters. Two of them, the joiner and the
 * variation selector, are a visible part of emoji: they have expressions of their own below.
 */
const HIDDEN =
  /(?![\u200d\ufe0f])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u;

const JOINER_OUTSIDE_EMOJI =
  /(?<!\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]?)\u200d|\u200d(?!\p{Extended_Pictographic})/u;

const SELECTOR_OUTSIDE_EMOJI = /(?<!\p{Extended_Pictographic}|[\d#*](?=\ufe0f\u20e3))\ufe0f/u;

/** A mark on a character that is not the text's own, and more marks than any script puts on one letter. */
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
const ESCAPE = /\\x[\da-f]{2}|\\u[\da-f]{4}|\\u\{[\da-f]{5,6}\}/;

/**
 * The text with every unsafe character written as an escape (`\x1b`, `\u202e`, `\u{e0041}`), so that it can be shown
 * in a terminal or an email: one line, read in the order in which it is written, and nothing in it that is invisible.
 *
 * Two different texts never become the same: a backslash that only looks like the start of an escape is escaped
 * itself. Not to be applied twice, for that reason.
 */
export function visibleText(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const digits = code.toString(16);
    if (code < 0x100) return `\\x${digits.padStart(2, '0')}`;
    return code < 0x10000 ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`;
  });
}

const ELLIPSIS = '…';

/**
 * UTF-16 units of a grapheme (what people see as one character): none that people write is longer. Joined without end,
 * characters could make one "grapheme" of any length.
 */
const MAX_GRAPHEME_LENGTH = 24;

const EACH_ESCAPE = new RegExp(`(${ESCAPE.source})`);

/**
 * Visible text that is too long to read, as its beginning and its end with an ellipsis between: both say what a key is.
 * Neither an escape nor a grapheme is cut.
 *
 * @param text As `visibleText` has made it.
 * @param maxLength UTF-16 units of the result, 1 or more; or what `lengthOf` counts instead.
 */
export function shortenText(text: string, maxLength: number, lengthOf = (part: string): number => part.length): string {
  if (lengthOf(text) <= maxLength) return text;
  const graphemes = toGraphemes(text);
  const room = maxLength - ELLIPSIS.length;
  const end = takeWhileFits(graphemes.toReversed(), Math.ceil(room / 2), lengthOf)
    .toReversed()
    .join('');
  const start = takeWhileFits(graphemes, room - lengthOf(end), lengthOf).join('');
  return `${start}${ELLIPSIS}${end}`;
}

/** The text's graphemes, with each escape as one of them. */
function toGraphemes(text: string): readonly string[] {
  const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
  return text.split(EACH_ESCAPE).flatMap((piece, index) => {
    // Splitting by a group puts what the group has matched at the odd places.
    if (index % 2 === 1) return [piece];
    return Array.from(segmenter.segment(piece), ({ segment }) => segment).flatMap((grapheme) =>
      grapheme.length <= MAX_GRAPHEME_LENGTH ? [grapheme] : Array.from(grapheme),
    );
  });
}

/** Bytes of the text inside a JSON string, in UTF-8: quotes and controls take more there than they are long. */
export function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}

/** Most bytes that a JSON string takes for one UTF-16 unit: those of an escape. */
const MAX_JSON_BYTES_A_UNIT = 6;

/**
 * The text itself when it fits, else its beginning and its end with an ellipsis between. No character is cut in half.
 *
 * @param maxBytes Bytes of the result, as {@link jsonBytes} counts them.
 */
export function shortenToBytes(text: string, maxBytes: number): string {
  // Stryker disable next-line ConditionalExpression,EqualityOperator: a shortcut for what fits anyway.
  if (text.length * MAX_JSON_BYTES_A_UNIT <= maxBytes) return text;
  if (jsonBytes(text) <= maxBytes) return text;
  const characters = Array.from(text);
  const half = Math.floor((maxBytes - jsonBytes(ELLIPSIS)) / 2);
  const start = takeWhileFits(characters, half, jsonBytes);
  const end = takeWhileFits(characters.toReversed(), half, jsonBytes).toReversed();
  return [...start, ELLIPSIS, ...end].join('');
}

/** As many of the first pieces as fit. All of them never do: the text is longer than what is left of it. */
function takeWhileFits(pieces: readonly string[], max: number, sizeOf: (piece: string) => number): readonly string[] {
  let size = 0;
  const end = pieces.findIndex((piece) => {
    size += sizeOf(piece);
    return size > max;
  });
  return pieces.slice(0, end);
}

/** A way to write the same text in Unicode: accents as characters of their own (`NFD`, as macOS writes names) or not. */
export type UnicodeForm = 'NFC' | 'NFD';

/** The text in the other forms of Unicode, which look the same and are different keys; none for most texts. */
export function otherUnicodeForms(text: string): readonly { readonly form: UnicodeForm; readonly text: string }[] {
  const forms = (['NFC', 'NFD'] as const).map((form) => ({ form, text: text.normalize(form) }));
  return forms.filter((other) => other.text !== text);
}
