import { UploadLedgerError } from '../shared/errors.ts';

/** A record that was not stored and that a later try can store: its message must come back. */
export class RecordNotStoredError extends UploadLedgerError {
  override readonly name = 'RecordNotStoredError';

  /** @param code `call-failed`: the whole call failed. `out-of-time`: the invocation's time was up. */
  constructor(code: 'call-failed' | 'out-of-time', message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** A record that DynamoDB refuses by its content, whatever the number of tries: its message belongs in quarantine. */
export class RecordRefusedError extends UploadLedgerError {
  override readonly name = 'RecordRefusedError';

  constructor(message: string, options?: ErrorOptions) {
    super('refused-by-dynamodb', message, options);
  }
}
