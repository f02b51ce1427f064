import { EmailError, type EmailErrorCode } from './email-error.ts';

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
