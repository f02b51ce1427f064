import type { LedgerRecord } from '../../src/ledger/record.ts';
import { ledgerRecord } from '../ledger/records.ts';

/** The record of an upload of `key` at `time` (epoch milliseconds). */
export function uploadAt(time: number, key: string, overrides: Partial<LedgerRecord> = {}): LedgerRecord {
  const timestamp = new Date(time).toISOString();
  const s3_bucket = 'uploads-bucket';
  return ledgerRecord({
    s3_object: `${s3_bucket}/${key}`,
    s3_bucket,
    s3_key: key,
    upload_id: `${time}`,
    timestamp,
    ...overrides,
  });
}
