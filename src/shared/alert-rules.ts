import {
  type Check,
  type Checks,
  EMAIL_SETTINGS,
  fieldIssues,
  optional,
  quoted,
  recipientsIssue,
  repeatedNames,
  settingNameIssue,
} from './validation.ts';

interface AlertRulesChecks {
  /** The categories of uploads, for the condition `category`. */
  readonly categories: readonly string[];
  /** How a time zone is checked. @default that it is a text: loading the runtime's zones would slow every cold start */
  readonly timeZoneIssue?: Check;
}

/** Everything that is wrong with a list of alert rules. It is checked in the same way at synth and in the function. */
export function alertRulesIssues(
  value: unknown,
  { categories, timeZoneIssue = textIssue }: AlertRulesChecks,
): readonly string[] {
  const max = EMAIL_SETTINGS.alertRules;
  if (!Array.isArray(value) || value.length > max) {
    const came = Array.isArray(value) ? `${value.length}` : quoted(value);
    return [`expected an array of at most ${max} rules, got ${came}`];
  }
  const conditions = conditionChecks(categories);
  const issues = value.flatMap((rule, index) =>
    ruleIssues(rule, conditions, timeZoneIssue).map((issue) => `rule ${index + 1}: ${issue}`),
  );
  return [...issues, ...repeatedNames(value, 'rule')];
}

/** The conditions of a rule, which needs at least one. */
function conditionChecks(categories: readonly string[]): Checks {
  const checks: Checks = {
    prefix: textIssue,
    suffix: textIssue,
    category: (value) =>
      expected(
        categories.some((category) => category === value),
        categories.join(', '),
        value,
      ),
    uploader: textIssue,
    minimumBytes: (value) =>
      expected(Number.isSafeInteger(value) && (value as number) >= 0, 'a whole number of bytes, 0 or more', value),
    status: (value) => expected(value === 'deleted', 'deleted, or no status for uploads', value),
    everything: (value) => expected(value === true, 'true', value),
  };
  return Object.fromEntries(Object.entries(checks).map(([name, check]) => [name, optional(check)]));
}

function ruleIssues(rule: unknown, conditions: Checks, timeZoneIssue: Check): readonly string[] {
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) {
    return [`expected an object, got ${quoted(rule)}`];
  }
  const fields = rule as Readonly<Record<string, unknown>>;
  const others = { name: settingNameIssue, recipients: recipientsIssue, timeZone: optional(timeZoneIssue) };
  return [...fieldIssues(fields, { ...others, ...conditions }), ...conditionIssues(fields, Object.keys(conditions))];
}

/** A rule without a condition is probably a mistake, and not a wish for an email with every batch. */
function conditionIssues(fields: Readonly<Record<string, unknown>>, conditions: readonly string[]): string[] {
  const given = conditions.filter((name) => fields[name] !== undefined);
  if (given.length === 0) return [`expected one of ${conditions.join(', ')}`];
  if (given.includes('everything') && given.length > 1) return ['everything: expected no other condition beside it'];
  // A record of a delete has no size.
  const neverMatches = given.includes('status') && given.includes('minimumBytes');
  return neverMatches ? ['minimumBytes: expected none beside a status: a delete has no size'] : [];
}

function textIssue(value: unknown): string | undefined {
  return expected(typeof value === 'string' && value !== '', 'a string that is not empty', value);
}

function expected(isValid: boolean, what: string, value: unknown): string | undefined {
  return isValid ? undefined : `expected ${what}, got ${quoted(value)}`;
}
