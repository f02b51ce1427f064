import type { LedgerRecord } from '../../ledger/record.ts';
import { shortenMiddle } from '../../shared/text.ts';
import type { Category } from '../../upload/category.ts';
import {
  type BatchSummary,
  MENTIONS,
  type Mention,
  NOBODY,
  OTHER,
  SUMMARY_GROUPS,
  type Totals,
} from './batch-summary.ts';

/** What a batch's records do not say about it. */
export interface BatchFacts {
  /** Messages about uploads that are reported back as failed. */
  readonly failed: number;
  readonly quarantined: number;
  readonly alertsHeldBack: number;
  /** When the records were stored, in epoch milliseconds. */
  readonly now: number;
}

/**
 * What one batch did. Its size is bounded, whatever the batch: stored, it takes less than {@link SUMMARY_ITEM_BYTES}.
 *
 * @param records What the batch has stored, each record once.
 */
export function summarise(records: readonly LedgerRecord[], facts: BatchFacts): BatchSummary {
  const uploads = records.filter(({ status }) => status === 'uploaded');
  const mentions = uploads.map(toMention);
  return {
    uploads: { count: uploads.length, bytes: mentions.reduce((bytes, { filesize }) => bytes + filesize, 0) },
    deletes: records.filter(({ status }) => status === 'deleted').length,
    restores: records.filter(({ status }) => status === 'restored').length,
    ...groupsOf(uploads),
    largest: boundMentions(mentions, largestFirst),
    latest: boundMentions(mentions, latestFirst),
    failed: facts.failed,
    quarantined: facts.quarantined,
    greatestDelay: greatestDelay(records, facts.now),
    alertsHeldBack: facts.alertsHeldBack,
  };
}

function groupsOf(uploads: readonly LedgerRecord[]) {
  const categories = new Map<Category, Totals>();
  const buckets = new Map<string, Totals>();
  const uploaders = new Map<string, Totals>();
  for (const { category, s3_bucket, uploader, filesize = 0 } of uploads) {
    const one = { count: 1, bytes: filesize };
    addToGroup(categories, category, one);
    addToGroup(buckets, s3_bucket, one);
    addToGroup(uploaders, uploaderGroup(uploader), one);
  }
  return {
    byCategory: Object.fromEntries(categories),
    byBucket: boundGroups(buckets),
    byUploader: boundGroups(uploaders),
  };
}

/** Sorted again after shortening: two long names may have become one, and merging relies on the order. */
function boundMentions(mentions: readonly Mention[], order: MentionOrder): readonly Mention[] {
  return topMentions(topMentions(mentions, [], order).map(shortenMention), [], order);
}

/** An event from the future, by a sender's wrong clock, has no delay. */
function greatestDelay(records: readonly LedgerRecord[], now: number): number {
  return records.reduce((greatest, { timestamp }) => Math.max(greatest, now - Date.parse(timestamp)), 0);
}

/** Bytes inside a JSON string that a group's name may take. */
const NAME_BYTES = 128;

/**
 * The group of an uploader. One whose own name is that of a group of ours, with any number of backslashes in front,
 * gets one more, so that no two uploaders share a group and none passes for "nobody".
 */
export function uploaderGroup(uploader: string | undefined): string {
  if (uploader === undefined) return NOBODY;
  const name = uploader.replace(/^\\+/, '');
  return name === OTHER || name === NOBODY ? `\\${uploader}` : uploader;
}

/**
 * The {@link SUMMARY_GROUPS} groups with most uploads under their names (shortened when long), all others under
 * {@link OTHER}. Nothing is lost in the sum.
 */
export function boundGroups(groups: ReadonlyMap<string, Totals>): ReadonlyMap<string, Totals> {
  const bounded = new Map<string, Totals>();
  [...groups].sort(mostUploadsFirst).forEach(([name, totals], rank) => {
    addToGroup(bounded, rank < SUMMARY_GROUPS ? shortenMiddle(name, NAME_BYTES) : OTHER, totals);
  });
  return bounded;
}

/** Ties by bytes, then by name, so that the same batch always gives the same summary. */
function mostUploadsFirst([aName, a]: [string, Totals], [bName, b]: [string, Totals]): number {
  // Stryker disable next-line EqualityOperator: no two groups have the same name.
  return b.count - a.count || b.bytes - a.bytes || (aName < bName ? -1 : 1);
}

/** Bytes inside a JSON string that each text of a stored mention may take. */
const MOST_BYTES = { bucket: 64, key: 384, uploader: 128, uploadId: 96 } as const;

/**
 * The upload as an email names it, whole. A record without a size, which only senders other than S3 cause, counts as 0
 * bytes.
 */
export function toMention(record: LedgerRecord): Mention {
  return {
    bucket: record.s3_bucket,
    key: record.s3_key,
    filesize: record.filesize ?? 0,
    timestamp: record.timestamp,
    ...(record.uploader !== undefined && { uploader: record.uploader }),
    uploadId: record.upload_id,
  };
}

/** The mention with every text bounded, as it is stored: keys have up to 1,024 bytes. */
export function shortenMention(mention: Mention): Mention {
  return {
    ...mention,
    bucket: shortenMiddle(mention.bucket, MOST_BYTES.bucket),
    key: shortenMiddle(mention.key, MOST_BYTES.key),
    ...(mention.uploader !== undefined && { uploader: shortenMiddle(mention.uploader, MOST_BYTES.uploader) }),
    uploadId: shortenMiddle(mention.uploadId, MOST_BYTES.uploadId),
  };
}

/** Negative when `a` comes first, positive when `b` does, 0 only when they are equal in every field. */
export type MentionOrder = (a: Mention, b: Mention) => number;

export const largestFirst: MentionOrder = (a, b) =>
  b.filesize - a.filesize || descending(a.timestamp, b.timestamp) || byName(a, b);

export const latestFirst: MentionOrder = (a, b) =>
  descending(a.timestamp, b.timestamp) || b.filesize - a.filesize || byName(a, b);

/**
 * The first {@link MENTIONS} of both lists, each mention once.
 *
 * The order is total, so the choice depends on neither the order nor the grouping in which lists come together. Equal
 * mentions are one event that two batches have recorded.
 */
export function topMentions(a: readonly Mention[], b: readonly Mention[], order: MentionOrder): readonly Mention[] {
  const sorted = [...a, ...b].sort(order);
  return sorted.filter((mention, at) => at === 0 || order(sorted[at - 1] as Mention, mention) !== 0).slice(0, MENTIONS);
}

function byName(a: Mention, b: Mention): number {
  return (
    ascending(a.bucket, b.bucket) ||
    ascending(a.key, b.key) ||
    ascending(a.uploadId, b.uploadId) ||
    ascending(a.uploader ?? '', b.uploader ?? '')
  );
}

/** By UTF-16 units: the same everywhere, whatever the locale. */
function ascending(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function descending(a: string, b: string): number {
  return ascending(b, a);
}

export const NOTHING: Totals = { count: 0, bytes: 0 };

/** Exact up to 2^53 bytes, which is 9 petabytes. */
export function addTotals(a: Totals, b: Totals): Totals {
  return { count: a.count + b.count, bytes: a.bytes + b.bytes };
}

/** Adds to the group's line, which it opens when there is none. */
export function addToGroup<Name>(groups: Map<Name, Totals>, name: Name, totals: Totals): void {
  groups.set(name, addTotals(groups.get(name) ?? NOTHING, totals));
}
