import type { EventRecord } from '../notification/notification.ts';
import type { KeyTemplate } from '../shared/key-template.ts';
import { type Category, categoryOf } from './category.ts';
import { contentTypeOf } from './content-type.ts';
import { findUploader } from './uploader.ts';

/** What happened to the object. */
export const UPLOAD_STATUSES = ['uploaded', 'deleted', 'restored'] as const;

export type UploadStatus = (typeof UPLOAD_STATUSES)[number];

/** How the uploader was found. */
export const UPLOADER_SOURCES = ['key-template', 'metadata', 'session-name', 'principal'] as const;

export type UploaderSource = (typeof UPLOADER_SOURCES)[number];

/** {@link UPLOADER_SOURCES} for people. */
export const UPLOADER_SOURCE_LABELS: Readonly<Record<UploaderSource, string>> = {
  'key-template': 'named by the key',
  metadata: "named by the object's metadata",
  'session-name': 'session name of the role that signed',
  principal: 'principal that signed',
};

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

export interface UploadSettings {
  /** Says which part of the key names the uploader. Default: none, the uploader is the signer. */
  readonly uploaderKeyTemplate?: KeyTemplate;
}

/**
 * Status by the first word of an event's name. ObjectRemoved does not cover lifecycle expiry, which has names of its
 * own.
 */
const STATUS_BY_GROUP: ReadonlyMap<string, UploadStatus> = new Map([
  ['ObjectCreated', 'uploaded'],
  ['ObjectRemoved', 'deleted'],
  ['LifecycleExpiration', 'deleted'],
]);

/**
 * The upload that `event` tells of, or undefined for an event of a type that the ledger does not store, such as
 * tagging.
 *
 * @param inMetadata The uploader that the object's metadata name, where they were looked up.
 */
export function toUpload(event: EventRecord, settings: UploadSettings, inMetadata?: string): Upload | undefined {
  const status = statusOf(event.eventName);
  if (status === undefined) return undefined;
  const { principalId: _, ...facts } = event;
  const filename = filenameOf(event.key);
  const contentType = contentTypeOf(filename);
  return {
    ...facts,
    filename,
    status,
    ...findUploader(event, settings.uploaderKeyTemplate, inMetadata),
    ...(contentType !== undefined && { contentType }),
    category: categoryOf(contentType),
  };
}

/**
 * A restore is an event when asked for, when done and when it ends; only the one in the middle brings the object back.
 */
function statusOf(eventName: string): UploadStatus | undefined {
  if (eventName === 'ObjectRestore:Completed') return 'restored';
  return STATUS_BY_GROUP.get(eventName.slice(0, eventName.indexOf(':')));
}

/** The last path segment, or the whole key of a folder marker such as `photos/`, whose last segment is empty. */
function filenameOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1) || key;
}
