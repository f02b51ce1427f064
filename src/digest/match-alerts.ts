import type { LedgerRecord } from '../ledger/record.ts';
import type { Alert, AlertRule } from './alert.ts';
import { toMention } from './mention.ts';

/** Matches that one alert names; it counts all of them. */
export const ALERT_MENTIONS = 20;

/**
 * One alert for each rule that matches uploads of the batch, in the order of the rules. Deletes and restores match
 * nothing.
 *
 * An event that S3 delivers twice, in two batches, alerts twice.
 *
 * @param records What the batch has stored, each record once.
 */
export function matchAlerts(records: readonly LedgerRecord[], rules: readonly AlertRule[]): readonly Alert[] {
  // Stryker disable next-line ConditionalExpression: a short cut for stacks without alerts; no rule gives no alert.
  if (rules.length === 0) return [];
  const uploads = records.filter(({ status }) => status === 'uploaded').sort(earliestFirst);
  return rules.flatMap((rule) => {
    const matches = uploads.filter((record) => matchesRule(record, rule));
    if (matches.length === 0) return [];
    const bytes = matches.reduce((sum, { filesize = 0 }) => sum + filesize, 0);
    const buckets = [...new Set(matches.map(({ s3_bucket }) => s3_bucket))];
    const mentions = matches.slice(0, ALERT_MENTIONS).map(toMention);
    return [{ rule, count: matches.length, bytes, buckets, mentions }];
  });
}

/** Whether all conditions of the rule hold. A record without a size is never large. */
export function matchesRule(record: LedgerRecord, rule: AlertRule): boolean {
  return (
    (rule.prefix === undefined || record.s3_key.startsWith(rule.prefix)) &&
    (rule.suffix === undefined || record.s3_key.endsWith(rule.suffix)) &&
    (rule.category === undefined || record.category === rule.category) &&
    (rule.uploader === undefined || record.uploader === rule.uploader) &&
    (rule.minimumBytes === undefined || (record.filesize ?? -1) >= rule.minimumBytes)
  );
}

/** By event time, then by key, so that the same batch always gives the same email. */
function earliestFirst(a: LedgerRecord, b: LedgerRecord): number {
  return compare(a.timestamp, b.timestamp) || compare(a.s3_object, b.s3_object) || compare(a.upload_id, b.upload_id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
