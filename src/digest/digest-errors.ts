import { UploadLedgerError } from '../shared/errors.ts';

/** A summary that stands in the table and that this version cannot read. */
export class UnreadableSummaryError extends UploadLedgerError {
  override readonly name = 'UnreadableSummaryError';

  constructor(message: string, options?: ErrorOptions) {
    super('unreadable-summary', message, options);
  }
}

/** A digest that was not sent now and that a later receive of its tick can send: the tick's message must come back. */
export class DigestNotSentError extends UploadLedgerError {
  override readonly name = 'DigestNotSentError';

  /**
   * @param code `digest-busy`: another tick of the same digest is at work. `digest-out-of-time`: the invocation's time
   *   was up. `digest-send-failed`: the mailer failed, with its error as the cause.
   */
  constructor(
    code: 'digest-busy' | 'digest-out-of-time' | 'digest-send-failed',
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}

/** Alert rules in the function's environment that cannot be used. */
export class AlertRulesError extends UploadLedgerError {
  override readonly name = 'AlertRulesError';

  constructor(message: string, options?: ErrorOptions) {
    super('bad-alert-rules', message, options);
  }
}
