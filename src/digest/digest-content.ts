import {
  formatBytes,
  formatCount,
  formatDuration,
  formatNumberOf,
  formatPeriod,
  type TimeFormat,
  timeFormat,
} from '../shared/format.ts';
import type { BatchSummary } from './batch-summary.ts';
import { closingLines } from './closing-lines.ts';
import type { Digest } from './digest.ts';
import { digestHeadline, digestSubject } from './digest-headline.ts';
import { digestNotices } from './digest-notices.ts';
import type { EmailContent, FactsSection, FilesSection, Section } from './email-content.ts';
import { mentionLines } from './file-lines.ts';
import { bucketBars, categoryBars, uploaderBars } from './group-bars.ts';
import { shownName } from './shown.ts';

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
