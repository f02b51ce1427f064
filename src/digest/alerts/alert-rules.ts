import type { AlertRule } from '../../contract/email-settings.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import { ascending, type Mention } from '../summary/batch-summary.ts';
import { toMention } from '../summary/summarise.ts';

/** What one alert email says: the uploads, or the deletes, of one batch that a rule matched. */
export interface Alert {
  readonly rule: AlertRule;
  /** Matches of the batch. */
  readonly count: number;
  readonly bytes: number;
  /** Of all matches, each once, in the order of their first matches by time. */
  readonly buckets: readonly string[];
  /** The first matches by time, at most {@link MAX_ALERT_MENTIONS}. */
  readonly mentions: readonly Mention[];
}

/** Matches that one alert names; it counts all of them. */
export const MAX_ALERT_MENTIONS = 20;

/**
 * One alert for each rule that matches something in the batch, in the order of the rules. A rule matches uploads, or with
 * the status `deleted` deletes, those of a lifecycle rule and of versions included. Restores match nothing.
 *
 * An event that S3 delivers twice, in two batches, alerts twice.
 *
 * @param records What the batch has stored, each record once.
 */
export function matchAlerts(records: readonly LedgerRecord[], rules: readonly AlertRule[]): readonly Alert[] {
  const sorted = records.toSorted(earliestFirst);
  return rules.flatMap((rule) => {
    const matches = sorted.filter((record) => matchesRule(record, rule));
    if (matches.length === 0) return [];
    const bytes = matches.reduce((sum, { filesize = 0 }) => sum + filesize, 0);
    const buckets = [...new Set(matches.map(({ s3_bucket }) => s3_bucket))];
    const mentions = matches.slice(0, MAX_ALERT_MENTIONS).map(toMention);
    return [{ rule, count: matches.length, bytes, buckets, mentions }];
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
