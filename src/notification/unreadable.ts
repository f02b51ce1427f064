import { UploadLedgerError } from '../contract/errors.ts';
import { QUARANTINE_DETAIL_LENGTH, type QuarantineReason } from '../contract/quarantine.ts';

/**
 * A message, or one event record of it, that no retry can make readable. The message belongs in the dead-letter queue,
 * with `code` and `detail` beside it.
 */
export class UnreadableMessageError extends UploadLedgerError {
  override readonly name = 'UnreadableMessageError';
  declare readonly code: QuarantineReason;
  /** What was expected and what came: at most {@link QUARANTINE_DETAIL_LENGTH} characters, none that SQS refuses. */
  readonly detail: string;

  constructor(reason: QuarantineReason, detail: string, options?: ErrorOptions) {
    super(reason, `Cannot read the message (${reason}): ${detail}`, options);
    this.detail = detail.slice(0, QUARANTINE_DETAIL_LENGTH).toWellFormed();
  }
}
