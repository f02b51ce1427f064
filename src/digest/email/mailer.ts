import type { SESClient } from '@aws-sdk/client-ses';
import { isEmailAddress, quoted } from '../../shared/validation.ts';
import type { Email } from './email-content.ts';
import { toMimeMessage } from './mime.ts';
import { EmailError, type EmailErrorCode, toEmailError } from './ses-errors.ts';

/** Whom an email reached: SES has taken it for each of them. */
export interface Delivery {
  readonly reached: readonly string[];
  readonly unreached: readonly Unreached[];
}

export interface Unreached {
  readonly recipient: string;
  readonly error: EmailError;
}

/**
 * Who was not reached and why, as one error; undefined when all were. Has the code of the first failure, and that
 * failure as its cause.
 */
export function deliveryError({ reached, unreached }: Delivery): EmailError | undefined {
  const [first] = unreached;
  if (first === undefined) return undefined;
  const names = unreached.map(({ recipient }) => recipient).join(', ');
  const message = `The email reached ${reached.length} of ${reached.length + unreached.length} recipients, and not ${names}.`;
  return new EmailError(first.error.code as EmailErrorCode, message, { cause: first.error });
}

/**
 * Whether an email that has to arrive should be sent again, to all its recipients: when it has reached nobody, or when
 * a failure may pass by itself. Those whom it has reached get it twice then, which is better than others not at all. A
 * recipient whom SES refuses for good does not count once somebody is reached: the others would get the same email for
 * ever.
 */
export function shouldSendAgain({ reached, unreached }: Delivery): boolean {
  return unreached.length > 0 && (reached.length === 0 || unreached.some(({ error }) => error.isPassing));
}

export interface MailerOptions {
  readonly client: Pick<SESClient, 'send'>;
  /** Address that SES has verified. */
  readonly sender: string;
  /** Milliseconds until sending has to end, trying again included. */
  readonly remainingMilliseconds: () => number;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  /** Numbers in [0, 1), for the waits between tries. */
  readonly random: () => number;
}

export interface Mailer {
  /** Sends the email to each recipient alone. Never throws: what failed stands in the delivery. */
  send(email: Email, recipients: readonly string[]): Promise<Delivery>;
}

/** Bytes of a message. Source: Amazon SES API Reference, "SendRawEmail". */
export const MESSAGE_BYTES = 10_000_000;
/** Milliseconds that one call may take, the SDK's own tries included: SES answers within a second, or is in trouble. */
const CALL_MILLISECONDS = 5_000;
/** Milliseconds below which no call is started: one that is cut off may have sent its email all the same. */
const LEAST_MILLISECONDS = 500;
/** Milliseconds: the most that the first wait can take. SES counts by the second. */
const FIRST_WAIT = 500;
/** Milliseconds: the most that any wait can take. */
const LONGEST_WAIT = 5_000;

/**
 * The way to SES.
 *
 * One call for each recipient: SES counts recipients, not calls, so it costs the same; nobody learns the others'
 * addresses; and an address that SES refuses keeps the email from nobody else. SES's bound on the recipients of one
 * email is kept by that, too.
 *
 * SendRawEmail and not SendEmail: the whole message is made here, where it can be tested (how SendEmail encodes a subject
 * is not documented), and it can say that a machine has sent it.
 *
 * At least once: a call that fails on the way back has sent its email.
 */
export function openMailer(options: MailerOptions): Mailer {
  return {
    send: async (email, recipients) => {
      const reached: string[] = [];
      const unreached: Unreached[] = [];
      let stopped: EmailError | undefined;
      for (const recipient of new Set(recipients)) {
        const error = stopped ?? (await sendToOne(email, recipient, options));
        if (error === undefined) reached.push(recipient);
        else unreached.push({ recipient, error });
        // What is wrong with the account or with SES is wrong for all: neither helps to ask again for each.
        if (error?.isOfOneRecipient === false) stopped = error;
      }
      return { reached, unreached };
    },
  };
}

function sendToOne(email: Email, recipient: string, options: MailerOptions): Promise<EmailError | undefined> {
  const { sender } = options;
  const message = toMimeMessage(email, { sender, recipient });
  const fault = addressFault(sender) ?? addressFault(recipient) ?? sizeFault(message);
  if (fault !== undefined) return Promise.resolve(fault);
  return call({ message, recipient }, options);
}

interface Outgoing {
  /** MIME, in ASCII. */
  readonly message: string;
  readonly recipient: string;
}

/** Calls until SES takes the email, refuses it, or time is up. */
async function call({ message, recipient }: Outgoing, options: MailerOptions): Promise<EmailError | undefined> {
  const { client, sender, remainingMilliseconds, sleep, random } = options;
  const { SendRawEmailCommand } = await import('./ses-client.ts');
  const input = { Source: sender, Destinations: [recipient], RawMessage: { Data: Buffer.from(message) } };
  for (let refusals = 0; ; refusals += 1) {
    const timeLeft = remainingMilliseconds();
    if (timeLeft < LEAST_MILLISECONDS) return outOfTime(recipient);
    const abortSignal = AbortSignal.timeout(Math.min(timeLeft, CALL_MILLISECONDS));
    try {
      await client.send(new SendRawEmailCommand(input), { abortSignal });
      return undefined;
    } catch (cause) {
      const error = toEmailError(cause, recipient);
      // Full jitter: environments that were refused together do not come back together.
      const pause = random() * Math.min(FIRST_WAIT * 2 ** refusals, LONGEST_WAIT);
      // What else a retry can cure, the SDK has tried again.
      if (error.code !== 'email-throttled' || remainingMilliseconds() - pause < LEAST_MILLISECONDS) return error;
      await sleep(pause);
    }
  }
}

function addressFault(address: unknown): EmailError | undefined {
  if (isEmailAddress(address)) return undefined;
  const message = `Expected a plain email address such as team@example.com, got ${quoted(address)}: correct it in the configuration.`;
  return new EmailError('email-bad-address', message);
}

function sizeFault(message: string): EmailError | undefined {
  if (message.length <= MESSAGE_BYTES) return undefined;
  const size = `Expected an email of at most ${MESSAGE_BYTES} bytes, which is all that SES takes, got ${message.length}.`;
  return new EmailError('email-too-large', `${size} Send digests more often.`);
}

function outOfTime(recipient: string): EmailError {
  const message = `No time was left to send the email to ${recipient}: raise the function's timeout, or name fewer recipients.`;
  return new EmailError('email-out-of-time', message);
}
