import {
  type Check,
  type Checks,
  EMAIL_SETTINGS,
  fieldFaults,
  optional,
  quoted,
  recipientsFault,
  repeatedNames,
  settingNameFault,
} from '../shared/validation.ts';
import { CATEGORIES } from './categories.ts';

/** Conditions of a rule, of which it needs one. */
const CONDITIONS: Checks = {
  prefix: textFault,
  suffix: textFault,
  category: (value) => expected((CATEGORIES as readonly unknown[]).includes(value), CATEGORIES.join(', '), value),
  uploader: textFault,
  minimumBytes: (value) =>
    expected(Number.isSafeInteger(value) && (value as number) >= 0, 'a whole number of bytes, 0 or more', value),
  everything: (value) => expected(value === true, 'true', value),
};

/**
 * Every fault of a list of alert rules, checked alike where they are written (synth) and where they are read.
 *
 * @param timeZoneFault How a zone is checked. Where rules are read, that it is a text is enough: loading the runtime's zones
 *   would slow every cold start.
 */
export function alertRulesFaults(value: unknown, timeZoneFault: Check = textFault): readonly string[] {
  const most = EMAIL_SETTINGS.alertRules;
  if (!Array.isArray(value) || value.length > most) {
    const came = Array.isArray(value) ? `${value.length}` : quoted(value);
    return [`expected an array of at most ${most} rules, got ${came}`];
  }
  const checks: Checks = {
    name: settingNameFault,
    recipients: recipientsFault,
    timeZone: optional(timeZoneFault),
    ...Object.fromEntries(Object.entries(CONDITIONS).map(([name, check]) => [name, optional(check)])),
  };
  const faults = value.flatMap((rule, at) => ruleFaults(rule, checks).map((fault) => `rule ${at + 1}: ${fault}`));
  return [...faults, ...repeatedNames(value, 'rule')];
}

function ruleFaults(rule: unknown, checks: Checks): readonly string[] {
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) {
    return [`expected an object, got ${quoted(rule)}`];
  }
  const fields = rule as Readonly<Record<string, unknown>>;
  return [...fieldFaults(fields, checks), ...conditionFaults(fields)];
}

/** A rule without a condition is more likely a mistake than a wish for an email with every batch. */
function conditionFaults(fields: Readonly<Record<string, unknown>>): string[] {
  const given = Object.keys(CONDITIONS).filter((name) => fields[name] !== undefined);
  if (given.length === 0) return [`expected one of ${Object.keys(CONDITIONS).join(', ')}`];
  return given.includes('everything') && given.length > 1 ? ['everything: expected no other condition beside it'] : [];
}

function textFault(value: unknown): string | undefined {
  return expected(typeof value === 'string' && value !== '', 'a string that is not empty', value);
}

function expected(fits: boolean, what: string, value: unknown): string | undefined {
  return fits ? undefined : `expected ${what}, got ${quoted(value)}`;
}
