import { LIMITS } from '../contract/limits.ts';
import type { Category, ContentTypeSource, UploaderSource, UploadStatus } from '../contract/uploads.ts';
import { parseKeyTemplate } from '../shared/key-template.ts';
import { DAY_SECONDS } from '../shared/time.ts';
import type { Upload, UploadSettings } from '../upload/upload.ts';
import { dayShard, shardOf, uploaderShard } from './index-shard.ts';
import { checkTextSize, RecordTooLargeError, recordKey } from './record-key.ts';

/** What wrote the record. */
export const RECORD_SOURCES = ['notification', 'backfill', 'reconcile'] as const;

export type RecordSource = (typeof RECORD_SOURCES)[number];

/** S3's patterns for "any event of this kind": nobody knows which event created an object that was only found. */
export const FOUND_EVENTS = { uploaded: 'ObjectCreated:*', deleted: 'ObjectRemoved:*' } as const;

/**
 * The id of a version, or undefined for the null version: the only one that an object has in a bucket without versions.
 */
export function namedVersion(id: string | undefined): string | undefined {
  return id === 'null' || id === '' ? undefined : id;
}

/**
 * One permanent record of one upload, with the attribute names of the table.
 *
 * A pure function of the S3 event: a duplicate, a retry, a redrive or a backfill of the same event gives an equal
 * record, so that writing it again changes nothing. Absent values are absent attributes, never null or empty strings
 * (an empty string is not a valid index key in DynamoDB).
 */
export interface LedgerRecord {
  /** Partition key: `<bucket>/<key>`, the key decoded. */
  readonly s3_object: string;
  /** Sort key: see `recordKey`. */
  readonly upload_id: string;
  readonly filename: string;
  readonly s3_bucket: string;
  readonly s3_key: string;
  /** Bytes. */
  readonly filesize?: number;
  /** Event time, ISO 8601 UTC with milliseconds. */
  readonly timestamp: string;
  readonly status: UploadStatus;
  readonly content_type?: string;
  /** Records of before this attribute have a content type without it. */
  readonly content_type_source?: ContentTypeSource;
  readonly category: Category;
  readonly uploader?: string;
  readonly uploader_source?: UploaderSource;
  readonly source_ip?: string;
  readonly event_name: string;
  readonly etag?: string;
  readonly version_id?: string;
  readonly request_id?: string;
  readonly region?: string;
  readonly source: RecordSource;
  /** `2026-11-22#05`: UTC day of the event and the key's shard. */
  readonly day_shard: string;
  /** `alice#05`: uploader and the key's shard; absent without an uploader. */
  readonly uploader_shard?: string;
  /** Epoch seconds, counted from the event. */
  readonly expires_at?: number;
}

export interface RecordSettings {
  /** Shards of both indexes, 1 or more. */
  readonly indexShards: number;
  /** Days after the event when the record expires, 1 or more. Default: never. */
  readonly retentionDays?: number;
  /** What writes the record. */
  readonly source: RecordSource;
}

/** From an event to its record: the settings of both steps. */
export interface RecordingSettings {
  readonly uploads: UploadSettings;
  readonly records: RecordSettings;
}

/** How the function of a stack writes records, as far as the stack's outputs say it. */
export interface RecordingStack {
  readonly indexShards: number;
  /** Which part of a key names the uploader. Absent: none does. */
  readonly uploaderKeyTemplate?: string;
  /** Days after which a record expires. Absent: never. */
  readonly retentionDays?: number;
}

/**
 * The settings of the stack's function, so that all records are alike, whatever writes them.
 *
 * @throws {KeyTemplateError}
 */
export function recordingSettings(stack: RecordingStack, source: RecordSource): RecordingSettings {
  const { indexShards, uploaderKeyTemplate: template, retentionDays } = stack;
  return {
    uploads: template === undefined ? {} : { uploaderKeyTemplate: parseKeyTemplate(template) },
    records: { indexShards, source, ...(retentionDays !== undefined && { retentionDays }) },
  };
}

/**
 * The permanent record of `upload`. Pure: no clock, no random id, nothing of the SQS message, so that the same event
 * always gives an equal record.
 *
 * @throws {RecordTooLargeError} for a record that DynamoDB would reject.
 */
export function toLedgerRecord(upload: Upload, settings: RecordSettings): LedgerRecord {
  const { size, contentType, sourceIp, eTag, versionId, requestId, region } = upload;
  const record: LedgerRecord = {
    ...recordKey(upload),
    filename: upload.filename,
    s3_bucket: upload.bucket,
    s3_key: upload.key,
    ...(size !== undefined && { filesize: size }),
    timestamp: upload.eventTime,
    status: upload.status,
    ...(contentType !== undefined && { content_type: contentType, content_type_source: 'extension' }),
    category: upload.category,
    ...(sourceIp !== undefined && { source_ip: sourceIp }),
    event_name: upload.eventName,
    ...(eTag !== undefined && { etag: eTag }),
    ...(versionId !== undefined && { version_id: versionId }),
    ...(requestId !== undefined && { request_id: requestId }),
    ...(region !== undefined && { region }),
    source: settings.source,
    ...indexed(upload, settings.indexShards),
    ...(settings.retentionDays !== undefined && { expires_at: expiry(upload.eventTime, settings.retentionDays) }),
  };
  checkRecordSize(record);
  return record;
}

/**
 * The attributes that place the record in the indexes. Without an uploader it is not in the index by uploader at all.
 */
function indexed({ key, eventTime, uploader, uploaderSource }: Upload, shards: number) {
  const shard = shardOf(key, shards);
  const day_shard = dayShard(eventTime, shard);
  if (uploader === undefined) return { day_shard };
  const uploader_shard = uploaderShard(uploader, shard);
  checkTextSize(uploader_shard, LIMITS.dynamodb.partitionKeyBytes, 'uploader_shard');
  return {
    day_shard,
    uploader,
    ...(uploaderSource !== undefined && { uploader_source: uploaderSource }),
    uploader_shard,
  };
}

/** Epoch seconds, as DynamoDB's time to live wants them. */
function expiry(eventTime: string, days: number): number {
  return Math.floor(Date.parse(eventTime) / 1000) + days * DAY_SECONDS;
}

/** Most bytes that UTF-8 takes for one UTF-16 unit. */
const MAX_BYTES_A_UNIT = 3;

/** What DynamoDB charges for a number, at most (AWS: "DynamoDB item sizes and formats"). */
const NUMBER_BYTES = 21;

/**
 * @throws {RecordTooLargeError} when the item that `record` becomes would be larger than DynamoDB takes: names and
 * values in UTF-8, numbers at their greatest size. Keys are checked where they are built.
 */
function checkRecordSize(record: LedgerRecord): void {
  const max = LIMITS.dynamodb.itemBytes;
  // Almost every record is far below the limit, whatever characters it holds: then nothing needs counting.
  // Stryker disable next-line ConditionalExpression,EqualityOperator,ArrowFunction: a shortcut for what fits anyway.
  if (sizeOf(record, (text) => text.length * MAX_BYTES_A_UNIT) <= max) return;
  const bytes = sizeOf(record, Buffer.byteLength);
  if (bytes > max) throw new RecordTooLargeError('a ledger record', max, bytes);
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
