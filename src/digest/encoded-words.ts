/** Characters that stand in a header as they are: printable ASCII. */
const PLAIN = /^[\x20-\x7e]*$/;
/** Characters of a plain line: with the header's name, a line stays within 78. */
const PLAIN_LENGTH = 60;
/**
 * Bytes of text in one word: in base64, with the word's own marks and a header's name before it, a line stays within
 * 76.
 */
const WORD_BYTES = 39;

/**
 * Text as the value of a mail header: as it is when it is short and plain, else as encoded words of UTF-8 in base64,
 * one a line. Base64 has no line breaks and no colons, so the text cannot end its header or start another, whatever it
 * says; controls become spaces, for readers that write what they have decoded into a header again.
 *
 * Each word holds whole characters, so that it can be read alone. Source: RFC 2047, sections 2 and 5.
 */
export function toEncodedWords(value: string): string {
  const text = value.toWellFormed().replace(/\p{Cc}+/gu, ' ');
  // Plain text that looks like an encoded word would be read as one.
  if (text.length <= PLAIN_LENGTH && PLAIN.test(text) && !text.includes('=?')) return text;
  const words = inPieces(text).map((piece) => `=?UTF-8?B?${Buffer.from(piece).toString('base64')}?=`);
  return words.join('\r\n ');
}

function inPieces(text: string): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const character of text) {
    if (Buffer.byteLength(piece + character) > WORD_BYTES) {
      pieces.push(piece);
      piece = '';
    }
    piece += character;
  }
  return [...pieces, piece];
}
