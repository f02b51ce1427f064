import type { Email } from './email.ts';
import { toEncodedWords } from './encoded-words.ts';

/** Cannot stand in a part: base64 has neither of its signs. */
const BOUNDARY = '=_upload-ledger_=';
/** Characters of a line of base64. Source: RFC 2045, section 6.8. */
const LINE = /.{1,76}/g;

/** Name beside the sender's address, so that the inbox says who writes. */
const SENDER_NAME = 'upload-ledger';

export interface Envelope {
  /** Plain address, checked. */
  readonly sender: string;
  /** Plain address, checked. */
  readonly recipient: string;
}

/**
 * The email as one MIME message in 7-bit ASCII with lines of at most 78 characters: the text part first, since a
 * reader takes the last one that it can show. Date and Message-ID are missing, since SES writes its own.
 *
 * `Auto-Submitted` keeps absence notes from being sent back. Source: RFC 3834, section 5.
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

/**
 * In base64: a line of HTML may be longer than the 998 characters that mail takes, and no server on the way has a
 * reason to change it.
 */
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
