/**
 * The base of every error that this product raises on purpose.
 *
 * `code` is stable and safe to branch on, in kebab-case; `message` says what was expected, what came, and what to do;
 * `cause` holds the error underneath, if any. Subclasses set `name` literally, because minifiers rewrite class names.
 */
export class UploadLedgerError extends Error {
  override readonly name: string = 'UploadLedgerError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The message of whatever was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whatever was thrown, in one line with its name: `TimeoutError: no answer within 3 s`. */
export function errorText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Whatever was thrown, as an error. */
export function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
