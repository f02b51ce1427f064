import { z } from 'zod';
import { encodedFilterValue } from '../../src/contract/s3-notifications.ts';
import { keyTemplateIssues } from '../../src/shared/key-template.ts';
import { EMAIL_SETTINGS, isEmailAddress } from '../../src/shared/validation.ts';
import { FILTER_VALUE_CHARACTERS } from '../sources/notification-configuration.ts';

/**
 * The kinds of values that settings have. A schema's description is its rule in words: errors and documentation use it.
 *
 * Values from the command line (`-c key=value`) are text, values from cdk.json have types. Both are accepted, but
 * nothing that only looks similar (`"1e2"`, `" 5"`, `true` for 1).
 */

/** Issues of one list that an error reports. */
const MAX_REPORTED = 5;

/** Buckets in one rule, whose pattern holds 2,048 characters. Source: EventBridge User Guide, "Quotas". */
const MAX_BUCKETS = 20;

const RESERVED_BUCKET_NAME = /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|--x-s3|--table-s3)$/;

/** A whole number of a range, both ends included. */
export function wholeNumber({ min, max }: { readonly min: number; readonly max: number }) {
  const [first, last] = [min, max].map((value) => value.toLocaleString('en-US'));
  return z
    .preprocess(numberFromText, z.int().min(min).max(max))
    .describe(`must be a whole number from ${first} to ${last}`);
}

export function wholeNumberAmong<const T extends readonly number[]>(values: T) {
  return z.preprocess(numberFromText, z.literal(values)).describe(`must be one of ${values.join(', ')}`);
}

export function oneOf<const T extends readonly string[]>(values: T) {
  return z.enum(values).describe(`must be one of ${values.join(', ')}`);
}

/** A list in cdk.json, or values separated by commas on the command line. */
export function someOf<const T extends readonly string[]>(values: T) {
  return z
    .preprocess(listFromText, z.array(z.enum(values)).min(1).readonly())
    .describe(`must be a list (separated by commas) of ${values.join(', ')}`);
}

export function yesOrNo() {
  const fromText = (value: unknown) => (value === 'true' ? true : value === 'false' ? false : value);
  return z.preprocess(fromText, z.boolean()).describe('must be true or false');
}

export function text(isValid: (value: string) => boolean, rule: string) {
  return z.string().refine(isValid, { error: rule }).describe(rule);
}

/**
 * A list of objects in cdk.json, or as JSON on the command line.
 *
 * @param rule The rule in words.
 * @param issuesOf Everything that is wrong with a value, one phrase each.
 */
export function listOf<Item>(rule: string, issuesOf: (value: unknown) => readonly string[]) {
  const list = z.custom<readonly Item[]>().superRefine((value, context) => {
    const issues = issuesOf(value);
    if (issues.length === 0) return;
    const rest = issues.length - MAX_REPORTED;
    const reported = [...issues.slice(0, MAX_REPORTED), ...(rest > 0 ? [`${rest} more`] : [])];
    context.addIssue({ code: 'custom', message: `${rule}, but ${reported.join('; ')}` });
  });
  return z.preprocess(jsonFromText, list).describe(rule);
}

/** Source: CloudFormation API reference, `CreateStack`, `StackName`. */
export const stackName = text(
  (name) => /^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(name),
  'must be 1 to 128 letters, digits and hyphens, a letter first',
);

/** Source: EventBridge API reference, `CreateEventBus`, `Name`. */
export const busName = text(
  (name) => /^[A-Za-z0-9._-]{1,256}$/.test(name),
  'must be the name of an event bus of this account and Region, such as default',
);

/**
 * Source: Amazon S3 User Guide, "General purpose bucket naming rules". Dots are valid there, but no wildcard
 * certificate covers the bucket's host name then, and the bucket refuses requests without TLS.
 */
export const bucketName = text(
  (name) => /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name) && !RESERVED_BUCKET_NAME.test(name),
  "must be 3 to 63 lower-case letters, digits and hyphens, with none of S3's reserved beginnings and endings",
);

/** Names of buckets that exist already. They may have dots. */
export const bucketNames = eachOnce(
  (name) => /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name),
  MAX_BUCKETS,
  'names of buckets',
);

/** Beginning or end of the keys that are recorded, not yet encoded. */
export const filterValue = text(
  (value) =>
    value !== '' &&
    !value.includes('*') &&
    value.isWellFormed() &&
    encodedFilterValue(value).length <= FILTER_VALUE_CHARACTERS,
  `must be 1 to ${FILTER_VALUE_CHARACTERS} characters when percent-encoded, without "*" (S3 knows no wildcards here)`,
);

/** Which part of a key names the uploader. `src/shared/key-template.ts` has the grammar. */
export const keyTemplate = z
  .string()
  .superRefine((template, context) => {
    const issues = keyTemplateIssues(template);
    if (issues.length === 0) return;
    context.addIssue({ code: 'custom', message: `must be a key template, but ${issues.join('; and ')}` });
  })
  .describe('must be a key template such as uploads/{uploader}/{*}');

export const emailAddresses = eachOnce(isEmailAddress, EMAIL_SETTINGS.recipients, 'plain email addresses');

/** A topic of any partition. */
export const topicArn = text(
  (value) => /^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/.test(value),
  'must be the ARN of a standard SNS topic, arn:aws:sns:<region>:<account>:<name>',
);

/** A list in cdk.json, or values separated by commas on the command line, without repetitions. */
function eachOnce(isValid: (value: string) => boolean, max: number, what: string) {
  const rule = `must be 1 to ${max} ${what} (separated by commas), each once`;
  const list = z
    .array(text(isValid, rule))
    .min(1)
    .max(max)
    .refine((values) => new Set(values).size === values.length, { error: rule });
  return z.preprocess(listFromText, list.readonly()).describe(rule);
}

function numberFromText(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
}

function listFromText(value: unknown): unknown {
  return typeof value === 'string' ? value.split(',') : value;
}

/** Text that is not JSON stays text, which is not a list. */
function jsonFromText(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
