import { CATEGORIES } from '../../contract/uploads.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import { alertRulesIssues } from '../../shared/alert-rules.ts';
import { UploadLedgerError } from '../../shared/errors.ts';
import { quoted } from '../../shared/validation.ts';
import { ascending, type Mention } from '../summary/batch-summary.ts';
import { toMention } from '../summary/summarise.ts';

/** One alert as the team configured it. Conditions that are given must all hold; at least one is. */
export interface AlertRule {
  /** Unique among the stack's alerts. Letters, digits, `-` and `_`, at most 64. */
  readonly name: string;
  readonly recipients: readonly string[];
  /** IANA time zone for times in the email. Default `UTC`. */
  readonly timeZone: string;
  /** What must have happened. Default: an upload. */
  readonly status?: 'deleted';
  readonly prefix?: string;
  readonly suffix?: string;
  readonly category?: string;
  readonly uploader?: string;
  /** Bytes, inclusive. */
  readonly minimumBytes?: number;
  /** `true`: every upload matches, and no other condition is given. */
  readonly everything?: boolean;
}

/** Alert rules in the function's environment that cannot be used. */
export class AlertRulesError extends UploadLedgerError {
  override readonly name = 'AlertRulesError';

  constructor(problem: string, options?: ErrorOptions) {
    super('bad-alert-rules', `Cannot use the alert rules: ${problem}.`, options);
  }
}

/**
 * The alert rules of the function's environment: a JSON array of {@link AlertRule}, in which `timeZone` may be missing.
 *
 * @param text Undefined or empty: no rules.
 * @throws {AlertRulesError} with everything that is wrong.
 */
export function parseAlertRules(text: string | undefined): readonly AlertRule[] {
  if (text === undefined || text === '') return [];
  const value = parseJson(text);
  const issues = alertRulesIssues(value, { categories: CATEGORIES });
  if (issues.length > 0) throw new AlertRulesError(issues.join('; '));
  // Checked above, field by field.
  return (value as readonly (Omit<AlertRule, 'timeZone'> & Partial<AlertRule>)[]).map((rule) => ({
    ...rule,
    timeZone: rule.timeZone ?? 'UTC',
  }));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AlertRulesError(`expected JSON, got ${quoted(text)}`, { cause });
  }
}

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
