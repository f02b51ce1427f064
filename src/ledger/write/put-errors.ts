import { errorText, UploadLedgerError } from '../../shared/errors.ts';

/**
 * DynamoDB's errors for a call that one invalid item has spoilt. Source: API reference of BatchWriteItem ("the entire
 * batch write operation is rejected").
 */
export const REFUSED_CALL: ReadonlySet<string> = new Set(['ValidationException', 'SerializationException']);

/**
 * DynamoDB's errors for a call of which it could take nothing now. Source: DynamoDB developer guide, "Error handling".
 */
export const THROTTLED_CALL: ReadonlySet<string> = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
]);

/** A record that was not stored and that a later try can store: its message must come back. */
export class RecordNotStoredError extends UploadLedgerError {
  override readonly name = 'RecordNotStoredError';

  /** @param code `call-failed`: the whole call failed. `out-of-time`: the invocation's time was up. */
  constructor(code: 'call-failed' | 'out-of-time', message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** A record that DynamoDB refuses for its content, however often it is sent: its message is quarantined. */
export class RecordRefusedError extends UploadLedgerError {
  override readonly name = 'RecordRefusedError';

  constructor(message: string, options?: ErrorOptions) {
    super('refused-by-dynamodb', message, options);
  }
}

export function callFailed(error: unknown): RecordNotStoredError {
  const why = `the whole call failed with ${errorText(error)}`;
  const message = `Expected DynamoDB to take the record; ${why}. The message will be tried again.`;
  return new RecordNotStoredError('call-failed', message, { cause: error });
}

export function refused(error: Error): RecordRefusedError {
  const message = `Expected DynamoDB to take the record; it answered ${errorText(error)}`;
  return new RecordRefusedError(message, { cause: error });
}

/** @param cause Why it was not stored before: how DynamoDB throttled its last call. */
export function notStoredInTime(cause?: unknown): RecordNotStoredError {
  const why = cause === undefined ? 'its time is up' : `its time is up after ${errorText(cause)}`;
  const message = `Expected the record to be stored within the invocation; ${why}. The message will be tried again.`;
  return new RecordNotStoredError('out-of-time', message, cause === undefined ? undefined : { cause });
}
