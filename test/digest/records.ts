import type { LedgerRecord } from '../../src/ledger/record.ts';

/** The record of one upload; `s3_object` follows from bucket and key. */
export function record(parts: Partial<LedgerRecord> = {}): LedgerRecord {
  const whole = {
    upload_id: '0067B2F0A41C5D3E7F00000000000000',
    filename: 'cat.jpg',
    s3_bucket: 'acme-uploads',
    s3_key: 'photos/cat.jpg',
    filesize: 1000,
    timestamp: '2026-11-22T10:15:30.123Z',
    status: 'uploaded',
    category: 'image',
    event_name: 'ObjectCreated:Put',
    source: 'notification',
    day_shard: '2026-11-22#05',
    ...parts,
  } as const;
  return { s3_object: `${whole.s3_bucket}/${whole.s3_key}`, ...whole };
}

/** The record of a deleted version: the object itself may still be there. */
export function versionDelete(parts: Partial<LedgerRecord> = {}): LedgerRecord {
  return record({ status: 'deleted', event_name: 'ObjectRemoved:Delete', version_id: 'v1', ...parts });
}

/** Records of so many uploads, each with a key, a size and an uploader of its own making. */
export function records(count: number, parts: (at: number) => Partial<LedgerRecord> = () => ({})): LedgerRecord[] {
  return Array.from({ length: count }, (_, at) => record({ s3_key: `key-${at}`, ...parts(at) }));
}
