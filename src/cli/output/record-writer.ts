import type { LedgerRecord } from '../../ledger/record.ts';
import { csvLine } from './csv-line.ts';
import { jsonLine } from './json-line.ts';
import type { Output } from './output.ts';
import { keyColumn, sizeColumn, timeColumn, uploaderColumn } from './record-columns.ts';
import { openTable } from './table.ts';

/** In which form a command answers. */
export interface FormatOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** Writes one record. */
export type WriteRecord = (record: LedgerRecord) => Promise<void>;

/** Columns of the CSV form, by the names of the table's attributes. */
const CSV_COLUMNS = [
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
  'category',
  'event_name',
  'etag',
  'version_id',
  'request_id',
  'region',
  'source',
  'upload_id',
] as const satisfies readonly (keyof LedgerRecord)[];

/**
 * Writes records as they come: as JSON, one object a line with the attribute names of the table; as CSV, whose first line has the same
 * names; or as a table for people.
 *
 * @param ownBucket The ledger's own bucket, which the table does not repeat in each row.
 */
export async function openRecordWriter(
  output: Output,
  { json, csv }: FormatOptions,
  ownBucket: string,
): Promise<WriteRecord> {
  if (json) return (record) => output.line(jsonLine(record));
  if (csv) {
    await output.line(csvLine(CSV_COLUMNS));
    return (record) => output.line(csvLine(CSV_COLUMNS.map((name) => record[name])));
  }
  const table = openTable(output, [timeColumn, sizeColumn, uploaderColumn, keyColumn(ownBucket)]);
  return (record) => table.row(record);
}
