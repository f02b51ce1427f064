import type { Category } from '../upload/category.ts';
import type { UploaderSource, UploadStatus } from '../upload/upload.ts';

/** What wrote the record. */
export const RECORD_SOURCES = ['notification', 'backfill', 'reconcile'] as const;

export type RecordSource = (typeof RECORD_SOURCES)[number];

/**
 * One permanent record of one upload, with the attribute names of the table.
 *
 * A pure function of the S3 event: a duplicate, a retry, a redrive or a backfill of the same event gives an equal record,
 * so that writing it again changes nothing. Absent values are absent attributes, never null or empty strings (an empty
 * string is not a valid index key in DynamoDB).
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
