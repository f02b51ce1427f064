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
import {
  addToGroup,
  ascending,
  type BatchSummary,
  byUploadsThenName,
  countHeldBack,
  MAX_GROUPS,
  OTHER,
  type Totals,
} from '../summary/batch-summary.ts';
import {
  type Bar,
  type BarsSection,
  closingLines,
  displayGroup,
  displayKey,
  displayName,
  type Email,
  type FactsSection,
  type FilesSection,
  mentionLines,
  type Notice,
  type Section,
} from './email-content.ts';
import { renderEmail } from './render-html.ts';

/** What one digest email says. */
export interface Digest {
  readonly name: string;
  readonly timeZone: string;
  /** Start of the window, ISO 8601 UTC, exclusive. */
  readonly since: string;
  /** End of the window, ISO 8601 UTC, inclusive. */
  readonly until: string;
  readonly summary: BatchSummary;
  /** Number of batches in it. */
  readonly batches: number;
}

/**
 * The email of a digest: `412 uploads, 3.1 GB in 15 min: my-bucket`.
 *
 * Import this module when there is a digest to send: it needs the runtime's time zones and grapheme tables, which no
 * other batch does.
 *
 * @throws RangeError when the runtime does not know the digest's time zone.
 */
export function renderDigest(digest: Digest): Email {
  const { name, summary, batches } = digest;
  const format = timeFormat(digest.timeZone);
  return renderEmail({
    subject: toSubject(digest),
    headline: toHeadline(summary),
    introduction: [`Digest ${displayName(name)}`, formatPeriod(digest.since, digest.until, format)],
    notices: toNotices(summary),
    sections: toSections(summary, format),
    closing: closingLines(`made of ${formatNumberOf(batches, 'batch', 'batches')}; times in ${digest.timeZone}`),
  });
}

/** What happened and where: `412 uploads, 3.1 GB in 15 min: my-bucket`. Also what waits for somebody to act. */
function toSubject({ summary, since, until }: Digest): string {
  const quarantined = summary.quarantined > 0 ? [`${formatNumberOf(summary.quarantined, 'message')} quarantined`] : [];
  const what = [toHeadline(summary), ...quarantined].join(', ');
  return `${what} in ${formatSpan(Date.parse(until) - Date.parse(since))}${where(summary)}`;
}

/** `412 uploads, 3.1 GB`; without uploads, what happened instead. */
function toHeadline({ uploads, deletes, versionsDeleted, restores, failed }: BatchSummary): string {
  if (uploads.count > 0) return formatTotals(uploads);
  const instead = [
    ...(deletes > 0 ? [formatNumberOf(deletes, 'delete')] : []),
    ...(versionsDeleted > 0 ? [formatNumberOf(versionsDeleted, 'version deleted', 'versions deleted')] : []),
    ...(restores > 0 ? [formatNumberOf(restores, 'restore')] : []),
    ...(failed > 0 ? [formatFailed(failed)] : []),
  ];
  return instead.length === 0 ? 'No uploads' : instead.join(', ');
}

function formatTotals({ count, bytes }: Totals): string {
  return `${formatNumberOf(count, 'upload')}, ${formatBytes(bytes)}`;
}

function formatFailed(failed: number): string {
  return formatNumberOf(failed, 'failed try', 'failed tries');
}

function where({ byBucket }: BatchSummary): string {
  const [bucket, ...others] = [...byBucket].sort(([, a], [, b]) => b.count - a.count).map(([name]) => name);
  if (bucket === undefined) return '';
  return `: ${displayGroup(bucket)}${others.length === 0 ? '' : ` and ${formatNumberOf(others.length, 'other')}`}`;
}

/** Whole minutes from one minute on: the seconds by which a tick was late do not matter in a subject. */
function formatSpan(milliseconds: number): string {
  const minutes = Math.round(milliseconds / MINUTE_MS);
  return formatDuration(minutes >= 1 ? minutes * MINUTE_MS : milliseconds);
}

/** What went wrong, and what to do: the most urgent first. */
function toNotices({ quarantined, failed, heldBack }: BatchSummary): readonly Notice[] {
  const alertsHeldBack = countHeldBack({ heldBack });
  const notices = [
    {
      count: quarantined,
      title: `${formatNumberOf(quarantined, 'message')} quarantined`,
      advice: 'No retry can record what these say. They wait in the dead-letter queue, each with its reason:',
      command: 'upload-ledger dlq list',
    },
    {
      count: failed,
      title: formatFailed(failed),
      advice:
        'Failed messages come back by themselves. One that keeps failing ends in the dead-letter queue; once the cause is gone, send it back:',
      command: 'upload-ledger dlq redrive',
    },
    {
      count: alertsHeldBack,
      title: `${formatNumberOf(alertsHeldBack, 'alert')} not sent`,
      advice:
        'More alerts matched than the stack may send in a minute (narrow the rules, or raise alertsPerMinute), or SES took none of them for an hour. Their uploads are recorded and counted here.',
    },
  ];
  return notices.filter(({ count }) => count > 0);
}

function toSections(summary: BatchSummary, format: TimeFormat): readonly Section[] {
  const { byCategory, byBucket, byUploader } = summary;
  const withBucket = byBucket.size > 1;
  const files = (title: string, mentions: BatchSummary['largest']): FilesSection => ({
    kind: 'files',
    title,
    files: mentionLines(mentions, { format, withBucket }),
  });
  const categories = toBars(Object.entries(byCategory).sort(byUploadsThenName));
  return [
    totals(summary),
    heldBackByRule(summary),
    { kind: 'bars', title: 'By category', bars: categories } as const,
    ...(withBucket ? [groupBars('Buckets', 'bucket', byBucket)] : []),
    groupBars('Top uploaders', 'uploader', byUploader),
    files('Largest files', summary.largest),
    files('Newest files', summary.latest),
  ].filter((section) => !isEmpty(section));
}

/** Also says what did not happen: a missing line could mean that nobody looked. */
function totals(summary: BatchSummary): FactsSection {
  const { uploads, deletes, versionsDeleted, restores, failed, quarantined, maxDelay } = summary;
  const [bucket, ...more] = summary.byBucket.keys();
  return {
    kind: 'facts',
    title: 'Totals',
    facts: [
      ...(bucket !== undefined && more.length === 0 ? [{ label: 'Bucket', value: displayName(bucket) }] : []),
      { label: 'Uploads', value: formatCount(uploads.count) },
      { label: 'Size', value: formatBytes(uploads.bytes) },
      { label: 'Bytes', value: formatCount(uploads.bytes) },
      { label: 'Deletes', value: formatCount(deletes) },
      { label: 'Versions deleted', value: formatCount(versionsDeleted) },
      { label: 'Restores', value: formatCount(restores) },
      { label: 'Greatest delay', value: formatDuration(maxDelay) },
      { label: 'Failed tries', value: formatCount(failed) },
      { label: 'Quarantined', value: formatCount(quarantined) },
      { label: 'Alerts not sent', value: formatCount(countHeldBack(summary)) },
    ],
  };
}

/** Most emails first. The key comes last: it is the uploader's text. */
function heldBackByRule({ heldBack }: BatchSummary): FactsSection {
  const rules = [...heldBack].sort(([a, { count: ofA }], [b, { count: ofB }]) => ofB - ofA || ascending(a, b));
  return {
    kind: 'facts',
    title: 'Alerts not sent, by rule',
    facts: rules.map(([rule, { count, example }]) => ({
      label: displayGroup(rule),
      value: `${formatCount(count)}${example === undefined ? '' : `, such as for ${displayKey(example)}`}`,
    })),
  };
}

function isEmpty(section: Section): boolean {
  if (section.kind === 'facts') return section.facts.length === 0;
  if (section.kind === 'files') return section.files.length === 0;
  return section.bars.length === 0;
}

/** Groups with a bar of their own: many batches have hundreds of groups, and the size of an email is bounded. */
const MAX_BARS = 10;

function groupBars(title: string, what: string, groups: ReadonlyMap<string, Totals>): BarsSection {
  const bars = toBars(busiest(groups));
  if (!groups.has(OTHER)) return { kind: 'bars', title, bars };
  // What a batch has counted as others cannot be told apart again.
  const note = `Each batch counts its ${MAX_GROUPS} busiest ${what}s by name: one that was not always among them has more than its line says.`;
  return { kind: 'bars', title, bars, note };
}

/** The busiest groups, then all others as one, so that the sum is right. */
function busiest(groups: ReadonlyMap<string, Totals>): readonly (readonly [string, Totals])[] {
  const named = [...groups].filter(([name]) => name !== OTHER).sort(byUploadsThenName);
  const others = new Map<string, Totals>([...groups].filter(([name]) => name === OTHER));
  for (const [, totals] of named.slice(MAX_BARS)) addToGroup(others, OTHER, totals);
  return [...named.slice(0, MAX_BARS), ...others];
}

function toBars(groups: readonly (readonly [string, Totals])[]): readonly Bar[] {
  const max = Math.max(1, ...groups.map(([, { count }]) => count));
  return groups.map(([name, totals]) => ({
    label: displayGroup(name),
    value: formatTotals(totals),
    share: totals.count / max,
  }));
}
