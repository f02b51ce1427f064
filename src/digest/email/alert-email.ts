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
  const { rule, count, bytes, buckets, since } = alert;
  const bucket = onlyBucket(alert);
  const facts = [
    ...(bucket === undefined ? [] : [{ label: 'Bucket', value: displayName(bucket) }]),
    { label: isOfDeletes(rule) ? 'Deletes' : 'Uploads', value: formatCount(count) },
    ...(isOfDeletes(rule) || since !== undefined ? [] : [{ label: 'Size', value: formatExactBytes(bytes) }]),
  ];
  const told =
    since === undefined
      ? 'Just recorded, in one batch.'
      : 'Held back by the limit on alert emails per minute, and sent together.';
  return renderEmail({
    subject: `${toSubject(alert)}${subjectMark(ledger)}`,
    headline: toHeadline(alert),
    introduction: [`Alert ${displayName(rule.name)}`, told, ledgerLine(ledger)],
    link: linkTo(ledger.consoleUrl),
    notices: [],
    sections: [
      { kind: 'facts', title: 'Totals', facts },
      files(alert, buckets.length > 1 || since !== undefined),
      { kind: 'facts', title: 'Conditions of the alert', facts: conditions(rule) },
    ],
    closing: closingLines(`times in ${rule.timeZone}`),
  });
}

/** A record of a delete has no size. */
function isOfDeletes({ status }: AlertRule): boolean {
  return status === 'deleted';
}

/** `3 uploads, 4.2 GB`, or `3 deletes`; of what was held back, `3 more uploads since 22 Nov 2026, 10:15:00 UTC`. */
function toHeadline({ rule, count, bytes, since }: Alert): string {
  if (since !== undefined) {
    const what = `more ${isOfDeletes(rule) ? 'delete' : 'upload'}`;
    return `${formatNumberOf(count, what)} since ${timeFormat(rule.timeZone)(since)}`;
  }
  return isOfDeletes(rule)
    ? formatNumberOf(count, 'delete')
    : `${formatNumberOf(count, 'upload')}, ${formatBytes(bytes)}`;
}

/** `Alert large-videos: 3 uploads, 4.2 GB: my-bucket`; of a single upload or delete, its key. */
function toSubject(alert: Alert): string {
  const { rule, count, bytes, mentions, since } = alert;
  const bucket = onlyBucket(alert);
  const only = count === 1 && since === undefined ? mentions[0] : undefined;
  const ofOne = (key: string) =>
    isOfDeletes(rule) ? `deleted ${displayKey(key)}` : `${displayKey(key)}, ${formatBytes(bytes)}`;
  const what = only === undefined ? toHeadline(alert) : ofOne(only.key);
  const where = bucket === undefined ? '' : `: ${displayName(bucket)}`;
  return `Alert ${displayName(rule.name)}: ${what}${where}`;
}

/** The bucket of all matches; undefined when there are, or may be, several. */
function onlyBucket({ buckets, since }: Alert): string | undefined {
  return buckets.length === 1 && since === undefined ? buckets[0] : undefined;
}

function files({ rule, count, mentions, since }: Alert, withBucket: boolean): FilesSection {
  const unlisted = count - mentions.length;
  const which = since === undefined ? 'later' : 'other';
  return {
    kind: 'files',
    title: 'Files',
    files: mentionLines(mentions, { format: timeFormat(rule.timeZone), withBucket, withSize: !isOfDeletes(rule) }),
    ...(unlisted > 0 && { note: `${formatNumberOf(unlisted, `${which} match`, `${which} matches`)} not listed.` }),
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
