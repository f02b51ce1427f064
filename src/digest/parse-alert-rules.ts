import { alertRulesFaults } from '../contract/alert-rules.ts';
import { quoted } from '../shared/validation.ts';
import type { AlertRule } from './alert.ts';
import { AlertRulesError } from './digest-errors.ts';

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
