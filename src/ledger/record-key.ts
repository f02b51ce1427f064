import { LIMITS } from '../contract/limits.ts';
import { UploadLedgerError } from '../shared/errors.ts';
import type { Upload } from '../upload/upload.ts';

/** Width to which sequencers are padded. Those that AWS shows have 16 or 18 digits. */
const SEQUENCER_WIDTH = 32;

/** The table's primary key. */
export interface RecordKey {
  readonly s3_object: string;
  readonly upload_id: string;
}

/**
 * The key of the record of `upload`: a pure function of the S3 event, so that a duplicate, a retry or a redrive of the
 * event is stored as its own record, and everything that ever happened to one object has one `s3_object`.
 *
 * `s3_object` is `<bucket>/<key>`. No bucket's name holds a slash, so no two objects share one.
 *
 * `upload_id` tells the events of one object apart. It has one of three forms:
 * 1. Of a create or delete by request: S3's sequencer, right-padded with zeros. AWS orders two sequencers of different
 *    lengths by padding the shorter one; with the padding stored, DynamoDB's order of the sort key is the order of the
 *    events.
 * 2. Of a lifecycle expiration or a restore: `.<time>/<sequencer>/<event name>`. S3 gives these events the sequencer of
 *    the object's creation, which may be years old: alone, it would make the record replace that of the upload.
 * 3. Without a sequencer: `.<time>/<status>/<version id>/<eTag>`. Objects that were found by listing a bucket have none,
 *    and some emulators write none that can be used. The version id alone is not enough: a version can be created,
 *    restored (more than once) and deleted, each of which is a record of its own.
 *
 * The dot is no hexadecimal digit and sorts before all of them. So ids with a dot collide with no sequencer and come
 * first, in the order of their time; `historyOf` merges both. No status looks like a sequencer.
 *
 * @throws {RecordTooLargeError} for a key that DynamoDB would reject.
 */
export function recordKey(upload: Upload): RecordKey {
  const s3_object = `${upload.bucket}/${upload.key}`;
  const upload_id = uploadId(upload);
  checkTextSize(s3_object, LIMITS.dynamodb.partitionKeyBytes, 's3_object');
  checkTextSize(upload_id, LIMITS.dynamodb.sortKeyBytes, 'upload_id');
  return { s3_object, upload_id };
}

function uploadId(upload: Upload): string {
  const { sequencer, eventName, eventTime } = upload;
  if (sequencer === undefined) return fallbackId(upload);
  const padded = paddedSequencer(sequencer);
  return isByRequest(eventName) ? padded : `.${eventTime}/${padded}/${eventName}`;
}

/** Whether a request made the event, so that its sequencer is its own. Other events have that of the creation. */
export function isByRequest(eventName: string): boolean {
  return eventName.startsWith('ObjectCreated:') || eventName.startsWith('ObjectRemoved:');
}

/**
 * One string a key: equal exactly when DynamoDB would see the same key. The length in front keeps two pairs apart
 * whatever characters they hold.
 */
export function toKeyText({ s3_object, upload_id }: RecordKey): string {
  return `${s3_object.length}:${s3_object}${upload_id}`;
}

/** Zeros at the end mean nothing, because padding adds them: two sequencers that AWS calls equal get equal ids. */
function paddedSequencer(sequencer: string): string {
  let length = sequencer.length;
  while (sequencer[length - 1] === '0') length--;
  return sequencer.slice(0, length).padEnd(SEQUENCER_WIDTH, '0');
}

/**
 * Time and status have fixed forms, the version id is escaped and the eTag comes last: two different events never
 * get the same id.
 */
function fallbackId({ eventTime, status, versionId, eTag }: Upload): string {
  // S3 calls the version of an object in an unversioned bucket "null".
  const version = versionId === undefined || versionId === 'null' ? '' : encodeURIComponent(versionId);
  return `.${eventTime}/${status}/${version}/${eTag ?? ''}`;
}

/**
 * A record that breaks a size limit of DynamoDB, which no retry cures: one such item would reject the whole
 * BatchWriteItem call that it is part of. `code` is the reason under which the message is quarantined.
 */
export class RecordTooLargeError extends UploadLedgerError {
  override readonly name = 'RecordTooLargeError';

  constructor(what: string, max: number, bytes: number) {
    super('record-too-large', `expected ${what} of at most ${max} bytes, got ${bytes}`);
  }
}

/** @throws {RecordTooLargeError} when `text` is longer than `max` bytes of UTF-8. `what` names it. */
export function checkTextSize(text: string, max: number, what: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > max) throw new RecordTooLargeError(what, max, bytes);
}
