import type { Category } from '../../contract/uploads.ts';
import { isVersionDelete } from '../../ledger/current-state.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import { shortenToBytes } from '../../shared/text.ts';
import {
  addHeldBack,
  addToGroup,
  type BatchSummary,
  byUploadsThenName,
  type HeldBack,
  largestFirst,
  latestFirst,
  MAX_GROUPS,
  type Mention,
  type MentionOrder,
  OTHER,
  type Totals,
  topMentions,
  UNKNOWN,
} from './batch-summary.ts';

/** What a batch's records do not say about it. */
export interface BatchFacts {
  /** Messages about uploads that are reported back as failed. */
  readonly failed: number;
  readonly quarantined: number;
  /** Alert emails that were held back, one entry each. */
  readonly heldBack: readonly HeldBackAlert[];
  /** When the records were stored, in epoch milliseconds. */
  readonly now: number;
}

/** An alert email that was held back. */
interface HeldBackAlert {
  /** Name of its rule. */
  readonly rule: string;
  /** Key of one of its uploads. */
  readonly example: string;
}

/**
 * What one batch did. However large the batch, its stored summary takes less than 16 kB.
 *
 * @param records What the batch has stored, each record once.
 */
export function summarise(records: readonly LedgerRecord[], facts: BatchFacts): BatchSummary {
  const uploads = records.filter(({ status }) => status === 'uploaded');
  const mentions = uploads.map(toMention);
  const deletes = records.filter(({ status }) => status === 'deleted');
  const versionsDeleted = deletes.filter(isVersionDelete).length;
  return {
    uploads: { count: uploads.length, bytes: mentions.reduce((bytes, { filesize }) => bytes + filesize, 0) },
    deletes: deletes.length - versionsDeleted,
    versionsDeleted,
    restores: records.filter(({ status }) => status === 'restored').length,
    ...groupUploads(uploads),
    largest: limitMentions(mentions, largestFirst),
    latest: limitMentions(mentions, latestFirst),
    failed: facts.failed,
    quarantined: facts.quarantined,
    // An event from the future, by a sender's wrong clock, has no delay.
    maxDelay: records.reduce((max, { timestamp }) => Math.max(max, facts.now - Date.parse(timestamp)), 0),
    heldBack: groupHeldBack(facts.heldBack),
  };
}

/** Bytes inside a JSON string that the example of a held-back alert may take. */
const MAX_EXAMPLE_BYTES = 96;

function groupHeldBack(alerts: readonly HeldBackAlert[]): ReadonlyMap<string, HeldBack> {
  const groups = new Map<string, HeldBack>();
  for (const { rule, example } of alerts) {
    addHeldBack(groups, rule, { count: 1, example: shortenToBytes(example, MAX_EXAMPLE_BYTES) });
  }
  return groups;
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
