import { alertRulesFaults } from '../../contract/alert-rules.ts';
import { quoted } from '../../shared/validation.ts';
import { AlertRulesError } from '../digest-errors.ts';
import type { Mention } from '../summary/batch-summary.ts';

/** One alert as the team configured it. Conditions that are given must all hold; at least one is. */
export interface AlertRule {
  /** Unique among the stack's alerts. Letters, digits, `-` and `_`, at most 64. */
  readonly name: string;
  readonly recipients: readonly string[];
  /** IANA time zone for times in the email. Default `UTC`. */
  readonly timeZone: string;
  readonly prefix?: string;
  readonly suffix?: string;
  readonly category?: string;
  readonly uploader?: string;
  /** Bytes, inclusive. */
  readonly minimumBytes?: number;
  /** `true`: every upload matches, and no other condition is given. */
  readonly everything?: boolean;
}

/** What one alert email says: the uploads of one batch that a rule matched. */
export interface Alert {
  readonly rule: AlertRule;
  /** Matching uploads of the batch. */
  readonly count: number;
  readonly bytes: number;
  /** Of all matches, each once, in the order of their first ones by time. */
  readonly buckets: readonly string[];
  /** The first matches by time, bounded. */
  readonly mentions: readonly Mention[];
}

/**
 * The alert rules of the function's environment: a JSON array of {@link AlertRule}, in which `timeZone` may be missing.
 *
 * @param text Undefined or empty: no rules.
 * @throws {AlertRulesError} that tells every fault at once.
 */
export function parseAlertRules(text: string | undefined): readonly AlertRule[] {
  if (text === undefined || text === '') return [];
  const value = parse(text);
  const faults = alertRulesFaults(value);
  if (faults.length > 0) throw new AlertRulesError(`Cannot use the alert rules: ${faults.join('; ')}.`);
  // Checked above, field by field.
  return (value as readonly (Omit<AlertRule, 'timeZone'> & Partial<AlertRule>)[]).map((rule) => ({
    ...rule,
    timeZone: rule.timeZone ?? 'UTC',
  }));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AlertRulesError(`Cannot use the alert rules: expected JSON, got ${quoted(text)}.`, { cause });
  }
}
