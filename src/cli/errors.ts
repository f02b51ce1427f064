import { UploadLedgerError } from '../shared/errors.ts';

/** A command cannot be run as it was given: exit code 2. The message is one line. */
export class UsageError extends UploadLedgerError {
  override readonly name = 'UsageError';

  constructor(message: string) {
    super('usage', message);
  }
}

/** Why a command was stopped: the reason of the context's signal. */
export class StopReason extends Error {
  override readonly name = 'StopReason';
  readonly exitCode: number;

  /** @param exitCode Of the program: 128 and the signal's number, as in shells. */
  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
