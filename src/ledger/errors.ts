import { UploadLedgerError } from '../shared/errors.ts';

/**
 * A record that breaks a size limit of DynamoDB, which no retry cures: one such item would reject the whole
 * BatchWriteItem call that it is part of. `code` is the reason under which the message is quarantined.
 */
export class RecordTooLargeError extends UploadLedgerError {
  override readonly name = 'RecordTooLargeError';

  constructor(what: string, max: number, bytes: number) {
    super('record-too-large', `expected ${what} of at most ${max} bytes, got ${bytes}`);
  }
}

/** @throws {RecordTooLargeError} when `text` is longer than `max` bytes of UTF-8. `what` names it. */
export function checkTextSize(text: string, max: number, what: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > max) throw new RecordTooLargeError(what, max, bytes);
}

/** A record that was not stored and that a later try can store: its message must come back. */
export class RecordNotStoredError extends UploadLedgerError {
  override readonly name = 'RecordNotStoredError';

  /** @param code `call-failed`: the whole call failed. `out-of-time`: the invocation's time was up. */
  constructor(code: 'call-failed' | 'out-of-time', message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** A record that DynamoDB rejects for its content, however often it is sent: its message is quarantined. */
export class RecordRejectedError extends UploadLedgerError {
  override readonly name = 'RecordRejectedError';

  constructor(message: string, options?: ErrorOptions) {
    super('refused-by-dynamodb', message, options);
  }
}
