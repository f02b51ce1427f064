import { formatBytes, formatNumberOf } from '../shared/format.ts';
import { type BatchSummary, OTHER, SUMMARY_GROUPS, type Totals } from './batch-summary.ts';
import type { Bar, BarsSection } from './email-content.ts';
import { shownGroup } from './shown.ts';
import { addToGroup } from './totals.ts';

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
