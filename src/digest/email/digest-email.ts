import { formatChange, formatDuration, formatNumberOf, formatPeriod, timeFormat } from '../../shared/format.ts';
import { MINUTE_MS } from '../../shared/time.ts';
import { type BatchSummary, countHeldBack, type Totals } from '../summary/batch-summary.ts';
import { formatTotals, toSections } from './digest-sections.ts';
import { closingLines, displayGroup, displayName, type Email, linkTo, type Notice } from './email-content.ts';
import { type EmailLedger, ledgerCommand, ledgerLine, subjectMark } from './email-ledger.ts';
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
  /** Uploads of the period before, when it was about as long. Absent: not known. */
  readonly before?: Totals;
  /** Number of batches in it. */
  readonly batches: number;
}

/**
 * The email of a digest: `412 uploads, 3.1 GB in 15 min: my-bucket [Invoices]`.
 *
 * Import this module when there is a digest to send: it needs the runtime's time zones and grapheme tables, which no
 * other batch does.
 *
 * @throws RangeError when the runtime does not know the digest's time zone.
 */
export function renderDigest(digest: Digest, ledger: EmailLedger): Email {
  const { name, summary, batches } = digest;
  const format = timeFormat(digest.timeZone);
  return renderEmail({
    subject: `${toSubject(digest)}${subjectMark(ledger)}`,
    headline: toHeadline(summary),
    introduction: [
      ...changeLine(digest),
      `Digest ${displayName(name)}`,
      formatPeriod(digest.since, digest.until, format),
      ledgerLine(ledger),
    ],
    link: linkTo(ledger.consoleUrl),
    notices: toNotices(summary, ledger),
    sections: toSections(summary, format),
    closing: closingLines(`made of ${formatNumberOf(batches, 'batch', 'batches')}; times in ${digest.timeZone}`),
  });
}

/** What happened and where: `412 uploads, 3.1 GB in 15 min: my-bucket`. Also what waits for somebody to act. */
function toSubject({ summary, ...window }: Digest): string {
  const { quarantined } = summary;
  const what = [toHeadline(summary), ...(quarantined > 0 ? [formatQuarantined(quarantined)] : [])].join(', ');
  return `${what} in ${formatSpan(window)}${where(summary)}`;
}

/** `412 uploads, 3.1 GB`; without uploads, what happened instead. */
function toHeadline({ uploads, deletes, versionsDeleted, restores, failed }: BatchSummary): string {
  if (uploads.count > 0) return formatTotals(uploads);
  const instead = [
    ...(deletes > 0 ? [formatNumberOf(deletes, 'object deleted', 'objects deleted')] : []),
    ...(versionsDeleted > 0 ? [formatNumberOf(versionsDeleted, 'version deleted', 'versions deleted')] : []),
    ...(restores > 0 ? [formatNumberOf(restores, 'restore')] : []),
    ...(failed > 0 ? [formatFailed(failed)] : []),
  ];
  return instead.length === 0 ? 'No uploads' : instead.join(', ');
}

function formatFailed(failed: number): string {
  return formatNumberOf(failed, 'failed try', 'failed tries');
}

function formatQuarantined(quarantined: number): string {
  return `${formatNumberOf(quarantined, 'message')} moved to the dead-letter queue`;
}

function where({ byBucket }: BatchSummary): string {
  const [bucket, ...others] = [...byBucket].sort(([, a], [, b]) => b.count - a.count).map(([name]) => name);
  if (bucket === undefined) return '';
  return `: ${displayGroup(bucket)}${others.length === 0 ? '' : ` and ${formatNumberOf(others.length, 'other')}`}`;
}

/** Whole minutes from one minute on: the seconds by which a tick was late do not matter in a subject. */
function formatSpan({ since, until }: Pick<Digest, 'since' | 'until'>): string {
  const milliseconds = Date.parse(until) - Date.parse(since);
  const minutes = Math.round(milliseconds / MINUTE_MS);
  return formatDuration(minutes >= 1 ? minutes * MINUTE_MS : milliseconds);
}

/** `Uploads +12 %, size -3 % against the 24 h before`. */
function changeLine({ summary: { uploads }, before, ...window }: Digest): readonly string[] {
  if (before === undefined) return [];
  const span = formatSpan(window);
  if (before.count === 0) return [`No uploads in the ${span} before`];
  if (uploads.count === 0) return [`${formatTotals(before)} in the ${span} before`];
  const size = before.bytes === 0 ? '' : `, size ${formatChange(uploads.bytes, before.bytes)}`;
  return [`Uploads ${formatChange(uploads.count, before.count)}${size} against the ${span} before`];
}

/** What went wrong, and what to do: the most urgent first. */
function toNotices({ quarantined, failed, heldBack }: BatchSummary, ledger: EmailLedger): readonly Notice[] {
  const alertsHeldBack = countHeldBack({ heldBack });
  const notices = [
    {
      count: quarantined,
      title: formatQuarantined(quarantined),
      advice: 'No retry can record such a message. It waits there with its reason:',
      command: ledgerCommand('dlq list', ledger),
    },
    {
      count: failed,
      title: formatFailed(failed),
      advice:
        'Failed messages are tried again automatically. One that keeps failing goes to the dead-letter queue; once the cause is gone, move it back:',
      command: ledgerCommand('dlq redrive', ledger),
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
