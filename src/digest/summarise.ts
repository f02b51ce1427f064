import type { LedgerRecord } from '../ledger/record.ts';
import type { Category } from '../upload/category.ts';
import type { BatchSummary, Mention, Totals } from './batch-summary.ts';
import { boundGroups, uploaderGroup } from './groups.ts';
import { shortenMention, toMention } from './mention.ts';
import { largestFirst, latestFirst, type MentionOrder, topMentions } from './mention-order.ts';
import { addToGroup } from './totals.ts';

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
