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
  /** Of objects, and delete markers. A stored summary of version 1 counts the deleted versions here as well. */
  readonly deletes: number;
  /** Of single versions and delete markers, old ones or current ones: what is left of the object may still be there. */
  readonly versionsDeleted: number;
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
  /** Alerts that were not sent, by the name of their rule: held back by the limit a minute, or given up after an hour. */
  readonly heldBack: ReadonlyMap<string, HeldBack>;
}

/** Alert emails of one rule that were held back. */
export interface HeldBack {
  readonly count: number;
  /** Key of an upload that one of them was about; untrusted. Absent in stored summaries of version 1. */
  readonly example?: string;
}

/** Group of all that have no line of their own. Cannot be a bucket's name; as an uploader's name it is escaped. */
export const OTHER = '(other)';

/** Group of uploads whose uploader is not known; of held-back alerts whose rule is not known. */
export const UNKNOWN = '(unknown)';

/** Groups with a line of their own in the summary of one batch, by bucket and by uploader each. */
export const MAX_GROUPS = 20;

/** Mentions in each list of a summary. */
export const MAX_MENTIONS = 5;

/** Adds summaries up in place: thousands of them make one digest. */
export class SummaryFold {
  #uploads = NOTHING;
  #deletes = 0;
  #versionsDeleted = 0;
  #restores = 0;
  readonly #byCategory = new Map<Category, Totals>();
  readonly #byBucket = new Map<string, Totals>();
  readonly #byUploader = new Map<string, Totals>();
  #largest: readonly Mention[] = [];
  #latest: readonly Mention[] = [];
  #failed = 0;
  #quarantined = 0;
  #maxDelay = 0;
  readonly #heldBack = new Map<string, HeldBack>();

  add(summary: BatchSummary): void {
    this.#uploads = addTotals(this.#uploads, summary.uploads);
    this.#deletes += summary.deletes;
    this.#versionsDeleted += summary.versionsDeleted;
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
    for (const [rule, heldBack] of summary.heldBack) addHeldBack(this.#heldBack, rule, heldBack);
  }

  toSummary(): BatchSummary {
    return {
      uploads: this.#uploads,
      deletes: this.#deletes,
      versionsDeleted: this.#versionsDeleted,
      restores: this.#restores,
      byCategory: Object.fromEntries(this.#byCategory),
      byBucket: new Map(this.#byBucket),
      byUploader: new Map(this.#byUploader),
      largest: this.#largest,
      latest: this.#latest,
      failed: this.#failed,
      quarantined: this.#quarantined,
      maxDelay: this.#maxDelay,
      heldBack: new Map(this.#heldBack),
    };
  }
}

/** Whether nothing happened that a digest could report. */
export function isEmptySummary(summary: BatchSummary): boolean {
  const { uploads, deletes, versionsDeleted, restores, failed, quarantined } = summary;
  const events = uploads.count + deletes + versionsDeleted + restores;
  return events + failed + quarantined + countHeldBack(summary) === 0;
}

/** Alert emails that were held back, of all rules. */
export function countHeldBack({ heldBack }: Pick<BatchSummary, 'heldBack'>): number {
  return [...heldBack.values()].reduce((sum, { count }) => sum + count, 0);
}

/** Adds up, and keeps the first example in ASCII order: the same in whatever order summaries are merged. */
export function addHeldBack(all: Map<string, HeldBack>, rule: string, { count, example }: HeldBack): void {
  const known = all.get(rule);
  const [first] = [known?.example, example].filter((key) => key !== undefined).sort(ascending);
  all.set(rule, { count: (known?.count ?? 0) + count, ...(first !== undefined && { example: first }) });
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
