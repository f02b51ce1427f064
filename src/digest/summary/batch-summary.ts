import type { Category } from '../../contract/uploads.ts';

/** How many uploads, and how many bytes they hold together. */
export interface Totals {
  readonly count: number;
  readonly bytes: number;
}

/** One upload as an email names it. Every text in it is untrusted. */
export interface Mention {
  readonly bucket: string;
  readonly key: string;
  /** Bytes; 0 when the sender did not say, which S3 always does. */
  readonly filesize: number;
  /** Event time, ISO 8601 UTC with milliseconds. */
  readonly timestamp: string;
  readonly uploader?: string;
  /** Tells two uploads of one key apart. */
  readonly uploadId: string;
}

/**
 * What one batch did, small enough to be stored once a batch: only the groups with most uploads have a line of their
 * own, the rest is under {@link OTHER}.
 *
 * Merging adds and never cuts, so it is associative and commutative: a digest is the same in whatever order its batches
 * are read.
 */
export interface BatchSummary {
  /** Creates only. */
  readonly uploads: Totals;
  readonly deletes: number;
  readonly restores: number;
  readonly byCategory: Readonly<Partial<Record<Category, Totals>>>;
  readonly byBucket: ReadonlyMap<string, Totals>;
  readonly byUploader: ReadonlyMap<string, Totals>;
  /** Largest first, at most {@link MAX_MENTIONS}. */
  readonly largest: readonly Mention[];
  /** Newest first, at most {@link MAX_MENTIONS}. */
  readonly latest: readonly Mention[];
  /** Messages about uploads reported back as failed. A message that fails three times counts three times. */
  readonly failed: number;
  readonly quarantined: number;
  /** Milliseconds from an event to its record; 0 with no records. */
  readonly maxDelay: number;
  /** Alert emails held back by the limit on alerts a minute. */
  readonly alertsHeldBack: number;
}

/** Group of all that have no line of their own. Cannot be a bucket's name; as an uploader's name it is escaped. */
export const OTHER = '(other)';

/** Group of uploads whose uploader is not known. */
export const UNKNOWN = '(unknown)';

/** Groups with a line of their own in the summary of one batch, by bucket and by uploader each. */
export const MAX_GROUPS = 20;

/** Mentions in each list of a summary. */
export const MAX_MENTIONS = 5;
