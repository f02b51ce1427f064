import { UploadLedgerError } from '../shared/errors.ts';

/**
 * - `email-bad-address`: an address that is none.
 * - `email-too-large`: more bytes than SES takes.
 * - `email-not-verified`: SES does not know the sender, or in its sandbox the recipient.
 * - `email-rejected`: SES refuses this email.
 * - `email-not-allowed`: the function's role may not send it.
 * - `email-sending-paused`: SES has paused the account's sending.
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

/** Those that come from the one recipient or may do so: others can still be reached. */
const OF_ONE_RECIPIENT: ReadonlySet<string> = new Set<EmailErrorCode>([
  'email-bad-address',
  'email-not-verified',
  'email-rejected',
]);

/** Those that pass without anybody's help. */
const PASSING: ReadonlySet<string> = new Set<EmailErrorCode>([
  'email-quota-used-up',
  'email-throttled',
  'email-out-of-time',
  'email-service-failed',
]);

/** An email that did not reach its recipient, with what to do about it. */
export class EmailError extends UploadLedgerError {
  override readonly name = 'EmailError';

  constructor(code: EmailErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }

  /** Whether the same email may still reach other recipients. */
  get isOfOneRecipient(): boolean {
    return OF_ONE_RECIPIENT.has(this.code);
  }

  /** Whether a later try may succeed without anybody's help. */
  get isPassing(): boolean {
    return PASSING.has(this.code);
  }
}
