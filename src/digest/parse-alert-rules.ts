import { EMAIL_SETTINGS, quoted, recipientsFault, settingNameFault } from '../contract/email-settings.ts';
import { CATEGORIES } from '../upload/category.ts';
import type { AlertRule } from './alert.ts';
import { AlertRulesError } from './digest-errors.ts';

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => string | undefined;

/** Conditions of a rule, of which it needs one. */
const CONDITIONS: Readonly<Record<string, Check>> = {
  prefix: textFault,
  suffix: textFault,
  category: (value) => expected((CATEGORIES as readonly unknown[]).includes(value), CATEGORIES.join(', '), value),
  uploader: textFault,
  minimumBytes: (value) =>
    expected(Number.isSafeInteger(value) && (value as number) >= 0, 'a whole number of bytes, 0 or more', value),
  everything: (value) => expected(value === true, 'true', value),
};

/**
 * All that a rule can hold. The zone's own existence is checked at synth: loading the time zones would slow every cold
 * start.
 */
const FIELDS: Readonly<Record<string, Check>> = {
  name: settingNameFault,
  recipients: recipientsFault,
  timeZone: (value) => (value === undefined ? undefined : textFault(value)),
  ...Object.fromEntries(
    Object.entries(CONDITIONS).map(([name, check]) => [name, (value: unknown) => whenGiven(check, value)]),
  ),
};

/**
 * The alert rules of the function's environment: a JSON array of {@link AlertRule}, in which `timeZone` may be missing.
 *
 * @param text Undefined or empty: no rules.
 * @throws {AlertRulesError} that tells every fault at once.
 */
export function parseAlertRules(text: string | undefined): readonly AlertRule[] {
  if (text === undefined || text === '') return [];
  const rules = parseArray(text);
  const faults = [...rules.flatMap((rule, at) => faultsOfRule(rule, `rule ${at + 1}`)), ...repeatedNames(rules)];
  if (faults.length > 0) throw new AlertRulesError(`Cannot use the alert rules: ${faults.join('; ')}.`);
  // Checked above, field by field.
  return rules.map((rule) => ({ ...(rule as AlertRule), timeZone: (rule as Partial<AlertRule>).timeZone ?? 'UTC' }));
}

function parseArray(text: string): readonly unknown[] {
  const most = EMAIL_SETTINGS.alertRules;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AlertRulesError(`Cannot use the alert rules: expected JSON, got ${quoted(text)}.`, { cause });
  }
  if (Array.isArray(value) && value.length <= most) return value;
  const came = Array.isArray(value) ? `${value.length}` : quoted(value);
  throw new AlertRulesError(`Cannot use the alert rules: expected an array of at most ${most} rules, got ${came}.`);
}

function faultsOfRule(rule: unknown, at: string): string[] {
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) {
    return [`${at}: expected an object, got ${quoted(rule)}`];
  }
  const fields = rule as Fields;
  const unknown = Object.keys(fields).filter((name) => !Object.hasOwn(FIELDS, name));
  const wrong = Object.entries(FIELDS).flatMap(([name, check]) => {
    const fault = check(fields[name]);
    return fault === undefined ? [] : [`${name}: ${fault}`];
  });
  const faults = [...wrong, ...unknown.map((name) => `${quoted(name)}: expected no such field`), ...conditions(fields)];
  return faults.map((fault) => `${at}: ${fault}`);
}

/** A rule without a condition is more likely a mistake than a wish for an email with every batch. */
function conditions(fields: Fields): string[] {
  const given = Object.keys(CONDITIONS).filter((name) => fields[name] !== undefined);
  if (given.length === 0) return [`expected one of ${Object.keys(CONDITIONS).join(', ')}`];
  return given.includes('everything') && given.length > 1 ? ['everything: expected no other condition beside it'] : [];
}

function repeatedNames(rules: readonly unknown[]): string[] {
  const names = rules.map((rule) => (rule as Fields | null)?.name).filter((name) => name !== undefined);
  const repeated = new Set(names.filter((name, at) => names.indexOf(name) !== at));
  return [...repeated].map((name) => `name: expected a different one for each rule, got ${quoted(name)} twice`);
}

function textFault(value: unknown): string | undefined {
  return expected(typeof value === 'string' && value !== '', 'a string that is not empty', value);
}

function whenGiven(check: Check, value: unknown): string | undefined {
  return value === undefined ? undefined : check(value);
}

function expected(fits: boolean, what: string, value: unknown): string | undefined {
  return fits ? undefined : `expected ${what}, got ${quoted(value)}`;
}
