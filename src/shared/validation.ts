/** What is wrong with a value, as `expected ..., got ...`; undefined when nothing is. */
export type Check = (value: unknown) => string | undefined;

/** The fields that an object may have, and the check of each; one that is missing is checked as undefined. */
export type Checks = Readonly<Record<string, Check>>;

/** Everything that is wrong with an object's fields, as `name: expected ..., got ...`. Unknown fields are wrong. */
export function fieldIssues(fields: Readonly<Record<string, unknown>>, checks: Checks): readonly string[] {
  const wrong = Object.entries(checks).flatMap(([name, check]) => {
    const issue = check(fields[name]);
    return issue === undefined ? [] : [`${name}: ${issue}`];
  });
  const unknown = Object.keys(fields).filter((name) => !Object.hasOwn(checks, name));
  return [...wrong, ...unknown.map((name) => `${quoted(name)}: expected no such field`)];
}

/** The check of a field that may be missing. */
export function optional(check: Check): Check {
  return (value) => (value === undefined ? undefined : check(value));
}

/**
 * Every name that a list of objects has more than once, as an issue.
 *
 * @param each What has the name, such as `rule`.
 * @param toId Two names are the same when this makes the same of both. @default equal names are
 */
export function repeatedNames(
  list: readonly unknown[],
  each: string,
  toId = (name: unknown): unknown => name,
): readonly string[] {
  const names = list
    .map((item) => (item as { readonly name?: unknown } | null)?.name)
    .filter((name) => name !== undefined);
  const ids = names.map(toId);
  const repeated = new Set(names.filter((_, at) => ids.indexOf(ids[at]) !== at));
  return [...repeated].map((name) => `name: expected a different one for each ${each}, got ${quoted(name)} twice`);
}

/**
 * The settings that digests and alerts share. They are checked in the same way at synth and in the function.
 *
 * Each check returns what was expected and what came, or undefined when the value is valid.
 */
export const EMAIL_SETTINGS = {
  nameLength: 64,
  /** Recipients of one email. Source: SES, "Service quotas". */
  recipients: 50,
  /** Characters of one address. Source: RFC 5321, the longest path less its brackets. */
  addressLength: 254,
  /** Alert rules of one stack. */
  alertRules: 20,
} as const;

/**
 * One plain address of ASCII characters: no display name, no quoted local part, nothing that could end or start a
 * header. An internationalised domain is in its `xn--` form, which is the only one that SES takes.
 */
const ADDRESS = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)+$/i;

/** Characters between two dots of a domain. Source: RFC 1035, section 2.3.4. */
const MAX_LABEL_LENGTH = 63;

/** Characters of a value that an issue repeats. */
const QUOTED_LENGTH = 60;

export function isEmailAddress(value: unknown): value is string {
  const isPlain = typeof value === 'string' && value.length <= EMAIL_SETTINGS.addressLength && ADDRESS.test(value);
  return isPlain && addressFault(value) === undefined;
}

/**
 * Why SES refuses an address that otherwise looks like one: undefined when it does not, and for all other values. Source:
 * RFC 5321, sections 4.1.2 and 4.5.3.1, to which SES holds addresses.
 */
export function addressFault(value: unknown): string | undefined {
  const [, local = '', domain = ''] = (typeof value === 'string' && /^([^@]*)@([^@]*)$/.exec(value)) || [];
  if (/^\.|\.\.|\.$/.test(local)) return 'the part before the @ begins or ends with a dot, or has two in a row';
  const labels = domain.split('.');
  if (labels.some((label) => label.length > MAX_LABEL_LENGTH))
    return 'a part of the domain is longer than 63 characters';
  return /^\d+$/.test(labels.at(-1) ?? '') ? 'the domain ends with a number' : undefined;
}

export function settingNameIssue(value: unknown): string | undefined {
  if (typeof value === 'string' && /^[\w-]{1,64}$/.test(value)) return undefined;
  return `expected 1 to ${EMAIL_SETTINGS.nameLength} letters, digits, - and _, got ${quoted(value)}`;
}

export function recipientsIssue(value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > EMAIL_SETTINGS.recipients) {
    const came = Array.isArray(value) ? `${value.length} of them` : quoted(value);
    return `expected an array of 1 to ${EMAIL_SETTINGS.recipients} email addresses, got ${came}`;
  }
  const wrong = value.findIndex((address) => !isEmailAddress(address));
  if (wrong === -1) return undefined;
  const fault = addressFault(value[wrong]);
  const why = fault === undefined ? '' : `: ${fault}`;
  return `expected plain email addresses such as team@example.com, got ${quoted(value[wrong])}${why}`;
}

export function minimumUploadsIssue(value: unknown): string | undefined {
  if (Number.isSafeInteger(value) && (value as number) >= 1) return undefined;
  return `expected a whole number of 1 or more, got ${quoted(value)}`;
}

/** Loads the runtime's time zones, which takes tens of milliseconds the first time. */
export function timeZoneIssue(value: unknown): string | undefined {
  if (typeof value === 'string' && isTimeZone(value)) return undefined;
  return `expected an IANA time zone such as Europe/Berlin, got ${quoted(value)}`;
}

/**
 * The value as an issue repeats it: at most 60 characters, all of them fit for a log line and an SQS message attribute.
 */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  const start = text
    .slice(0, QUOTED_LENGTH)
    .toWellFormed()
    .replace(/[\u007f-\u009f\ufffe\uffff]/g, '\ufffd');
  return text.length <= QUOTED_LENGTH ? start : `${start}...`;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
