import { UPLOADER_SOURCE_LABELS } from '../../contract/uploads.ts';
import { CSV_COLUMNS } from '../../ledger/read/csv-columns.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import { csvHeader, csvLine, jsonLine } from '../../shared/data-formats.ts';
import { formatBytes, formatExactBytes } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import { ArgumentError } from '../errors.ts';
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
  /** Attributes to write, in this order. @default all of them as JSON and CSV, the most important ones as a table */
  readonly fields?: readonly Field[];
}

/** Writes one record. */
type WriteRecord = (record: LedgerRecord) => Promise<void>;

/** A guess from the extension, also where an older record does not say so. */
function typeText({ category, content_type }: LedgerRecord): string {
  return content_type === undefined ? category : `${content_type} by its extension (${category})`;
}

/** An attribute that can be asked for. */
type Field = (typeof FIELDS)[number];

const FIELDS = [...CSV_COLUMNS, 'expires_at'] as const;

/** Columns of a table of chosen attributes: those that are not here take {@link DEFAULT_WIDTH}. */
const WIDTHS: Readonly<Partial<Record<Field, number>>> = { timestamp: 24, s3_bucket: 24, event_name: 26, etag: 34 };
const DEFAULT_WIDTH = 16;

/** Reads a list of attributes, `s3_key,filesize`. @throws ArgumentError for a name that no record has. */
export function parseFields(text: string): readonly Field[] {
  return text.split(',').map((name) => {
    const field = FIELDS.find((one) => one === name.trim());
    if (field !== undefined) return field;
    throw new ArgumentError(`names of attributes, separated by commas, out of ${FIELDS.join(', ')}`);
  });
}

/** The last attribute takes what the others leave of the line. */
function fieldColumn(field: Field, at: number, fields: readonly Field[]): Column<LedgerRecord> {
  return {
    title: field.toUpperCase(),
    width: at === fields.length - 1 ? 'rest' : (WIDTHS[field] ?? DEFAULT_WIDTH),
    text: (record) => visibleText(String(record[field] ?? '-')),
  };
}

/**
 * Writes records as they come: JSON and CSV with the attribute names of the table, or a table for people.
 *
 * @param ownBucket The ledger's own bucket, which rows of the table leave out.
 */
export async function createRecordWriter(
  output: Output,
  { json, csv, fields }: FormatOptions,
  ownBucket: string,
): Promise<WriteRecord> {
  if (json && fields !== undefined) {
    return (record) => output.line(jsonLine(Object.fromEntries(fields.map((name) => [name, record[name]]))));
  }
  if (json) return (record) => output.line(jsonLine(record));
  if (csv) {
    const columns = fields ?? CSV_COLUMNS;
    await output.line(csvHeader(columns, output));
    return (record) => output.line(csvLine(columns.map((name) => record[name])));
  }
  if (fields !== undefined) return createTableWriter(output, fields.map(fieldColumn));
  return createTableWriter(output, [timeColumn, sizeColumn, uploaderColumn, keyColumn(ownBucket)]);
}
