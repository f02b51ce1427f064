import { DAY_MS } from '../../shared/time.ts';
import type { RecordSettings } from '../record.ts';

/** An object, or one version of it, as a listing of its bucket or an inventory tells of it. */
export interface BucketObject {
  readonly bucket: string;
  /** As it is, decoded. */
  readonly key: string;
  /** Bytes. */
  readonly size?: number;
  /** Without quotes. */
  readonly eTag?: string;
  /** ISO 8601 UTC with milliseconds. S3 keeps whole seconds; of a multipart upload it is the time of its beginning. */
  readonly lastModified: string;
  /** Only inventories tell it. */
  readonly versionId?: string;
  /** Only in inventories of all versions: not an object, but the mark that one was deleted. */
  readonly isDeleteMarker?: true;
}

/**
 * Whether the object is so young that its notification may still be on its way. Its record would have another key than the one that the
 * notification brings: nobody else must write one until the notification can no longer come.
 */
export function isRecent({ lastModified }: BucketObject, now: Date, graceMilliseconds: number): boolean {
  return Date.parse(lastModified) > now.getTime() - graceMilliseconds;
}

/** Whether the object's record would have expired already. */
export function isExpired(
  { lastModified }: BucketObject,
  now: Date,
  { retentionDays = Number.POSITIVE_INFINITY }: Pick<RecordSettings, 'retentionDays'>,
): boolean {
  return Date.parse(lastModified) + retentionDays * DAY_MS <= now.getTime();
}
