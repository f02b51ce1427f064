import { UploadLedgerError } from '../../shared/errors.ts';

/**
 * - `email-bad-address`: not an email address.
 * - `email-too-large`: more bytes than SES takes.
 * - `email-not-verified`: SES does not know the sender, or in its sandbox the recipient.
 * - `email-rejected`: SES rejects this email.
 * - `email-not-allowed`: the function's role may not send it.
 * - `email-sending-paused`: SES has paused or suspended the sending of the account or the sender.
 * - `email-quota-used-up`: the account has sent what it may in 24 hours.
 * - `email-throttled`: the account sends more a second than it may, until time was up.
 * - `email-out-of-time`: no time was left to try.
 * - `email-service-failed`: anything else; SES or the way to it failed.
 */
export type EmailErrorCode =
  | 'email-bad-address'
  | 'email-too-large'
  | 'email-not-verified'
  | 'email-rejected'
  | 'email-not-allowed'
  | 'email-sending-paused'
  | 'email-quota-used-up'
  | 'email-throttled'
  | 'email-out-of-time'
  | 'email-service-failed';

/** Those that come from the one recipient, or may do so: others can still be reached. */
const OF_ONE_RECIPIENT: ReadonlySet<EmailErrorCode> = new Set([
  'email-bad-address',
  'email-not-verified',
  'email-rejected',
]);

/** Those that pass without anybody's help. */
const TRANSIENT: ReadonlySet<EmailErrorCode> = new Set([
  'email-quota-used-up',
  'email-throttled',
  'email-out-of-time',
  'email-service-failed',
]);

/** An email that did not reach its recipient, with what to do about it. */
export class EmailError extends UploadLedgerError {
  override readonly name = 'EmailError';
  declare readonly code: EmailErrorCode;

  constructor(code: EmailErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }

  /** Whether the same email may still reach other recipients. */
  get isOfOneRecipient(): boolean {
    return OF_ONE_RECIPIENT.has(this.code);
  }

  /** Whether a later try may succeed without anybody's help. */
  get isTransient(): boolean {
    return TRANSIENT.has(this.code);
  }
}

/** What SES, or the SDK on its behalf, failed with, as an error that says what to do. */
export function toEmailError(cause: unknown, recipient: string): EmailError {
  const [name, reason] = cause instanceof Error ? [cause.name, cause.message] : ['', String(cause)];
  const { code, advice } = findFailure(name, reason);
  const sentence = reason
    .slice(0, MAX_REASON_LENGTH)
    .toWellFormed()
    .replace(/[.\s]+$/, '');
  return new EmailError(code, `SES did not accept the email to ${recipient}: ${sentence}. ${advice}`, { cause });
}

/** Characters of SES's own text that an error repeats. */
const MAX_REASON_LENGTH = 300;

/** Some errors share their name with others and are told apart by their text, which SES documents. */
function findFailure(name: string, reason: string): Failure {
  const failure = FAILURES.get(name) ?? FAILED;
  if (failure === THROTTLED && /daily message quota/i.test(reason)) return QUOTA_USED_UP;
  if (failure === REJECTED && /(?:sending|account) (?:is )?paused|suspended/i.test(reason)) return PAUSED;
  if (failure === REJECTED && /not verified/i.test(reason)) return NOT_VERIFIED;
  return failure;
}

interface Failure {
  readonly code: EmailErrorCode;
  readonly advice: string;
}

const NOT_VERIFIED: Failure = {
  code: 'email-not-verified',
  advice:
    'Verify the sender in the SES console of this Region; while the account is in the SES sandbox, verify each recipient too, or ask for production access.',
};
const REJECTED: Failure = {
  code: 'email-rejected',
  advice: 'Fix the cause that SES gives, then send again.',
};
const NO_CONFIGURATION_SET: Failure = {
  code: 'email-rejected',
  advice:
    "The sender's identity names a default configuration set that does not exist: choose another in the SES console.",
};
const NOT_ALLOWED: Failure = {
  code: 'email-not-allowed',
  advice:
    "Allow the function's role ses:SendRawEmail on the identities of the sender, and in the sandbox of the recipients.",
};
const PAUSED: Failure = {
  code: 'email-sending-paused',
  advice: 'The account dashboard of the SES console says why. Ask AWS there to resume sending.',
};
const THROTTLED: Failure = {
  code: 'email-throttled',
  advice:
    'Ask for a higher sending rate in the SES console (the sandbox allows one email a second), or name fewer recipients.',
};
const QUOTA_USED_UP: Failure = {
  code: 'email-quota-used-up',
  advice: 'Ask for a higher daily quota in the SES console (the sandbox allows 200 emails in 24 hours), or send less.',
};
const FAILED: Failure = { code: 'email-service-failed', advice: 'It may succeed when it is tried again.' };

/**
 * SES's names of its errors. Sources: Amazon SES API Reference, "SendRawEmail" and "Common Errors"; Developer Guide,
 * "Amazon SES email sending errors" and "Errors related to the sending quotas".
 */
const FAILURES: ReadonlyMap<string, Failure> = new Map([
  ['MailFromDomainNotVerifiedException', NOT_VERIFIED],
  ['FromEmailAddressNotVerifiedException', NOT_VERIFIED],
  ['MessageRejected', REJECTED],
  ['InvalidParameterValue', REJECTED],
  ['ConfigurationSetDoesNotExistException', NO_CONFIGURATION_SET],
  ['AccessDenied', NOT_ALLOWED],
  ['AccessDeniedException', NOT_ALLOWED],
  ['AccountSendingPausedException', PAUSED],
  ['ConfigurationSetSendingPausedException', PAUSED],
  ['Throttling', THROTTLED],
  ['ThrottlingException', THROTTLED],
]);
