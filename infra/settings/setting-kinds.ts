import { Duration, RemovalPolicy, Token } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IConstruct } from 'constructs';
import { z } from 'zod';
import { formUrlEncode } from '../../src/contract/s3-notifications.ts';
import { keyTemplateIssues } from '../../src/shared/key-template.ts';
import { addressFault, EMAIL_SETTINGS, isEmailAddress } from '../../src/shared/validation.ts';
import { FILTER_VALUE_CHARACTERS } from '../sources/notification-configuration.ts';

/**
 * The kinds of values that settings have. A schema's description is its rule in words: errors and documentation use it.
 *
 * Values from the command line (`-c key=value`) are text, values from cdk.json have types. Both are accepted, but
 * nothing that only looks similar (`"1e2"`, `" 5"`, `true` for 1).
 */

/** Issues of one list that an error reports. */
const MAX_REPORTED = 5;

const ADDRESSES_RULE = `must be a list of 1 to ${EMAIL_SETTINGS.recipients} plain email addresses, each once`;

type DurationUnit = 'Seconds' | 'Minutes' | 'Hours' | 'Days';

/** A whole number of a unit of time, or one of the CDK's durations. */
export function wholeTime(unit: DurationUnit, range: { readonly min: number; readonly max: number }) {
  const number = wholeNumber(range);
  return z.preprocess((value) => inUnit(unit, value), number).describe(number.description ?? '');
}

/** What is no whole number of the unit stays a fraction, which is refused. */
function inUnit(unit: DurationUnit, value: unknown): unknown {
  return value instanceof Duration ? value[`to${unit}`]({ integral: false }) : value;
}

/** A whole number of a range, both ends included. */
export function wholeNumber({ min, max }: { readonly min: number; readonly max: number }) {
  const [first, last] = [min, max].map((value) => value.toLocaleString('en-US'));
  return z
    .preprocess(numberFromText, z.int().min(min).max(max))
    .describe(`must be a whole number from ${first} to ${last}`);
}

/** One of several numbers of days, or one of the CDK's durations. */
export function daysAmong<const T extends readonly number[]>(values: T) {
  const days = (value: unknown) => numberFromText(inUnit('Days', value));
  return z.preprocess(days, z.literal(values)).describe(`must be one of ${values.join(', ')}`);
}

export function oneOf<const T extends readonly string[]>(values: T) {
  return z.enum(values).describe(`must be one of ${values.join(', ')}`);
}

/** A list in cdk.json, or values separated by commas on the command line. */
export function someOf<const T extends readonly string[]>(values: T) {
  return z
    .preprocess(listFromText, z.array(z.enum(values)).min(1).readonly())
    .describe(`must be a list of ${values.join(', ')}`);
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

/** Characters of a URL that an alarm's description has room for: CloudWatch takes 1,024 in all. */
const URL_CHARACTERS = 400;

/** Of a page; what is linked to is a heading of it. */
export const pageUrl = text(
  (url) => /^https?:\/\/[^\s#]+$/.test(url) && URL.canParse(url) && url.length <= URL_CHARACTERS,
  `must be the URL of a page, at most ${URL_CHARACTERS} characters and without "#", such as https://wiki.example.com/runbook`,
);

/** Of a place in a page, as a console's addresses are. */
export const linkUrl = text(
  (url) => /^https?:\/\/[\x21-\x7e]+$/.test(url) && URL.canParse(url) && url.length <= URL_CHARACTERS,
  `must be a URL of at most ${URL_CHARACTERS} ASCII characters, such as https://ledger.example.com/`,
);

const BUS_RULE = 'must be an event bus of this account and Region, as text its name, such as default';

/** Source: EventBridge API reference, `CreateEventBus`, `Name`. */
export const bus = z
  .union([construct<IEventBus>('eventBusArn'), orToken(text((name) => /^[A-Za-z0-9._-]{1,256}$/.test(name), BUS_RULE))])
  .describe(BUS_RULE);

/** The CDK's own words are the same, and one more: what a failed first deployment has made goes in any case. */
export const removal = z
  .preprocess(
    (value) => (value === RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE ? 'retain' : value),
    z.enum(['retain', 'destroy']),
  )
  .describe('must be one of retain, destroy');

export const yesOrKey = z
  .union([construct<IKey>('keyArn'), yesOrNo()])
  .describe('must be true or false, or in an app a key');

/** Beginning or end of the keys that are recorded, not yet encoded. */
export const filterValue = text(
  (value) =>
    value !== '' &&
    !value.includes('*') &&
    value.isWellFormed() &&
    formUrlEncode(value).length <= FILTER_VALUE_CHARACTERS,
  `must be 1 to ${FILTER_VALUE_CHARACTERS} characters when percent-encoded, without "*" (S3 accepts no wildcards here)`,
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

/** @param rule In words. The error adds why SES refuses what looks like an address. */
export function emailAddress(rule: string) {
  return z
    .string()
    .superRefine((address, context) => {
      if (isEmailAddress(address)) return;
      const fault = addressFault(address);
      context.addIssue({ code: 'custom', message: fault === undefined ? rule : `${rule}, but ${fault}` });
    })
    .describe(rule);
}

export const emailAddresses = eachOnce(emailAddress(ADDRESSES_RULE), EMAIL_SETTINGS.recipients, ADDRESSES_RULE);

const TOPIC_RULE = 'must be a standard SNS topic, as text its ARN, arn:aws:sns:<region>:<account>:<name>';

/** A topic of any partition. */
export const topic = z
  .union([
    construct<ITopic>('topicArn'),
    orToken(text((arn) => /^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/.test(arn), TOPIC_RULE)),
  ])
  .describe(TOPIC_RULE);

/** A list in cdk.json, or values separated by commas on the command line, without repetitions. */
export function eachOnce<Item extends z.ZodType>(
  item: Item,
  max: number,
  rule: string,
  nameOf: (value: z.output<Item>) => unknown = (value) => value,
) {
  const list = z
    .array(item)
    .min(1)
    .max(max)
    .refine((values) => new Set(values.map(nameOf)).size === values.length, { error: rule });
  return z.preprocess(listFromText, list.readonly()).describe(rule);
}

/** A construct of the CDK, recognised by a property that only constructs of its kind have. */
export function construct<T extends IConstruct>(property: keyof T & string) {
  return z.custom<T>((value) => typeof value === 'object' && value !== null && 'node' in value && property in value);
}

/** Text that is checked, or a token: a value that only the deployment knows, where only the form would be checked. */
export function orToken<Schema extends z.ZodType<string>>(schema: Schema) {
  const token = z.custom<string>((value) => typeof value === 'string' && Token.isUnresolved(value));
  return z.union([token, schema]).describe(schema.description ?? '');
}

function numberFromText(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
}

function listFromText(value: unknown): unknown {
  return typeof value === 'string' ? value.split(',') : value;
}

/** Text that is not JSON stays text, which is not a list. */
export function jsonFromText(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
