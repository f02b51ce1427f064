import type { Clock } from '../../shared/clock.ts';
import { createRateLimiter, limitConcurrency, sleepUnlessAborted } from '../../shared/concurrency.ts';
import { DAY_MS, MINUTE_MS } from '../../shared/time.ts';
import type { RecordSettings } from '../record.ts';

/** An object, or one version of it, as a listing of its bucket or an inventory describes it. */
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
  /** Only in inventories. */
  readonly versionId?: string;
  /** Only in inventories of all versions: not an object, but the mark that one was deleted. */
  readonly isDeleteMarker?: true;
}

/**
 * Whether S3 made the object of parts. Then its `LastModified` is the time when the upload began, which says nothing of
 * when it ended. Source: Amazon S3 API Reference, "Object", and User Guide, "Checking object integrity".
 */
export function isMultipartETag(eTag: string | undefined): boolean {
  return eTag !== undefined && /-\d+$/.test(eTag);
}

/** An ISO time up to its whole second, which is all that S3 tells in a HEAD. */
export function wholeSeconds(time: string): string {
  return time.slice(0, 'yyyy-mm-ddThh:mm:ss'.length);
}

/**
 * How long an upload in parts may take: the stack's bucket ends those that are not complete after seven days, and S3
 * looks once a day.
 */
export const MAX_MULTIPART_MS = 8 * DAY_MS;

/**
 * Whether the object is so young that its notification may still be on its way. Its record would have another key than
 * the one that the notification brings: nobody else must write one until the notification can no longer come.
 *
 * S3 gives an object that was uploaded in parts the time when its upload began. When it ended nobody tells, so that such
 * an object is young for {@link MAX_MULTIPART_MS} longer.
 *
 * @param graceMilliseconds Zero: no notification is on its way.
 */
export function isRecent({ lastModified, eTag }: BucketObject, now: Date, graceMilliseconds: number): boolean {
  if (graceMilliseconds === 0) return false;
  const uploadTime = isMultipartETag(eTag) ? MAX_MULTIPART_MS : 0;
  return Date.parse(lastModified) + uploadTime > now.getTime() - graceMilliseconds;
}

/** Whether the object's record would have expired already. */
export function isExpired(
  { lastModified }: BucketObject,
  now: Date,
  { retentionDays = Number.POSITIVE_INFINITY }: Pick<RecordSettings, 'retentionDays'>,
): boolean {
  return Date.parse(lastModified) + retentionDays * DAY_MS <= now.getTime();
}

/** Objects that are worked on at once: each waits for DynamoDB or S3 once or twice. */
export const MAX_OBJECTS_AT_ONCE = 32;

export interface PaceOptions {
  /** Objects a second. Default: no limit. */
  readonly rate?: number;
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>;
  readonly signal?: AbortSignal;
}

/** How long S3 may take to notify of a delete that came just before the listing. Usually it takes seconds. */
const MAX_WAIT_FOR_DELETES_MS = MINUTE_MS;

/** Waits until S3 has reported the deletes that were made before this call. */
export function waitForDeletes({
  clock,
  signal,
  graceMilliseconds,
}: PaceOptions & { readonly graceMilliseconds: number }): () => Promise<void> {
  const end = clock.monotonic() + Math.min(graceMilliseconds, MAX_WAIT_FOR_DELETES_MS);
  return async () => {
    const delay = end - clock.monotonic();
    if (delay > 0) await sleepUnlessAborted(delay, clock, signal);
  };
}

/** Runs one task an object, at the pace given. An aborted signal ends every wait; the objects left get undefined. */
export function createObjectRunner({ rate, clock, signal }: PaceOptions) {
  const limited = limitConcurrency(MAX_OBJECTS_AT_ONCE);
  const pace = createRateLimiter({ perSecond: rate, clock, signal });
  return <Outcome>(task: () => Promise<Outcome>): Promise<Outcome | undefined> =>
    limited(async () => {
      if (!signal?.aborted) await pace(1);
      return signal?.aborted ? undefined : task();
    });
}
