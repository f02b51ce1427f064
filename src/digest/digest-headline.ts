import { formatBytes, formatDuration, formatNumberOf } from '../shared/format.ts';
import type { BatchSummary } from './batch-summary.ts';
import type { Digest } from './digest.ts';
import { shownGroup } from './shown.ts';

const MINUTE = 60_000;

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
  const minutes = Math.round(milliseconds / MINUTE);
  return formatDuration(minutes >= 1 ? minutes * MINUTE : milliseconds);
}
