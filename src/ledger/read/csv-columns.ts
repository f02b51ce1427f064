import type { LedgerRecord } from '../record.ts';

/** Columns of records as CSV, by the names of the table's attributes. */
export const CSV_COLUMNS = [
  'timestamp',
  'status',
  's3_bucket',
  's3_key',
  'filename',
  'filesize',
  'uploader',
  'uploader_source',
  'source_ip',
  'content_type',
  'content_type_source',
  'category',
  'event_name',
  'etag',
  'version_id',
  'request_id',
  'region',
  'source',
  'upload_id',
] as const satisfies readonly (keyof LedgerRecord)[];
