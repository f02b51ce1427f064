import { type AlertMatches, type AlertMessage, MAX_ALERT_MENTIONS } from '../../contract/alert-message.ts';
import type { AlertRule } from '../../contract/email-settings.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import { ascending } from '../summary/batch-summary.ts';
import { toMention } from '../summary/summarise.ts';

/** Something that people, or other systems, want to know at once: what one rule matched in one batch. */
export interface Alert extends AlertMatches {
  /** Unique: of the batch and the rule. An alert that is tried again keeps it. */
  readonly id: string;
  readonly rule: AlertRule;
  /** Where it goes. */
  readonly channels: { readonly email: readonly string[] };
}

/** @param matches Of the rule, in one batch. */
export function toAlert(id: string, rule: AlertRule, matches: AlertMatches): Alert {
  return { id, rule, ...matches, channels: { email: rule.recipients } };
}

/** An alert that comes from its message in the queue. */
export interface ReceivedAlert {
  readonly messageId: string;
  /** When the message was sent: epoch milliseconds. */
  readonly sentAt: number;
  readonly alert: Alert;
}

/** The alert that a message says, by today's rules; undefined when they have none of that name. */
export function fromAlertMessage(
  { id, rule: name, ...matches }: AlertMessage,
  rules: readonly AlertRule[],
): Alert | undefined {
  const rule = rules.find((one) => one.name === name);
  return rule && toAlert(id, rule, matches);
}

/**
 * One alert for each rule that matches something in the batch, in the order of the rules. A rule matches uploads, or with
 * the status `deleted` deletes, those of a lifecycle rule and of versions included. Restores match nothing.
 *
 * An event that S3 delivers twice, in two batches, alerts twice.
 *
 * @param records What the batch has stored, each record once.
 * @param batchId Unique among batches.
 */
export function matchAlerts(
  records: readonly LedgerRecord[],
  rules: readonly AlertRule[],
  batchId: string,
): readonly Alert[] {
  const sorted = records.toSorted(earliestFirst);
  return rules.flatMap((rule) => {
    const matches = sorted.filter((record) => matchesRule(record, rule));
    if (matches.length === 0) return [];
    const bytes = matches.reduce((sum, { filesize = 0 }) => sum + filesize, 0);
    const buckets = [...new Set(matches.map(({ s3_bucket }) => s3_bucket))];
    const mentions = matches.slice(0, MAX_ALERT_MENTIONS).map(toMention);
    return [toAlert(`${batchId}/${rule.name}`, rule, { count: matches.length, bytes, buckets, mentions })];
  });
}

/** Whether all conditions of the rule hold. A record without a size is never large. */
export function matchesRule(record: LedgerRecord, rule: AlertRule): boolean {
  return (
    record.status === (rule.status ?? 'uploaded') &&
    (rule.prefix === undefined || record.s3_key.startsWith(rule.prefix)) &&
    (rule.suffix === undefined || record.s3_key.endsWith(rule.suffix)) &&
    (rule.category === undefined || record.category === rule.category) &&
    (rule.uploader === undefined || record.uploader === rule.uploader) &&
    (rule.minimumBytes === undefined || (record.filesize ?? -1) >= rule.minimumBytes)
  );
}

/** By event time, then by key, so that the same batch always gives the same email. */
function earliestFirst(a: LedgerRecord, b: LedgerRecord): number {
  return (
    ascending(a.timestamp, b.timestamp) || ascending(a.s3_object, b.s3_object) || ascending(a.upload_id, b.upload_id)
  );
}
