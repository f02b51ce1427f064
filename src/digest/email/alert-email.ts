import { formatBytes, formatCount, formatNumberOf, timeFormat } from '../../shared/format.ts';
import type { Alert, AlertRule } from '../alerts/alert-rules.ts';
import { shownKey, shownName } from './display-name.ts';
import {
  closingLines,
  type Email,
  type EmailContent,
  type Fact,
  type FilesSection,
  mentionLines,
  renderText,
} from './email-content.ts';
import { renderHtml } from './render-html.ts';

/**
 * The email of an alert: `Alert large-videos: 3 uploads, 4.2 GB: my-bucket`. To be loaded when there is one to send,
 * as `renderDigest`.
 *
 * @throws RangeError when the runtime does not know the rule's time zone.
 */
export function renderAlert(alert: Alert): Email {
  const content = toAlertContent(alert);
  return { subject: content.subject, text: renderText(content), html: renderHtml(content) };
}

/** @throws RangeError when the runtime does not know the rule's time zone. */
export function toAlertContent(alert: Alert): EmailContent {
  const { rule, count, bytes, buckets } = alert;
  const bucket = onlyBucket(alert);
  const facts = [
    ...(bucket === undefined ? [] : [{ label: 'Bucket', value: shownName(bucket) }]),
    { label: 'Uploads', value: formatCount(count) },
    { label: 'Size', value: formatBytes(bytes) },
    { label: 'Bytes', value: formatCount(bytes) },
  ];
  return {
    subject: alertSubject(alert),
    headline: `${formatNumberOf(count, 'upload')}, ${formatBytes(bytes)}`,
    introduction: [`Alert ${shownName(rule.name)}`, 'Just recorded, in one batch.'],
    notices: [],
    sections: [
      { kind: 'facts', title: 'Totals', facts },
      files(alert, buckets.length > 1),
      { kind: 'facts', title: 'What the alert asks for', facts: conditions(rule) },
    ],
    closing: closingLines(`times in ${rule.timeZone}`),
  };
}

/** `Alert large-videos: 3 uploads, 4.2 GB: my-bucket`; of a single upload, its key. */
function alertSubject(alert: Alert): string {
  const { rule, count, bytes, mentions } = alert;
  const bucket = onlyBucket(alert);
  const only = count === 1 ? mentions[0] : undefined;
  const what = only === undefined ? formatNumberOf(count, 'upload') : shownKey(only.key);
  const where = bucket === undefined ? '' : `: ${shownName(bucket)}`;
  return `Alert ${shownName(rule.name)}: ${what}, ${formatBytes(bytes)}${where}`;
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
    files: mentionLines(mentions, { format: timeFormat(rule.timeZone), withBucket }),
    ...(unlisted > 0 && { note: `${formatNumberOf(unlisted, 'later match', 'later matches')} not listed.` }),
  };
}

function conditions(rule: AlertRule): readonly Fact[] {
  const { prefix, suffix, category, uploader, minimumBytes } = rule;
  const facts = [
    ...(prefix === undefined ? [] : [{ label: 'Key starts with', value: shownKey(prefix) }]),
    ...(suffix === undefined ? [] : [{ label: 'Key ends with', value: shownKey(suffix) }]),
    ...(category === undefined ? [] : [{ label: 'Category', value: shownName(category) }]),
    ...(uploader === undefined ? [] : [{ label: 'Uploader', value: shownName(uploader) }]),
    ...(minimumBytes === undefined ? [] : [{ label: 'At least', value: `${formatCount(minimumBytes)} bytes` }]),
  ];
  return facts.length > 0 ? facts : [{ label: 'Uploads', value: 'all' }];
}
