import type { Category } from './category.ts';

/** What happened to the object. */
export const UPLOAD_STATUSES = ['uploaded', 'deleted', 'restored'] as const;

export type UploadStatus = (typeof UPLOAD_STATUSES)[number];

/** How the uploader was found. */
export const UPLOADER_SOURCES = ['key-template', 'metadata', 'session-name', 'principal'] as const;

export type UploaderSource = (typeof UPLOADER_SOURCES)[number];

/** One upload (or delete, or restore) as people think of it: the input of a ledger record. */
export interface Upload {
  readonly bucket: string;
  readonly key: string;
  /** The key's last path segment, or the whole key when that is empty. */
  readonly filename: string;
  readonly status: UploadStatus;
  readonly eventName: string;
  /** ISO 8601, UTC, with milliseconds. */
  readonly eventTime: string;
  /** Bytes. */
  readonly size?: number;
  readonly eTag?: string;
  readonly versionId?: string;
  readonly sequencer?: string;
  readonly uploader?: string;
  readonly uploaderSource?: UploaderSource;
  readonly sourceIp?: string;
  readonly requestId?: string;
  readonly region?: string;
  /** Media type by the key's extension; absent when the extension says nothing. */
  readonly contentType?: string;
  readonly category: Category;
}
