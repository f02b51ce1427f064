import type { Clock } from '../../shared/clock.ts';
import { createRateLimiter, limitConcurrency } from '../../shared/concurrency.ts';
import { DAY_MS } from '../../shared/time.ts';
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
 * Whether the object is so young that its notification may still be on its way. Its record would have another key than
 * the one that the notification brings: nobody else must write one until the notification can no longer come.
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

/** Objects that are worked on at once: each waits for DynamoDB or S3 once or twice. */
export const MAX_OBJECTS_AT_ONCE = 32;

export interface PaceOptions {
  /** Objects a second. Default: no limit. */
  readonly rate?: number;
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>;
  readonly signal?: AbortSignal;
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
