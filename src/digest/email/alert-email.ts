import type { AlertRule } from '../../contract/email-settings.ts';
import { formatBytes, formatCount, formatExactBytes, formatNumberOf, timeFormat } from '../../shared/format.ts';
import type { Alert } from '../alerts/alert-rules.ts';
import {
  closingLines,
  displayKey,
  displayName,
  type Email,
  type Fact,
  type FilesSection,
  linkTo,
  mentionLines,
} from './email-content.ts';
import { type EmailLedger, ledgerLine, subjectMark } from './email-ledger.ts';
import { renderEmail } from './render-html.ts';

/**
 * The email of an alert: `Alert large-videos: 3 uploads, 4.2 GB: my-bucket [Invoices]`. Import this module when there is one to
 * send, as `digest-email.ts`.
 *
 * @throws RangeError when the runtime does not know the rule's time zone.
 */
export function renderAlert(alert: Alert, ledger: EmailLedger): Email {
  const { rule, count, bytes, buckets } = alert;
  const bucket = onlyBucket(alert);
  const facts = [
    ...(bucket === undefined ? [] : [{ label: 'Bucket', value: displayName(bucket) }]),
    { label: isOfDeletes(rule) ? 'Deletes' : 'Uploads', value: formatCount(count) },
    ...(isOfDeletes(rule) ? [] : [{ label: 'Size', value: formatExactBytes(bytes) }]),
  ];
  return renderEmail({
    subject: `${toSubject(alert)}${subjectMark(ledger)}`,
    headline: toHeadline(alert),
    introduction: [`Alert ${displayName(rule.name)}`, 'Just recorded, in one batch.', ledgerLine(ledger)],
    link: linkTo(ledger.consoleUrl),
    notices: [],
    sections: [
      { kind: 'facts', title: 'Totals', facts },
      files(alert, buckets.length > 1),
      { kind: 'facts', title: 'What the alert asks for', facts: conditions(rule) },
    ],
    closing: closingLines(`times in ${rule.timeZone}`),
  });
}

/** A record of a delete has no size. */
function isOfDeletes({ status }: AlertRule): boolean {
  return status === 'deleted';
}

/** `3 uploads, 4.2 GB`, or `3 deletes`. */
function toHeadline({ rule, count, bytes }: Alert): string {
  return isOfDeletes(rule)
    ? formatNumberOf(count, 'delete')
    : `${formatNumberOf(count, 'upload')}, ${formatBytes(bytes)}`;
}

/** `Alert large-videos: 3 uploads, 4.2 GB: my-bucket`; of a single upload or delete, its key. */
function toSubject(alert: Alert): string {
  const { rule, count, bytes, mentions } = alert;
  const bucket = onlyBucket(alert);
  const only = count === 1 ? mentions[0] : undefined;
  const ofOne = (key: string) =>
    isOfDeletes(rule) ? `deleted ${displayKey(key)}` : `${displayKey(key)}, ${formatBytes(bytes)}`;
  const what = only === undefined ? toHeadline(alert) : ofOne(only.key);
  const where = bucket === undefined ? '' : `: ${displayName(bucket)}`;
  return `Alert ${displayName(rule.name)}: ${what}${where}`;
}

/** The bucket of all matches; undefined when there are several. */
function onlyBucket({ buckets }: Alert): string | undefined {
  return buckets.length === 1 ? buckets[0] : undefined;
}

function files({ rule, count, mentions }: Alert, withBucket: boolean): FilesSection {
  const unlisted = count - mentions.length;
  return {
    kind: 'files',
    title: 'Files',
    files: mentionLines(mentions, { format: timeFormat(rule.timeZone), withBucket, withSize: !isOfDeletes(rule) }),
    ...(unlisted > 0 && { note: `${formatNumberOf(unlisted, 'later match', 'later matches')} not listed.` }),
  };
}

function conditions(rule: AlertRule): readonly Fact[] {
  const { status, prefix, suffix, category, uploader, minimumBytes } = rule;
  const facts = [
    ...(status === undefined ? [] : [{ label: 'Status', value: status }]),
    ...(prefix === undefined ? [] : [{ label: 'Key starts with', value: displayKey(prefix) }]),
    ...(suffix === undefined ? [] : [{ label: 'Key ends with', value: displayKey(suffix) }]),
    ...(category === undefined ? [] : [{ label: 'Category', value: displayName(category) }]),
    ...(uploader === undefined ? [] : [{ label: 'Uploader', value: displayName(uploader) }]),
    ...(minimumBytes === undefined ? [] : [{ label: 'At least', value: `${formatCount(minimumBytes)} bytes` }]),
  ];
  return facts.length > 0 ? facts : [{ label: 'Uploads', value: 'all' }];
}
