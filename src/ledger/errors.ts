import { LIMITS } from '../contract/limits.ts';
import { UploadLedgerError } from '../shared/errors.ts';
import type { LedgerRecord } from './record.ts';

/**
 * A record that breaks a size limit of DynamoDB, which no retry cures: one such item would reject the whole
 * BatchWriteItem call that it is part of. `code` is the reason under which the message is quarantined.
 */
export class RecordTooLargeError extends UploadLedgerError {
  override readonly name = 'RecordTooLargeError';

  constructor(what: string, most: number, bytes: number) {
    super('record-too-large', `expected ${what} of at most ${most} bytes, got ${bytes}`);
  }
}

/** Most bytes that UTF-8 takes for one UTF-16 unit. */
const MOST_BYTES_A_UNIT = 3;

/** What DynamoDB charges for a number, at most (AWS: "DynamoDB item sizes and formats"). */
const NUMBER_BYTES = 21;

/** @throws {RecordTooLargeError} when `text` is longer than `most` bytes of UTF-8. `what` names it. */
export function checkTextSize(text: string, most: number, what: string): void {
  // Stryker disable next-line ConditionalExpression,EqualityOperator: a short cut; what it takes is counted to fit.
  if (text.length * MOST_BYTES_A_UNIT <= most) return;
  const bytes = Buffer.byteLength(text);
  if (bytes > most) throw new RecordTooLargeError(what, most, bytes);
}

/**
 * @throws {RecordTooLargeError} when the item that `record` becomes would be larger than DynamoDB takes: names and
 * values in UTF-8, numbers at their greatest size. Keys are checked where they are built.
 */
export function checkRecordSize(record: LedgerRecord): void {
  const most = LIMITS.dynamodb.itemBytes;
  // Almost every record is far below the limit, whatever characters it holds: then nothing needs counting.
  // Stryker disable next-line ConditionalExpression,EqualityOperator,ArrowFunction: a short cut; what it takes is counted to fit.
  if (sizeOf(record, (text) => text.length * MOST_BYTES_A_UNIT) <= most) return;
  const bytes = sizeOf(record, Buffer.byteLength);
  if (bytes > most) throw new RecordTooLargeError('a ledger record', most, bytes);
}

function sizeOf(record: LedgerRecord, textSize: (text: string) => number): number {
  let bytes = 0;
  let name: keyof LedgerRecord;
  for (name in record) {
    const value = record[name];
    bytes += name.length + (typeof value === 'string' ? textSize(value) : NUMBER_BYTES);
  }
  return bytes;
}

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
