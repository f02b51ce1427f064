import { UploadLedgerError } from '../shared/errors.ts';

/** A command cannot be run as it was given: exit code 2. The message is one line. */
export class UsageError extends UploadLedgerError {
  override readonly name: string = 'UsageError';

  constructor(message: string) {
    super('usage', message);
  }
}

/** The value of an option or argument is not what it must be: which one, the program adds. */
export class ArgumentError extends UsageError {
  override readonly name = 'ArgumentError';
  /** With its article, such as `a whole number of 1 or more`. */
  readonly expected: string;

  constructor(expected: string) {
    super(`expected ${expected}`);
    this.expected = expected;
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
