import fc from 'fast-check';
import type { OtherItem } from '../../src/ledger/item.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';

/** A record of which only `overrides` matter. */
export function ledgerRecord(overrides: Partial<LedgerRecord> = {}): LedgerRecord {
  return {
    s3_object: 'uploads-bucket/photos/cat.jpg',
    upload_id: '0061b3c0de0000000000000000000000',
    filename: 'cat.jpg',
    s3_bucket: 'uploads-bucket',
    s3_key: 'photos/cat.jpg',
    filesize: 1234,
    timestamp: '2026-11-22T10:00:00.000Z',
    status: 'uploaded',
    content_type: 'image/jpeg',
    content_type_source: 'extension',
    category: 'image',
    event_name: 'ObjectCreated:Put',
    source: 'notification',
    day_shard: '2026-11-22#05',
    ...overrides,
  };
}

/** `count` records with different keys. */
export function ledgerRecords(count: number): LedgerRecord[] {
  return Array.from({ length: count }, (_, index) => ledgerRecord({ s3_object: `uploads-bucket/${index}` }));
}

/** Text as hostile as a key can be: any well-formed Unicode, control characters, quotes and backslashes among it. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).map((text) => text.toWellFormed()),
  fc.constantFrom(
    '"',
    '\\',
    '\u0000',
    '\u2028',
    '</script>',
    '__proto__',
    'constructor',
    '\ud83c\udf89',
    '"}]}}',
    '{"S":"x"}',
  ),
);

/** Any record, with and without its optional attributes. */
export const anyRecord: fc.Arbitrary<LedgerRecord> = fc
  .record(
    {
      s3_object: hostile,
      upload_id: hostile,
      s3_key: hostile,
      filename: hostile,
      filesize: fc.maxSafeNat(),
      content_type: hostile,
      uploader: hostile,
      uploader_source: fc.constantFrom('key-template', 'metadata', 'session-name', 'principal'),
      uploader_shard: hostile,
      source_ip: hostile,
      etag: hostile,
      version_id: hostile,
      request_id: hostile,
      region: hostile,
      expires_at: fc.nat(),
    },
    { requiredKeys: ['s3_object', 'upload_id', 's3_key', 'filename'] },
  )
  .map((overrides) => {
    const { filesize: _, ...plain } = ledgerRecord();
    return { ...plain, ...overrides };
  });

/** The records among the items of a call. */
export function recordsAmong(items: readonly (LedgerRecord | OtherItem)[]): LedgerRecord[] {
  return items.filter((item): item is LedgerRecord => !('attributes' in item));
}
