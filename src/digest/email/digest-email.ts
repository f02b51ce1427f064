import {
  formatBytes,
  formatCount,
  formatDuration,
  formatNumberOf,
  formatPeriod,
  type TimeFormat,
  timeFormat,
} from '../../shared/format.ts';
import { MINUTE_MS } from '../../shared/time.ts';
import { type BatchSummary, OTHER, SUMMARY_GROUPS, type Totals } from '../summary/batch-summary.ts';
import { addToGroup } from '../summary/summarise.ts';
import { shownGroup, shownName } from './display-name.ts';
import {
  type Bar,
  type BarsSection,
  closingLines,
  type Email,
  type EmailContent,
  type FactsSection,
  type FilesSection,
  mentionLines,
  type Notice,
  renderText,
  type Section,
} from './email-content.ts';
import { renderHtml } from './render-html.ts';

/** One digest as the team configured it. Travels in the tick message, so that there can be any number. */
export interface DigestSettings {
  /** Unique among the stack's digests: names the watermark. Letters, digits, `-` and `_`, at most 64. */
  readonly name: string;
  readonly recipients: readonly string[];
  /** IANA time zone for times in the email, such as `Europe/Berlin`. Default `UTC`. */
  readonly timeZone: string;
  /** Below this many uploads the digest waits for the next tick. Default 1. */
  readonly minimumUploads: number;
}

/** What one digest email says. */
export interface Digest {
  readonly name: string;
  readonly timeZone: string;
  /** Start of the window, ISO 8601 UTC, exclusive. */
  readonly since: string;
  /** End of the window, ISO 8601 UTC, inclusive. */
  readonly until: string;
  readonly summary: BatchSummary;
  /** Batches folded. */
  readonly batches: number;
}

/**
 * The email of a digest: `412 uploads, 3.1 GB in 15 min: my-bucket`.
 *
 * To be loaded when there is one to send: it needs the runtime's time zones and grapheme tables, which no other batch
 * does.
 *
 * @throws RangeError when the runtime does not know the digest's time zone.
 */
export function renderDigest(digest: Digest): Email {
  const content = toDigestContent(digest);
  return { subject: content.subject, text: renderText(content), html: renderHtml(content) };
}

/** @throws RangeError when the runtime does not know the digest's time zone. */
export function toDigestContent(digest: Digest): EmailContent {
  const { name, summary, batches } = digest;
  const format = timeFormat(digest.timeZone);
  return {
    subject: digestSubject(digest),
    headline: digestHeadline(summary),
    introduction: [`Digest ${shownName(name)}`, formatPeriod(digest.since, digest.until, format)],
    notices: digestNotices(summary),
    sections: toSections(summary, format),
    closing: closingLines(`made of ${formatNumberOf(batches, 'batch', 'batches')}; times in ${digest.timeZone}`),
  };
}

function toSections(summary: BatchSummary, format: TimeFormat): readonly Section[] {
  const several = summary.byBucket.size > 1;
  const files = (title: string, mentions: BatchSummary['largest']): FilesSection => ({
    kind: 'files',
    title,
    files: mentionLines(mentions, { format, withBucket: several }),
  });
  return [
    totals(summary),
    categoryBars(summary.byCategory),
    ...(several ? [bucketBars(summary.byBucket)] : []),
    uploaderBars(summary.byUploader),
    files('Largest files', summary.largest),
    files('Newest files', summary.latest),
  ].filter((section) => !isEmpty(section));
}

/** What did not happen is told as well: a missing line could mean that nobody looked. */
function totals(summary: BatchSummary): FactsSection {
  const { uploads, deletes, restores, failed, quarantined, greatestDelay, alertsHeldBack } = summary;
  const [bucket, ...more] = summary.byBucket.keys();
  return {
    kind: 'facts',
    title: 'Totals',
    facts: [
      ...(bucket !== undefined && more.length === 0 ? [{ label: 'Bucket', value: shownName(bucket) }] : []),
      { label: 'Uploads', value: formatCount(uploads.count) },
      { label: 'Size', value: formatBytes(uploads.bytes) },
      { label: 'Bytes', value: formatCount(uploads.bytes) },
      { label: 'Deletes', value: formatCount(deletes) },
      { label: 'Restores', value: formatCount(restores) },
      { label: 'Greatest delay', value: formatDuration(greatestDelay) },
      { label: 'Failed tries', value: formatCount(failed) },
      { label: 'Quarantined', value: formatCount(quarantined) },
      { label: 'Alerts held back', value: formatCount(alertsHeldBack) },
    ],
  };
}

function isEmpty(section: Section): boolean {
  if (section.kind === 'files') return section.files.length === 0;
  return section.kind === 'bars' && section.bars.length === 0;
}

/** What happened and where: `412 uploads, 3.1 GB in 15 min: my-bucket`. What waits for somebody to act comes along. */
export function digestSubject({ summary, since, until }: Digest): string {
  const quarantined = summary.quarantined > 0 ? [`${formatNumberOf(summary.quarantined, 'message')} quarantined`] : [];
  const what = [digestHeadline(summary), ...quarantined].join(', ');
  return `${what} in ${formatSpan(Date.parse(until) - Date.parse(since))}${where(summary)}`;
}

/** `412 uploads, 3.1 GB`; without uploads, what happened instead. */
export function digestHeadline({ uploads, deletes, restores, failed }: BatchSummary): string {
  if (uploads.count > 0) return `${formatNumberOf(uploads.count, 'upload')}, ${formatBytes(uploads.bytes)}`;
  const instead = [
    ...(deletes > 0 ? [formatNumberOf(deletes, 'delete')] : []),
    ...(restores > 0 ? [formatNumberOf(restores, 'restore')] : []),
    ...(failed > 0 ? [formatNumberOf(failed, 'failed try', 'failed tries')] : []),
  ];
  return instead.length === 0 ? 'No uploads' : instead.join(', ');
}

function where({ byBucket }: BatchSummary): string {
  const busiest = [...byBucket].sort(([, a], [, b]) => b.count - a.count).map(([name]) => name);
  const [bucket, ...others] = busiest;
  if (bucket === undefined) return '';
  return `: ${shownGroup(bucket)}${others.length === 0 ? '' : ` and ${formatNumberOf(others.length, 'other')}`}`;
}

/** Whole minutes from one minute on: the time that a late tick adds to its window is of no interest in a subject. */
function formatSpan(milliseconds: number): string {
  const minutes = Math.round(milliseconds / MINUTE_MS);
  return formatDuration(minutes >= 1 ? minutes * MINUTE_MS : milliseconds);
}

/** What went wrong, and what to do: the most urgent first. */
export function digestNotices({ quarantined, failed, alertsHeldBack }: BatchSummary): readonly Notice[] {
  return [
    ...(quarantined > 0 ? [quarantinedNotice(quarantined)] : []),
    ...(failed > 0 ? [failedNotice(failed)] : []),
    ...(alertsHeldBack > 0 ? [heldBackNotice(alertsHeldBack)] : []),
  ];
}

function quarantinedNotice(count: number): Notice {
  return {
    title: `${formatNumberOf(count, 'message')} quarantined`,
    advice: 'No retry can record what these say. They wait in the dead-letter queue, each with its reason:',
    command: 'upload-ledger dlq list',
  };
}

function failedNotice(count: number): Notice {
  return {
    title: formatNumberOf(count, 'failed try', 'failed tries'),
    advice:
      'Failed messages come back by themselves. One that keeps failing ends in the dead-letter queue; once the cause is gone, send it back:',
    command: 'upload-ledger dlq redrive',
  };
}

function heldBackNotice(count: number): Notice {
  return {
    title: `${formatNumberOf(count, 'alert')} held back`,
    advice:
      'More alerts matched than the stack may send in a minute. Their uploads are recorded and counted here. Narrow the rules, or raise alertsPerMinute.',
  };
}

/**
 * Groups with a bar of their own: an email over many batches would have hundreds, and the bytes of an email are
 * bounded.
 */
const BARS = 10;

export function categoryBars(byCategory: BatchSummary['byCategory']): BarsSection {
  const bars = toBars(Object.entries(byCategory).sort(mostUploadsFirst));
  return { kind: 'bars', title: 'By category', bars };
}

export function bucketBars(byBucket: BatchSummary['byBucket']): BarsSection {
  return groupBars('Buckets', 'bucket', byBucket);
}

export function uploaderBars(byUploader: BatchSummary['byUploader']): BarsSection {
  return groupBars('Top uploaders', 'uploader', byUploader);
}

function groupBars(title: string, what: string, groups: ReadonlyMap<string, Totals>): BarsSection {
  const bars = toBars(busiest(groups));
  if (!groups.has(OTHER)) return { kind: 'bars', title, bars };
  // What a batch has counted as others cannot be told apart again.
  const note = `Each batch counts its ${SUMMARY_GROUPS} busiest ${what}s by name: one that was not always among them has more than its line says.`;
  return { kind: 'bars', title, bars, note };
}

/** The busiest groups, then all others as one: nothing is lost in the sum. */
function busiest(groups: ReadonlyMap<string, Totals>): readonly (readonly [string, Totals])[] {
  const named = [...groups].filter(([name]) => name !== OTHER).sort(mostUploadsFirst);
  const others = new Map<string, Totals>([...groups].filter(([name]) => name === OTHER));
  for (const [, totals] of named.slice(BARS)) addToGroup(others, OTHER, totals);
  return [...named.slice(0, BARS), ...others];
}

function toBars(groups: readonly (readonly [string, Totals])[]): readonly Bar[] {
  const most = Math.max(1, ...groups.map(([, { count }]) => count));
  return groups.map(([name, { count, bytes }]) => ({
    label: shownGroup(name),
    value: `${formatNumberOf(count, 'upload')}, ${formatBytes(bytes)}`,
    share: count / most,
  }));
}

/** Ties by bytes, then by name, so that the same digest always gives the same email. */
function mostUploadsFirst([aName, a]: readonly [string, Totals], [bName, b]: readonly [string, Totals]): number {
  // Stryker disable next-line EqualityOperator: no two groups have the same name.
  return b.count - a.count || b.bytes - a.bytes || (aName < bName ? -1 : 1);
}
