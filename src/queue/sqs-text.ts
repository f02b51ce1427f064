/**
 * What SQS refuses in message bodies and attribute values: everything outside #x9, #xA, #xD, #x20 to #xD7FF, #xE000 to #xFFFD and
 * #x10000 to #x10FFFF. Source: SQS API reference, SendMessage.
 */
const REFUSED = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/**
 * `text` as SQS takes it: what it refuses becomes U+FFFD, and no more than `most` UTF-16 units are left, cut between characters.
 */
export function toSqsText(text: string, most: number): string {
  const allowed = text.slice(0, most + 1).replace(REFUSED, '\ufffd');
  return allowed.length <= most ? allowed : withoutHalf(allowed.slice(0, most));
}

/** Without the first half of a character that the cut went through. */
function withoutHalf(text: string): string {
  return text.isWellFormed() ? text : text.slice(0, -1);
}
