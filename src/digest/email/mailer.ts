import type { SESClient } from '@aws-sdk/client-ses';
import { type RetryOptions, retry } from '../../shared/retry.ts';
import { isEmailAddress, quoted } from '../../shared/validation.ts';
import type { Alert } from '../alerts/alert-rules.ts';
import { renderAlert } from './alert-email.ts';
import { type Digest, renderDigest } from './digest-email.ts';
import type { Email } from './email-content.ts';
import { toMimeMessage } from './mime.ts';
import { EmailError, toEmailError } from './ses-errors.ts';

/** Renders digests and alerts, and sends them. */
export interface Mail {
  /**
   * @param deadline When sending has to be over, retries included: epoch milliseconds.
   * @throws {EmailError} when the email has failed, with what to do about it.
   */
  sendDigest(digest: Digest, recipients: readonly string[], deadline: number): Promise<void>;
  /** As {@link sendDigest}, to the recipients of the alert's rule. */
  sendAlert(alert: Alert, deadline: number): Promise<void>;
}

export interface SesMailOptions extends Pick<RetryOptions, 'clock'> {
  readonly client: Pick<SESClient, 'send'>;
  /** Address that SES has verified. */
  readonly sender: string;
  /** Called when an email counts as sent though it has not reached all recipients. */
  readonly onPartlySent: (email: { readonly digest: string } | { readonly alert: string }, error: EmailError) => void;
}

/**
 * Mail through SES. An email that reached some recipients and failed for good with others counts as sent.
 *
 * Import this module when there is an email to send: it uses the runtime's time zones and grapheme tables, which take
 * tens of milliseconds to load.
 */
export function createSesMail({ onPartlySent, ...options }: SesMailOptions): Mail {
  return {
    sendDigest: async (digest, recipients, deadline) => {
      const { error, shouldSendAgain } = await sendEmail(renderDigest(digest), recipients, { ...options, deadline });
      if (error === undefined) return;
      if (shouldSendAgain) throw error;
      onPartlySent({ digest: digest.name }, error);
    },
    // An alert is not tried again, so it fails only when it has reached nobody.
    sendAlert: async (alert, deadline) => {
      const { name, recipients } = alert.rule;
      const { error, reached } = await sendEmail(renderAlert(alert), recipients, { ...options, deadline });
      if (error === undefined) return;
      if (reached.length === 0) throw error;
      onPartlySent({ alert: name }, error);
    },
  };
}

export type SendEmailOptions = Omit<SesMailOptions, 'onPartlySent'> & Pick<RetryOptions, 'deadline'>;

/** Bytes of a message. Source: Amazon SES API Reference, "SendRawEmail". */
export const MAX_MESSAGE_BYTES = 10_000_000;
/** One call, the SDK's own tries included: SES answers within a second, or is in trouble. */
const CALL_MS = 5_000;
/** No call is started with less time: one that is aborted may have sent its email all the same. */
const MIN_CALL_MS = 500;
/** SES counts by the second. */
const FIRST_WAIT_MS = 500;

/**
 * Sends the email to each recipient alone. Never throws: failures are in the delivery. At least once: a call whose
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
    const call = (abortSignal: AbortSignal) => client.send(new SendRawEmailCommand(input), { abortSignal });
    const { SendRawEmailCommand } = await import('./ses-client.ts');
    if (deadline - clock.now() < MIN_CALL_MS) throw outOfTime(recipient);
    await retry((signal) => call(signal).catch((cause) => Promise.reject(toEmailError(cause, recipient))), {
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
  const size = `Expected an email of at most ${MAX_MESSAGE_BYTES} bytes, which is all that SES takes, got ${length}.`;
  throw new EmailError('email-too-large', `${size} Send digests more often.`);
}

function outOfTime(recipient: string): EmailError {
  const advice = "raise the function's timeout, or name fewer recipients.";
  return new EmailError('email-out-of-time', `No time was left to send the email to ${recipient}: ${advice}`);
}
