import type { Category, UploaderSource, UploadStatus } from '../contract/uploads.ts';
import type { EventRecord } from '../notification/event-record.ts';
import type { KeyTemplate } from '../shared/key-template.ts';
import { categoryOf, contentTypeOf } from './content-type.ts';
import { findUploader } from './uploader.ts';

/** One upload (or delete, or restore) as people think of it: the input of a ledger record. */
export interface Upload extends EventRecord {
  /** The key's last path segment, or the whole key when that is empty. */
  readonly filename: string;
  readonly status: UploadStatus;
  readonly uploader?: string;
  readonly uploaderSource?: UploaderSource;
  /** Media type by the key's extension; absent when the extension says nothing. */
  readonly contentType?: string;
  readonly category: Category;
}

export interface UploadSettings {
  /** Says which part of the key names the uploader. Default: none, the uploader is the signer. */
  readonly uploaderKeyTemplate?: KeyTemplate;
}

/** Status by the first word of an event's name. Lifecycle expiry is no ObjectRemoved: it has names of its own. */
const STATUS_BY_GROUP: ReadonlyMap<string, UploadStatus> = new Map([
  ['ObjectCreated', 'uploaded'],
  ['ObjectRemoved', 'deleted'],
  ['LifecycleExpiration', 'deleted'],
]);

/**
 * The upload that `event` reports, or undefined for an event of a type that the ledger does not store, such as tagging.
 *
 * @param inMetadata The uploader that the object's metadata names, where it was looked up.
 */
export function toUpload(event: EventRecord, settings: UploadSettings, inMetadata?: string): Upload | undefined {
  const status = statusOf(event.eventName);
  if (status === undefined) return undefined;
  // The last path segment, which is empty for a folder marker such as `photos/`.
  const filename = event.key.slice(event.key.lastIndexOf('/') + 1) || event.key;
  const contentType = contentTypeOf(filename);
  return {
    ...event,
    filename,
    status,
    ...findUploader(event, settings.uploaderKeyTemplate, inMetadata),
    ...(contentType !== undefined && { contentType }),
    category: categoryOf(contentType),
  };
}

/**
 * Events that are named like creations and deletions and are neither: MinIO's changes of tags, retention and legal hold
 * (`ObjectCreated:PutTagging`), and its delete of what is not there (`ObjectRemoved:NoOP`). AWS's own creations are
 * Put, Post, Copy and CompleteMultipartUpload; whatever else a sender creates by is an upload.
 */
const CHANGES_NO_CONTENT = /^ObjectCreated:(?:Put|Delete)(?:Tagging|Retention|LegalHold|Acl)$|^ObjectRemoved:NoOP$/i;

/** A restore is an event when asked for, when done and when it ends; only `Completed` brings the object back. */
export function statusOf(eventName: string): UploadStatus | undefined {
  if (eventName === 'ObjectRestore:Completed') return 'restored';
  if (CHANGES_NO_CONTENT.test(eventName)) return undefined;
  return STATUS_BY_GROUP.get(eventName.slice(0, eventName.indexOf(':')));
}
