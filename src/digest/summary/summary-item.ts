import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { summaryPartition, TABLE } from '../../contract/table.ts';
import { DAY_MS, HOUR_MS } from '../../shared/time.ts';
import type { Category } from '../../upload/category.ts';
import { UnreadableSummaryError } from '../digest-errors.ts';
import type { BatchSummary, Mention, Totals } from './batch-summary.ts';

/**
 * Days after which a stored summary expires: how far back a digest reaches that was not sent for long. Over a month, so
 * that a monthly digest is whole.
 */
export const SUMMARY_DAYS = 35;

/** Attribute that holds the summary's text. None of the index attributes: both indexes stay as they are. */
export const SUMMARY_ATTRIBUTE = 'summary';

/** Ends the time in a sort key. The next character in ASCII order, `$`, is what bounds of a range end with. */
const SEPARATOR = '#';
const AFTER_SEPARATOR = '$';

/** A span of time: after `since`, up to and with `until`. Both ISO 8601, UTC, with milliseconds. */
export interface Window {
  readonly since: string;
  readonly until: string;
}

/**
 * The item of one batch's summary.
 *
 * @param time When it is written, ISO 8601, UTC, with milliseconds: decides which digest tells of it.
 * @param requestId Of the invocation: keeps the batches of one millisecond apart.
 */
export function toSummaryItem(summary: BatchSummary, time: string, requestId: string): Record<string, AttributeValue> {
  const expiry = Math.ceil((Date.parse(time) + SUMMARY_DAYS * DAY_MS) / 1000);
  return {
    [TABLE.partitionKey]: { S: summaryPartition(time) },
    [TABLE.sortKey]: { S: `${time}${SEPARATOR}${requestId}` },
    [TABLE.timeToLive]: { N: String(expiry) },
    [SUMMARY_ATTRIBUTE]: { S: toSummaryText(summary) },
  };
}

/** Sort keys between which, bounds included, exactly the summaries of the window stand. */
export function toSortKeyRange({ since, until }: Window): { from: string; to: string } {
  return { from: `${since}${AFTER_SEPARATOR}`, to: `${until}${AFTER_SEPARATOR}` };
}

/** Partition keys that can hold summaries of the window, in order of time. */
export function* summaryPartitions({ since, until }: Window): Generator<string> {
  const end = Date.parse(until);
  const start = Math.floor(Date.parse(since) / HOUR_MS) * HOUR_MS;
  for (let hour = start; hour <= end; hour += HOUR_MS) yield summaryPartition(new Date(hour).toISOString());
}

/** Version of the form below. A new one is needed when an old reader would read it wrongly. */
const VERSION = 1;

type MentionText = [
  bucket: string,
  key: string,
  filesize: number,
  timestamp: string,
  uploadId: string,
  ...uploader: string[],
];
type GroupText = [name: string, count: number, bytes: number];

/** A summary as it is stored: arrays instead of objects, and each mention once, though it may stand in both lists. */
interface SummaryText {
  readonly v: number;
  readonly uploads: readonly [count: number, bytes: number];
  readonly deletes: number;
  readonly restores: number;
  readonly categories: readonly GroupText[];
  readonly buckets: readonly GroupText[];
  readonly uploaders: readonly GroupText[];
  readonly mentions: readonly MentionText[];
  /** Places in `mentions`. */
  readonly largest: readonly number[];
  readonly latest: readonly number[];
  readonly failed: number;
  readonly quarantined: number;
  readonly delay: number;
  readonly heldBack: number;
}

/**
 * The summary as compact JSON, for one string attribute: in a map attribute each value would travel wrapped in its type,
 * and the SDK would walk through all of them.
 */
export function toSummaryText(summary: BatchSummary): string {
  const mentions = new Map([...summary.largest, ...summary.latest].map((mention) => [identity(mention), mention]));
  const places = new Map([...mentions.keys()].map((id, place) => [id, place]));
  const placesOf = (list: readonly Mention[]) => list.map((mention) => places.get(identity(mention)) as number);
  const { uploads, deletes, restores, failed, quarantined, greatestDelay: delay, alertsHeldBack: heldBack } = summary;
  return JSON.stringify({
    v: VERSION,
    uploads: [uploads.count, uploads.bytes],
    deletes,
    restores,
    categories: toGroupTexts(Object.entries(summary.byCategory)),
    buckets: toGroupTexts(summary.byBucket),
    uploaders: toGroupTexts(summary.byUploader),
    mentions: [...mentions.values()].map(toMentionText),
    largest: placesOf(summary.largest),
    latest: placesOf(summary.latest),
    failed,
    quarantined,
    delay,
    heldBack,
  } satisfies SummaryText);
}

/**
 * The summary that {@link toSummaryText} has written.
 *
 * @throws {UnreadableSummaryError} for any other text, such as one of a later version.
 */
export function parseSummaryText(text: string): BatchSummary {
  const stored = parse(text);
  const mentions = stored.mentions.map(toMention);
  return {
    uploads: { count: stored.uploads[0], bytes: stored.uploads[1] },
    deletes: stored.deletes,
    restores: stored.restores,
    byCategory: Object.fromEntries(toGroups(stored.categories)) as Partial<Record<Category, Totals>>,
    byBucket: toGroups(stored.buckets),
    byUploader: toGroups(stored.uploaders),
    largest: stored.largest.map((place) => mentions[place] as Mention),
    latest: stored.latest.map((place) => mentions[place] as Mention),
    failed: stored.failed,
    quarantined: stored.quarantined,
    greatestDelay: stored.delay,
    alertsHeldBack: stored.heldBack,
  };
}

function parse(text: string): SummaryText {
  let version: unknown;
  try {
    const stored = JSON.parse(text);
    version = stored?.v;
    if (version === VERSION) return stored;
  } catch (cause) {
    throw unreadable(`text that is not JSON (${text.length} characters)`, { cause });
  }
  throw unreadable(`version ${JSON.stringify(version)}`);
}

function unreadable(came: string, options?: ErrorOptions): UnreadableSummaryError {
  const message = `Expected a batch summary of version ${VERSION}, got ${came}: deploy the version that wrote it.`;
  return new UnreadableSummaryError(message, options);
}

function identity(mention: Mention): string {
  return JSON.stringify(toMentionText(mention));
}

function toMentionText({ bucket, key, filesize, timestamp, uploadId, uploader }: Mention): MentionText {
  return [bucket, key, filesize, timestamp, uploadId, ...(uploader === undefined ? [] : [uploader])];
}

function toMention([bucket, key, filesize, timestamp, uploadId, uploader]: MentionText): Mention {
  return { bucket, key, filesize, timestamp, uploadId, ...(uploader !== undefined && { uploader }) };
}

function toGroupTexts(groups: Iterable<readonly [string, Totals]>): GroupText[] {
  return Array.from(groups, ([name, { count, bytes }]) => [name, count, bytes]);
}

function toGroups(texts: readonly GroupText[]): ReadonlyMap<string, Totals> {
  return new Map(texts.map(([name, count, bytes]) => [name, { count, bytes }]));
}
