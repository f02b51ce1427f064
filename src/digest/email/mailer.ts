import type { SESClient } from '@aws-sdk/client-ses';
import { type RetryOptions, retry } from '../../shared/retry.ts';
import { isEmailAddress, quoted } from '../../shared/validation.ts';
import type { Email } from './email-content.ts';
import { EmailError, toEmailError } from './ses-errors.ts';

export interface SendEmailOptions extends Pick<RetryOptions, 'clock' | 'deadline'> {
  readonly client: Pick<SESClient, 'send'>;
  /** Address that SES has verified. */
  readonly sender: string;
}

/** Bytes of a message. Source: Amazon SES API Reference, "SendRawEmail". */
export const MAX_MESSAGE_BYTES = 10_000_000;
/** One call, the SDK's own tries included: SES answers within a second, or is in trouble. */
const CALL_MS = 5_000;
/** No call is started with less time: one that is aborted may have sent its email all the same. */
const MIN_CALL_MS = 500;
/** SES counts by the second. */
const FIRST_WAIT_MS = 500;

/**
 * Sends the email to each recipient alone. What SES refuses is in the delivery, not thrown. At least once: a call whose
 * response is lost has sent its email.
 *
 * One call for each recipient: SES counts recipients, not calls, so it costs the same; nobody sees the others'
 * addresses; and an address that SES rejects keeps the email from nobody else.
 *
 * SendRawEmail and not SendEmail: the whole message is made here, where it can be tested (how SendEmail encodes a
 * subject is not documented), and it can say that a machine has sent it.
 */
export async function sendEmail(
  email: Email,
  recipients: readonly string[],
  options: SendEmailOptions,
): Promise<Delivery> {
  const reached: string[] = [];
  const unreached: Unreached[] = [];
  let stopped: EmailError | undefined;
  for (const recipient of new Set(recipients)) {
    const error = stopped ?? (await sendToOne(email, recipient, options));
    if (error === undefined) reached.push(recipient);
    else unreached.push({ recipient, error });
    // An error of the account or of SES would hit every recipient: stop calling.
    if (error?.isOfOneRecipient === false) stopped = error;
  }
  return new Delivery(reached, unreached);
}

interface Unreached {
  readonly recipient: string;
  readonly error: EmailError;
}

/** Whom an email reached: those for whom SES has accepted it. */
export class Delivery {
  readonly reached: readonly string[];
  readonly unreached: readonly Unreached[];

  constructor(reached: readonly string[], unreached: readonly Unreached[]) {
    this.reached = reached;
    this.unreached = unreached;
  }

  /**
   * Who was not reached and why, as one error; undefined when all were. Has the code of the first failure, and that
   * failure as its cause.
   */
  get error(): EmailError | undefined {
    const [first] = this.unreached;
    if (first === undefined) return undefined;
    const names = this.unreached.map(({ recipient }) => recipient).join(', ');
    const total = this.reached.length + this.unreached.length;
    const message = `The email reached ${this.reached.length} of ${total} recipients, and not ${names}.`;
    return new EmailError(first.error.code, message, { cause: first.error });
  }

  /**
   * Whether an email that has to arrive should be sent again to all its recipients: when it has reached nobody, or when
   * a failure is transient. Those reached then get it twice, which is better than others not at all. A recipient whom
   * SES rejects for good does not count once somebody is reached: the others would get the same email for ever.
   */
  get shouldSendAgain(): boolean {
    const isTransient = this.unreached.some(({ error }) => error.isTransient);
    return isTransient || (this.reached.length === 0 && this.unreached.length > 0);
  }
}

/** Tries until SES accepts the email, rejects it, or time is up. What else a retry can cure, the SDK has retried. */
async function sendToOne(
  email: Email,
  recipient: string,
  { client, sender, clock, deadline }: SendEmailOptions,
): Promise<EmailError | undefined> {
  try {
    checkAddress(sender);
    checkAddress(recipient);
    const message = toMimeMessage(email, { sender, recipient });
    checkSize(message);
    const input = { Source: sender, Destinations: [recipient], RawMessage: { Data: Buffer.from(message) } };
    const { SendRawEmailCommand } = await import('./ses-client.ts');
    const call = async (abortSignal: AbortSignal) => {
      try {
        await client.send(new SendRawEmailCommand(input), { abortSignal });
      } catch (cause) {
        throw toEmailError(cause, recipient);
      }
    };
    if (deadline - clock.now() < MIN_CALL_MS) throw notSentInTime(recipient);
    await retry(call, {
      clock,
      deadline,
      isRetryable: (error) => error instanceof EmailError && error.code === 'email-throttled',
      attemptMs: CALL_MS,
      minAttemptMs: MIN_CALL_MS,
      firstWaitMs: FIRST_WAIT_MS,
    });
    return undefined;
  } catch (error) {
    if (error instanceof EmailError) return error;
    throw error;
  }
}

function checkAddress(address: unknown): void {
  if (isEmailAddress(address)) return;
  const expected = `Expected a plain email address such as team@example.com, got ${quoted(address)}`;
  throw new EmailError('email-bad-address', `${expected}: correct it in the configuration.`);
}

function checkSize({ length }: string): void {
  if (length <= MAX_MESSAGE_BYTES) return;
  const size = `SES accepts emails of at most ${MAX_MESSAGE_BYTES} bytes, and this one has ${length}.`;
  throw new EmailError('email-too-large', `${size} Send digests more often.`);
}

function notSentInTime(recipient: string): EmailError {
  const advice = "raise the function's timeout, or name fewer recipients.";
  return new EmailError('email-out-of-time', `No time was left to send the email to ${recipient}: ${advice}`);
}

/** Cannot occur in a part: base64 has neither of its signs. */
const BOUNDARY = '=_upload-ledger_=';
/** Characters of a line of base64. Source: RFC 2045, section 6.8. */
const LINE = /.{1,76}/g;

/** Name beside the sender's address in the inbox. */
const SENDER_NAME = 'upload-ledger';

interface Envelope {
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
