import { UPLOADER_SOURCE_LABELS } from '../../contract/uploads.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import { formatBytes, formatExactBytes } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import { csvHeader, csvLine, jsonLine } from './data-formats.ts';
import type { Output } from './output.ts';
import { type Column, createTableWriter } from './table.ts';

/** `2026-11-22 10:00:00`, in UTC. */
export const timeColumn: Column<LedgerRecord> = {
  title: 'TIME (UTC)',
  width: 19,
  text: (record) => timeText(record.timestamp),
  style: () => 'dim',
};

/** What happened: the size of an upload, the status of everything else. */
export const sizeColumn: Column<LedgerRecord> = {
  title: 'SIZE',
  width: 9,
  align: 'right',
  text: ({ status, filesize }) => (status === 'uploaded' && filesize !== undefined ? formatBytes(filesize) : status),
  style: ({ status }) => (status === 'deleted' ? 'red' : undefined),
};

export const uploaderColumn: Column<LedgerRecord> = {
  title: 'UPLOADER',
  width: 16,
  text: ({ uploader }) => (uploader === undefined ? '-' : visibleText(uploader)),
  style: ({ uploader }) => (uploader === undefined ? 'dim' : 'cyan'),
};

/** The key, with `s3://bucket/` in front where the bucket is not the ledger's own. */
function keyColumn(ownBucket: string): Column<LedgerRecord> {
  return {
    title: 'KEY',
    width: 'rest',
    keep: 'end',
    text: ({ s3_bucket, s3_key }) => visibleText(s3_bucket === ownBucket ? s3_key : `s3://${s3_bucket}/${s3_key}`),
  };
}

/** An ISO time for people, to the second. */
export function timeText(timestamp: string): string {
  return timestamp.slice(0, 19).replace('T', ' ');
}

/** What is known of one record, as names and printable values. */
export function recordDetails(record: LedgerRecord): [name: string, value: string][] {
  const { filesize, expires_at } = record;
  const details: [string, string | undefined][] = [
    ['status', record.status],
    ['when', `${timeText(record.timestamp)} UTC`],
    ['size', filesize === undefined ? undefined : formatExactBytes(filesize)],
    ['uploader', uploaderText(record)],
    ['from', record.source_ip],
    ['type', typeText(record)],
    ['event', record.event_name],
    ['etag', record.etag],
    ['version', record.version_id],
    ['request', record.request_id],
    ['region', record.region],
    ['recorded by', record.source],
    ['expires', expires_at === undefined ? undefined : `${timeText(new Date(expires_at * 1000).toISOString())} UTC`],
  ];
  return details.flatMap(([name, value]) => (value === undefined ? [] : [[name, visibleText(value)]]));
}

function uploaderText({ uploader, uploader_source }: LedgerRecord): string {
  if (uploader === undefined) return 'not known';
  return uploader_source === undefined ? uploader : `${uploader} (${UPLOADER_SOURCE_LABELS[uploader_source]})`;
}

/** The form of a command's output. Default: a table. */
export interface FormatOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** Writes one record. */
type WriteRecord = (record: LedgerRecord) => Promise<void>;

/** A guess from the extension, also where an older record does not say so. */
function typeText({ category, content_type }: LedgerRecord): string {
  return content_type === undefined ? category : `${content_type} by its extension (${category})`;
}

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

/**
 * Writes records as they come: JSON and CSV with the attribute names of the table, or a table for people.
 *
 * @param ownBucket The ledger's own bucket, which rows of the table leave out.
 */
export async function createRecordWriter(
  output: Output,
  { json, csv }: FormatOptions,
  ownBucket: string,
): Promise<WriteRecord> {
  if (json) return (record) => output.line(jsonLine(record));
  if (csv) {
    await output.line(csvHeader(CSV_COLUMNS, output));
    return (record) => output.line(csvLine(CSV_COLUMNS.map((name) => record[name])));
  }
  return createTableWriter(output, [timeColumn, sizeColumn, uploaderColumn, keyColumn(ownBucket)]);
}
