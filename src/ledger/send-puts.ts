import type { LedgerRecord } from './ledger-record.ts';
import type { RecordKey } from './record-key.ts';

/**
 * Sends one BatchWriteItem call and resolves with the keys of the records that DynamoDB did not process.
 *
 * @param records 1 to 25, with different keys.
 * @param signal Aborts the call when the invocation runs out of time.
 * @throws whatever the call failed with, after the sender's own retries, under DynamoDB's name for the error.
 */
export type SendPuts = (records: readonly LedgerRecord[], signal: AbortSignal) => Promise<readonly RecordKey[]>;

/**
 * One string a record: equal exactly when DynamoDB would see the same key. The length in front keeps two pairs apart
 * whatever characters they hold.
 */
export function toKeyText({ s3_object, upload_id }: RecordKey): string {
  return `${s3_object.length}:${s3_object}${upload_id}`;
}
