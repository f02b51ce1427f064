import type { Category } from '../../contract/uploads.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import { shortenToBytes } from '../../shared/text.ts';
import {
  type BatchSummary,
  MAX_GROUPS,
  MAX_MENTIONS,
  type Mention,
  OTHER,
  type Totals,
  UNKNOWN,
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
 * What one batch did. However large the batch, its stored summary takes less than 16 kB.
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
    ...groupUploads(uploads),
    largest: limitMentions(mentions, largestFirst),
    latest: limitMentions(mentions, latestFirst),
    failed: facts.failed,
    quarantined: facts.quarantined,
    // An event from the future, by a sender's wrong clock, has no delay.
    maxDelay: records.reduce((max, { timestamp }) => Math.max(max, facts.now - Date.parse(timestamp)), 0),
    alertsHeldBack: facts.alertsHeldBack,
  };
}

function groupUploads(uploads: readonly LedgerRecord[]) {
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
    byBucket: limitGroups(buckets),
    byUploader: limitGroups(uploaders),
  };
}

/**
 * The group of an uploader. A name that is one of our own groups', with any number of backslashes before it, gets one
 * backslash more: no two uploaders share a group, and nobody can pass for an unknown uploader.
 */
function uploaderGroup(uploader: string | undefined): string {
  if (uploader === undefined) return UNKNOWN;
  const name = uploader.replace(/^\\+/, '');
  return name === OTHER || name === UNKNOWN ? `\\${uploader}` : uploader;
}

/** Bytes inside a JSON string that a group's name may take. */
const MAX_NAME_BYTES = 128;

/** The groups with most uploads under their names, shortened when long; all others under {@link OTHER}. */
function limitGroups(groups: ReadonlyMap<string, Totals>): ReadonlyMap<string, Totals> {
  const limited = new Map<string, Totals>();
  [...groups].sort(byUploadsThenName).forEach(([name, totals], rank) => {
    addToGroup(limited, rank < MAX_GROUPS ? shortenToBytes(name, MAX_NAME_BYTES) : OTHER, totals);
  });
  return limited;
}

/** Adds to the group's line; starts the line when there is none. */
export function addToGroup<Name>(groups: Map<Name, Totals>, name: Name, totals: Totals): void {
  groups.set(name, addTotals(groups.get(name) ?? NOTHING, totals));
}

const NOTHING: Totals = { count: 0, bytes: 0 };

/** Exact up to 2^53 bytes, which is 9 petabytes. */
function addTotals(a: Totals, b: Totals): Totals {
  return { count: a.count + b.count, bytes: a.bytes + b.bytes };
}

type Group = readonly [name: string, totals: Totals];

/** Orders groups by uploads, then by bytes, then by name, so that equal batches give equal summaries and emails. */
export function byUploadsThenName([aName, a]: Group, [bName, b]: Group): number {
  return b.count - a.count || b.bytes - a.bytes || ascending(aName, bName);
}

/** The upload as an email names it, whole. A record without a size (none of S3's) counts as 0 bytes. */
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

/** Sorted again after shortening: two long names may have become equal, and merging relies on the order. */
function limitMentions(mentions: readonly Mention[], order: MentionOrder): readonly Mention[] {
  return topMentions(topMentions(mentions, [], order).map(shortenMention), [], order);
}

/** Bytes inside a JSON string that each text of a stored mention may take. Keys have up to 1,024. */
const MAX_BYTES = { bucket: 64, key: 384, uploader: 128, uploadId: 96 } as const;

function shortenMention(mention: Mention): Mention {
  return {
    ...mention,
    bucket: shortenToBytes(mention.bucket, MAX_BYTES.bucket),
    key: shortenToBytes(mention.key, MAX_BYTES.key),
    ...(mention.uploader !== undefined && { uploader: shortenToBytes(mention.uploader, MAX_BYTES.uploader) }),
    uploadId: shortenToBytes(mention.uploadId, MAX_BYTES.uploadId),
  };
}

/** Negative when `a` comes first, positive when `b` does, 0 only when they are equal in every field. */
export type MentionOrder = (a: Mention, b: Mention) => number;

export const largestFirst: MentionOrder = (a, b) =>
  b.filesize - a.filesize || ascending(b.timestamp, a.timestamp) || byName(a, b);

export const latestFirst: MentionOrder = (a, b) =>
  ascending(b.timestamp, a.timestamp) || b.filesize - a.filesize || byName(a, b);

/**
 * The first {@link MAX_MENTIONS} of both lists, each mention once.
 *
 * The order is total, so the choice does not depend on the order or the grouping in which lists are merged. Equal
 * mentions are one event that two batches have recorded.
 */
export function topMentions(a: readonly Mention[], b: readonly Mention[], order: MentionOrder): readonly Mention[] {
  const sorted = [...a, ...b].sort(order);
  return sorted
    .filter((mention, at) => at === 0 || order(sorted[at - 1] as Mention, mention) !== 0)
    .slice(0, MAX_MENTIONS);
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
export function ascending(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Adds summaries up in place: thousands of them make one digest. */
export class SummaryFold {
  #uploads = NOTHING;
  #deletes = 0;
  #restores = 0;
  readonly #byCategory = new Map<Category, Totals>();
  readonly #byBucket = new Map<string, Totals>();
  readonly #byUploader = new Map<string, Totals>();
  #largest: readonly Mention[] = [];
  #latest: readonly Mention[] = [];
  #failed = 0;
  #quarantined = 0;
  #maxDelay = 0;
  #alertsHeldBack = 0;

  add(summary: BatchSummary): void {
    this.#uploads = addTotals(this.#uploads, summary.uploads);
    this.#deletes += summary.deletes;
    this.#restores += summary.restores;
    for (const [category, totals] of Object.entries(summary.byCategory)) {
      addToGroup(this.#byCategory, category as Category, totals);
    }
    for (const [bucket, totals] of summary.byBucket) addToGroup(this.#byBucket, bucket, totals);
    for (const [uploader, totals] of summary.byUploader) addToGroup(this.#byUploader, uploader, totals);
    this.#largest = topMentions(this.#largest, summary.largest, largestFirst);
    this.#latest = topMentions(this.#latest, summary.latest, latestFirst);
    this.#failed += summary.failed;
    this.#quarantined += summary.quarantined;
    this.#maxDelay = Math.max(this.#maxDelay, summary.maxDelay);
    this.#alertsHeldBack += summary.alertsHeldBack;
  }

  toSummary(): BatchSummary {
    return {
      uploads: this.#uploads,
      deletes: this.#deletes,
      restores: this.#restores,
      byCategory: Object.fromEntries(this.#byCategory),
      byBucket: new Map(this.#byBucket),
      byUploader: new Map(this.#byUploader),
      largest: this.#largest,
      latest: this.#latest,
      failed: this.#failed,
      quarantined: this.#quarantined,
      maxDelay: this.#maxDelay,
      alertsHeldBack: this.#alertsHeldBack,
    };
  }
}

/** Whether nothing happened that a digest could report. */
export function isEmptySummary(summary: BatchSummary): boolean {
  const { uploads, deletes, restores, failed, quarantined, alertsHeldBack } = summary;
  return uploads.count + deletes + restores + failed + quarantined + alertsHeldBack === 0;
}
