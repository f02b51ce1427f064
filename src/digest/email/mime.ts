import type { Email } from './email-content.ts';

/** Cannot occur in a part: base64 has neither of its signs. */
const BOUNDARY = '=_upload-ledger_=';
/** Characters of a line of base64. Source: RFC 2045, section 6.8. */
const LINE = /.{1,76}/g;

/** Name beside the sender's address in the inbox. */
const SENDER_NAME = 'upload-ledger';

export interface Envelope {
  /** Plain address, checked. */
  readonly sender: string;
  /** Plain address, checked. */
  readonly recipient: string;
}

/**
 * The email as one MIME message in 7-bit ASCII with lines of at most 78 characters. The text part comes first, because
 * a reader takes the last part that it can show. Date and Message-ID are left to SES, which writes its own.
 *
 * `Auto-Submitted` prevents absence notes in reply. Source: RFC 3834, section 5.
 */
export function toMimeMessage({ subject, text, html }: Email, { sender, recipient }: Envelope): string {
  return [
    `From: ${SENDER_NAME} <${sender}>`,
    `To: ${recipient}`,
    `Subject: ${toEncodedWords(subject)}`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    `Content-Type: multipart/alternative; boundary="${BOUNDARY}"`,
    '',
    ...part('text/plain', text),
    ...part('text/html', html),
    `--${BOUNDARY}--`,
    '',
  ].join('\r\n');
}

/** In base64: a line of HTML may be longer than the 998 characters that mail allows, and no server changes base64. */
function part(type: string, content: string): readonly string[] {
  // Text in mail ends its lines in CR LF, also inside an encoding.
  const body = Buffer.from(content.toWellFormed().replace(/\r?\n/g, '\r\n')).toString('base64');
  return [
    `--${BOUNDARY}`,
    `Content-Type: ${type}; charset=utf-8`,
    'Content-Transfer-Encoding: base64',
    '',
    ...(body.match(LINE) ?? []),
  ];
}

/** Characters that a header can hold as they are: printable ASCII. */
const PLAIN = /^[\x20-\x7e]*$/;
/** Characters of a plain value: with the header's name, a line stays within 78. */
const MAX_PLAIN_LENGTH = 60;
/** Bytes of text in one word: in base64, with the word's own marks and a header's name, a line stays within 76. */
const WORD_BYTES = 39;

/**
 * Text as the value of a mail header: as it is when short and plain, else as encoded words of UTF-8 in base64, one a
 * line. Base64 has no line breaks and no colons, so no text can end its header or start another. Controls become
 * spaces, for readers that write the decoded text into a header again.
 *
 * Each word holds whole characters, so that it can be read alone. Source: RFC 2047, sections 2 and 5.
 */
export function toEncodedWords(value: string): string {
  const text = value.toWellFormed().replace(/\p{Cc}+/gu, ' ');
  // Plain text that looks like an encoded word would be read as one.
  if (text.length <= MAX_PLAIN_LENGTH && PLAIN.test(text) && !text.includes('=?')) return text;
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
