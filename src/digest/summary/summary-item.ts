import { SUMMARY_DAYS } from '../../contract/digest-tick.ts';
import { summaryPartition, TABLE } from '../../contract/table.ts';
import type { Category } from '../../contract/uploads.ts';
import type { OtherItem } from '../../ledger/item.ts';
import { UploadLedgerError } from '../../shared/errors.ts';
import { DAY_MS, HOUR_MS } from '../../shared/time.ts';
import { type BatchSummary, type HeldBack, type Mention, type Totals, UNKNOWN } from './batch-summary.ts';

/** Attribute that holds the summary's text. None of the index attributes: the item is in no index. */
export const SUMMARY_ATTRIBUTE = 'summary';

/** Ends the time in a sort key. The next character in ASCII order, `$`, ends the bounds of a range. */
const SEPARATOR = '#';
const AFTER_SEPARATOR = '$';

/** Ends the sort key of a batch's second summary. */
const SECOND = '+';
/** Comes before the id of an alert in the sort key of its summary. */
const ALERT = '/';

/** A span of time: after `since`, up to and including `until`. Both ISO 8601, UTC, with milliseconds. */
export interface Window {
  readonly since: string;
  readonly until: string;
}

/** A stored summary that this version cannot read. */
export class UnreadableSummaryError extends UploadLedgerError {
  override readonly name = 'UnreadableSummaryError';

  constructor(got: string, options?: ErrorOptions) {
    const message = `Expected a batch summary of version 1 to ${VERSION}, got ${got}: deploy the version that wrote it.`;
    super('unreadable-summary', message, options);
  }
}

/** What the key of a batch's summary is made of: one that is stored again replaces itself. */
export interface SummaryStamp {
  /** ISO 8601, UTC, with milliseconds: decides which digest reports it. */
  readonly time: string;
  /** Of the invocation: keeps the batches of one millisecond apart. */
  readonly requestId: string;
  /** Whether it adds to the first summary of the batch. @default false */
  readonly isSecond?: boolean;
  /** Of the one alert that it is about, instead of a batch. @default it is of a batch */
  readonly alertId?: string;
}

/**
 * The item of one batch's summary.
 *
 * @param stamp Its key.
 */
export function toSummaryItem(summary: BatchSummary, stamp: SummaryStamp): OtherItem {
  const { time, requestId, isSecond, alertId } = stamp;
  const expiry = Math.ceil((Date.parse(time) + SUMMARY_DAYS * DAY_MS) / 1000);
  const key = {
    s3_object: summaryPartition(time),
    upload_id: `${time}${SEPARATOR}${requestId}${alertId === undefined ? '' : ALERT + alertId}${isSecond ? SECOND : ''}`,
  };
  const attributes = {
    [TABLE.partitionKey]: { S: key.s3_object },
    [TABLE.sortKey]: { S: key.upload_id },
    [TABLE.timeToLive]: { N: String(expiry) },
    [SUMMARY_ATTRIBUTE]: { S: toSummaryText(summary) },
  };
  return { ...key, attributes };
}

/** How many batches these sort keys are of. An alert that could not be sent is none. */
export function countBatches(sortKeys: readonly string[]): number {
  const ofBatches = sortKeys.filter((key) => !key.includes(ALERT));
  return new Set(ofBatches.map((key) => (key.endsWith(SECOND) ? key.slice(0, -SECOND.length) : key))).size;
}

/** The sort keys, bounds included, between which exactly the summaries of the window are. */
export function toSortKeyRange({ since, until }: Window): { from: string; to: string } {
  return { from: `${since}${AFTER_SEPARATOR}`, to: `${until}${AFTER_SEPARATOR}` };
}

/** Partition keys that can hold summaries of the window, in order of time. */
export function* summaryPartitions({ since, until }: Window): Generator<string> {
  const end = Date.parse(until);
  const start = Math.floor(Date.parse(since) / HOUR_MS) * HOUR_MS;
  for (let hour = start; hour <= end; hour += HOUR_MS) yield summaryPartition(new Date(hour).toISOString());
}

/**
 * Version of the stored text. A new one is needed when an old reader would read it wrongly. Version 1 is read as long as
 * one can be there: it has no `versions`, and its `heldBack` is a number.
 */
const VERSION = 2;

type StoredGroup = [name: string, count: number, bytes: number];
type StoredMention = [
  bucket: string,
  key: string,
  filesize: number,
  timestamp: string,
  uploadId: string,
  ...uploader: string[],
];

type StoredHeldBack = [rule: string, count: number, ...example: string[]];

/** A summary as it is stored: arrays instead of objects, and each mention once, though both lists may hold it. */
interface StoredSummary {
  readonly v: number;
  readonly uploads: readonly [count: number, bytes: number];
  readonly deletes: number;
  readonly versions: number;
  readonly restores: number;
  readonly categories: readonly StoredGroup[];
  readonly buckets: readonly StoredGroup[];
  readonly uploaders: readonly StoredGroup[];
  readonly mentions: readonly StoredMention[];
  /** Indexes of `mentions`. */
  readonly largest: readonly number[];
  readonly latest: readonly number[];
  readonly failed: number;
  readonly quarantined: number;
  readonly delay: number;
  readonly heldBack: readonly StoredHeldBack[];
}

interface StoredSummaryV1 extends Omit<StoredSummary, 'versions' | 'heldBack'> {
  readonly heldBack: number;
}

/**
 * The summary as compact JSON, for one string attribute. In a map attribute each value would carry its type, and the
 * SDK would walk through all of them.
 */
export function toSummaryText(summary: BatchSummary): string {
  const mentions: StoredMention[] = [];
  const indexes = new Map<string, number>();
  const indexOf = (mention: Mention) => {
    const stored = storeMention(mention);
    const identity = JSON.stringify(stored);
    const index = indexes.get(identity) ?? mentions.push(stored) - 1;
    indexes.set(identity, index);
    return index;
  };
  const [largest, latest] = [summary.largest.map(indexOf), summary.latest.map(indexOf)];
  const { uploads, deletes, versionsDeleted: versions, restores, failed, quarantined, maxDelay: delay } = summary;
  return JSON.stringify({
    v: VERSION,
    uploads: [uploads.count, uploads.bytes],
    deletes,
    versions,
    restores,
    categories: storeGroups(Object.entries(summary.byCategory)),
    buckets: storeGroups(summary.byBucket),
    uploaders: storeGroups(summary.byUploader),
    mentions,
    largest,
    latest,
    failed,
    quarantined,
    delay,
    heldBack: Array.from(summary.heldBack, ([rule, { count, example }]): StoredHeldBack => {
      return [rule, count, ...(example === undefined ? [] : [example])];
    }),
  } satisfies StoredSummary);
}

/**
 * The summary that {@link toSummaryText} has written, in this version or the one before.
 *
 * @throws {UnreadableSummaryError} for any other text, such as one of a later version.
 */
export function parseSummaryText(text: string): BatchSummary {
  const stored = parseStored(text);
  const mentions = stored.mentions.map(readMention);
  return {
    uploads: { count: stored.uploads[0], bytes: stored.uploads[1] },
    deletes: stored.deletes,
    versionsDeleted: stored.versions,
    restores: stored.restores,
    byCategory: Object.fromEntries(readGroups(stored.categories)) as Partial<Record<Category, Totals>>,
    byBucket: readGroups(stored.buckets),
    byUploader: readGroups(stored.uploaders),
    largest: stored.largest.map((index) => mentions[index] as Mention),
    latest: stored.latest.map((index) => mentions[index] as Mention),
    failed: stored.failed,
    quarantined: stored.quarantined,
    maxDelay: stored.delay,
    heldBack: new Map(stored.heldBack.map(readHeldBack)),
  };
}

function parseStored(text: string): StoredSummary {
  let version: unknown;
  try {
    const stored = JSON.parse(text);
    version = stored?.v;
    if (version === VERSION) return stored;
    if (version === 1) return fromVersion1(stored);
  } catch (cause) {
    throw new UnreadableSummaryError(`text that is not JSON (${text.length} characters)`, { cause });
  }
  throw new UnreadableSummaryError(`version ${JSON.stringify(version)}`);
}

/** Version 1 does not say which rules held back. */
function fromVersion1(stored: StoredSummaryV1): StoredSummary {
  return { ...stored, versions: 0, heldBack: stored.heldBack === 0 ? [] : [[UNKNOWN, stored.heldBack]] };
}

function readHeldBack([rule, count, example]: StoredHeldBack): [string, HeldBack] {
  return [rule, { count, ...(example !== undefined && { example }) }];
}

function storeMention({ bucket, key, filesize, timestamp, uploadId, uploader }: Mention): StoredMention {
  return [bucket, key, filesize, timestamp, uploadId, ...(uploader === undefined ? [] : [uploader])];
}

function readMention([bucket, key, filesize, timestamp, uploadId, uploader]: StoredMention): Mention {
  return { bucket, key, filesize, timestamp, uploadId, ...(uploader !== undefined && { uploader }) };
}

function storeGroups(groups: Iterable<readonly [string, Totals]>): StoredGroup[] {
  return Array.from(groups, ([name, { count, bytes }]) => [name, count, bytes]);
}

function readGroups(groups: readonly StoredGroup[]): ReadonlyMap<string, Totals> {
  return new Map(groups.map(([name, count, bytes]) => [name, { count, bytes }]));
}
