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

/** AWS's errors about credentials. */
const REFUSED_CREDENTIALS = new Set([
  'CredentialsProviderError',
  'TokenProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'SignatureDoesNotMatch',
  'InvalidSignatureException',
]);

const DENIED = new Set(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation']);

const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'ECONNRESET', 'EHOSTUNREACH']);

/**
 * What went wrong and what to do, for people. One line for errors from outside; the stack trace for a bug of the
 * program.
 */
export function explainError(error: unknown): string {
  if (!(error instanceof Error)) return `unexpected error: ${String(error)}`;
  if (error instanceof UploadLedgerError) return error.message;
  const { name, message } = error;
  const code = String((error as NodeJS.ErrnoException).code);
  if (message === 'Region is missing')
    return 'no AWS Region: name one with --region or AWS_REGION, or choose a --profile that has one; "npm start" starts a ledger on this machine';
  if (REFUSED_CREDENTIALS.has(name)) {
    return `AWS credentials are missing, expired or refused (${firstLine(message)}): sign in again, or choose a --profile; "npm start" starts a ledger on this machine`;
  }
  if (DENIED.has(name)) return `AWS denies this: ${firstLine(message)}`;
  if (name === 'ResourceNotFoundException') {
    return 'the table that the stack names is not there: was it deleted by hand? Deploy the stack again, or name another with --stack';
  }
  if (UNREACHABLE.has(code) || name === 'TimeoutError')
    return `cannot reach the service (${firstLine(message)}): check the network, the Region and --local`;
  return isAws(error) ? `AWS answers ${name}: ${firstLine(message)}` : (error.stack ?? message);
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}

/** The SDK's errors describe their request. */
function isAws(error: Error): boolean {
  return '$metadata' in error;
}
