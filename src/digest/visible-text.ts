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
