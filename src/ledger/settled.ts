import type { BucketObject } from './bucket-object.ts';
import type { RecordSettings } from './to-ledger-record.ts';

const MILLISECONDS_A_DAY = 24 * 60 * 60 * 1000;

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
  return Date.parse(lastModified) + retentionDays * MILLISECONDS_A_DAY <= now.getTime();
}
