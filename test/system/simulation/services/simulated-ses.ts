import { SESServiceException } from '@aws-sdk/client-ses';
// Loaded here, because to load it in the middle of a run would take real time.
import '../../../../src/digest/email/alert-email.ts';
import '../../../../src/digest/email/digest-email.ts';
import '../../../../src/digest/email/mailer.ts';
import type { SendEmailOptions } from '../../../../src/digest/email/mailer.ts';
import { SendRawEmailCommand } from '../../../../src/digest/email/ses-client.ts';
import { DAY_MS, SECOND_MS } from '../../../../src/shared/time.ts';
import { ClientRetries, type Life } from './process-life.ts';
import { connectionReset } from './sdk-retries.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What happens to one try of a call. */
export type EmailFault =
  /** SES is down, or the account may not send for the moment. */
  | 'unavailable'
  | 'throttled'
  /** The account's sending is paused. */
  | 'paused'
  /** SES does not like this email. */
  | 'rejected'
  /** It is accepted, and the connection breaks before the answer comes. */
  | 'answer-lost';

/** An email that SES has accepted. */
export interface AcceptedEmail {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly recipient: string;
  /** The whole MIME message. */
  readonly message: string;
}

export interface SesOptions {
  readonly clock: VirtualClock;
  /** Decides about each try. @default never */
  readonly fault?: () => EmailFault | undefined;
  /** Emails that SES accepts within a second, and within 24 hours. @default any number */
  readonly maxPerSecond?: number;
  readonly maxPerDay?: number;
}

type SesClient = SendEmailOptions['client'];

/** Milliseconds of one call. */
const LATENCY_MS = { min: 50, max: 150 } as const;

/** SES as the mailer sees it, with the account's quotas. Source: SES developer guide, "Amazon SES email sending errors". */
export class SimulatedSes {
  accepted = 0;
  readonly #options: SesOptions;
  /** When the emails of the last 24 hours were accepted, oldest first. */
  readonly #times: number[] = [];

  constructor(options: SesOptions) {
    this.#options = options;
  }

  /**
   * @param life Of the process that calls. @default it lives forever, and its client is new
   * @param onAccepted Called for each email of this client that SES accepts, whether or not the client hears of it.
   */
  connect(life?: Life, onAccepted: (email: AcceptedEmail) => void = () => undefined): SesClient {
    const { ses: retries } = life?.retries ?? new ClientRetries(this.#options.clock);
    const isAlive = () => life?.hasEnded !== true;
    const send = (command: object, { abortSignal: signal }: { readonly abortSignal?: AbortSignal } = {}) => {
      const tries = () => retries.run(() => this.#try(command, signal, onAccepted), { signal, isAlive });
      return life === undefined ? tries() : life.call(tries);
    };
    return { send } as unknown as SesClient;
  }

  async #try(command: object, signal: AbortSignal | undefined, onAccepted: (email: AcceptedEmail) => void) {
    const { clock, fault: decide } = this.#options;
    if (!(command instanceof SendRawEmailCommand))
      throw new TypeError(`The simulated SES knows no ${command.constructor.name}.`);
    const fault = decide?.();
    const milliseconds = LATENCY_MS.min + clock.random() * (LATENCY_MS.max - LATENCY_MS.min);
    const done = clock.sleep(milliseconds / 2).then(() => {
      this.#refuse(fault);
      const { Destinations: [recipient = ''] = [], RawMessage } = command.input;
      this.accepted += 1;
      this.#times.push(clock.now());
      onAccepted({ at: clock.now(), recipient, message: Buffer.from(RawMessage?.Data ?? []).toString() });
      return { MessageId: `email-${this.accepted}` };
    });
    done.catch(() => undefined);
    await clock.sleep(milliseconds, signal);
    const answer = await done;
    if (fault === 'answer-lost') throw connectionReset();
    return answer;
  }

  /** @throws what SES answers when it does not take the email. */
  #refuse(fault: EmailFault | undefined): void {
    if (fault === 'unavailable') throw refusal('ServiceUnavailable', 'Service is unavailable.', 503);
    if (fault === 'paused') throw refusal('MessageRejected', 'Sending paused for this account.');
    if (fault === 'rejected') throw refusal('MessageRejected', 'Email address is not verified.');
    const { clock, maxPerSecond = Number.POSITIVE_INFINITY, maxPerDay = Number.POSITIVE_INFINITY } = this.#options;
    const now = clock.now();
    while ((this.#times[0] ?? now) <= now - DAY_MS) this.#times.shift();
    const lastSecond = this.#times.filter((at) => at > now - SECOND_MS).length;
    if (fault === 'throttled' || lastSecond >= maxPerSecond)
      throw refusal('Throttling', 'Maximum sending rate exceeded.');
    if (this.#times.length >= maxPerDay) throw refusal('Throttling', 'Daily message quota exceeded.');
  }
}

function refusal(name: string, message: string, httpStatusCode = 400): SESServiceException {
  const $fault = httpStatusCode < 500 ? 'client' : 'server';
  return new SESServiceException({ name, $fault, message, $metadata: { httpStatusCode } });
}
