import {
  formatBytes,
  formatCount,
  formatDuration,
  formatExactBytes,
  formatNumberOf,
  type TimeFormat,
} from '../../shared/format.ts';
import {
  addToGroup,
  ascending,
  type BatchSummary,
  byUploadsThenName,
  largestFirst,
  MAX_GROUPS,
  type Mention,
  OTHER,
  type Totals,
} from '../summary/batch-summary.ts';
import {
  type Bar,
  type BarsSection,
  displayGroup,
  displayKey,
  displayName,
  type Fact,
  type FactsSection,
  type FilesSection,
  mentionLines,
  type Section,
} from './email-content.ts';

/** What the digest tells, one section after the other; none is empty. */
export function toSections(summary: BatchSummary, format: TimeFormat): readonly Section[] {
  const { byCategory, byBucket, byUploader } = summary;
  const withBucket = byBucket.size > 1;
  const files = (title: string, mentions: readonly Mention[]): FilesSection => ({
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
    ...(hasSame(summary.largest, summary.latest)
      ? [files('Files', summary.largest)]
      : [files('Largest files', summary.largest), files('Newest files', summary.latest)]),
  ].filter((section) => !isEmpty(section));
}

/** Whether the largest files are the newest ones too, as they are where there are few. */
function hasSame(largest: readonly Mention[], latest: readonly Mention[]): boolean {
  if (largest.length !== latest.length) return false;
  return latest.toSorted(largestFirst).every((mention, at) => largestFirst(mention, largest[at] ?? mention) === 0);
}

/** What happened. What failed is in the notices. */
function totals(summary: BatchSummary): FactsSection {
  const { uploads, deletes, versionsDeleted, restores, maxDelay } = summary;
  const [bucket, ...more] = summary.byBucket.keys();
  return {
    kind: 'facts',
    title: 'Totals',
    facts: [
      ...(bucket !== undefined && more.length === 0 ? [{ label: 'Bucket', value: displayName(bucket) }] : []),
      ...unlessZero('Uploads', uploads.count),
      ...unlessZero('Size', uploads.bytes, formatExactBytes),
      ...unlessZero('Objects deleted', deletes),
      ...unlessZero('Versions deleted', versionsDeleted),
      ...unlessZero('Restores', restores),
      ...unlessZero('Greatest delay', maxDelay, formatDuration),
    ],
  };
}

function unlessZero(label: string, value: number, format = formatCount): readonly Fact[] {
  return value === 0 ? [] : [{ label, value: format(value) }];
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

/** `412 uploads, 3.1 GB`. */
export function formatTotals({ count, bytes }: Totals): string {
  return `${formatNumberOf(count, 'upload')}, ${formatBytes(bytes)}`;
}
