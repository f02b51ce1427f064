import { UploadLedgerError } from '../shared/errors.ts';

/** A command that cannot be carried out as it was given. What came stands in front of the message where commander adds it. Exit code 2. */
export class UsageError extends UploadLedgerError {
  override readonly name = 'UsageError';

  constructor(message: string) {
    super('usage', message);
  }
}
