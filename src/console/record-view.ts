import type { LedgerRecord } from '../ledger/record.ts';
import type { RecordView } from './api-types.ts';

/** The record as the page gets it. A key of 1,024 bytes stands in a record four times; it is sent once. */
export function toRecordView(record: LedgerRecord): RecordView {
  const { s3_object: _object, filename: _filename, day_shard: _day, uploader_shard: _uploader, ...view } = record;
  return view;
}
