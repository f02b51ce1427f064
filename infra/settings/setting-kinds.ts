import { z } from 'zod';
import { keyTemplateFaults } from '../../src/shared/key-template.ts';
import { EMAIL_SETTINGS, isEmailAddress } from '../../src/shared/validation.ts';
import { encodedFilterValue, FILTER_VALUE_CHARACTERS } from '../sources/notification-configuration.ts';

/**
 * The kinds of values that settings have. Each schema's description is its rule in words: what an error says when it is
 * broken, and what the documentation says.
 *
 * Values from the command line (`-c key=value`) are text, values from cdk.json have types: both are taken, and nothing that
 * merely looks alike (`"1e2"`, `" 5"`, `true` for 1).
 */

export function wholeNumber({ least, most }: { readonly least: number; readonly most: number }) {
  const fromText = (value: unknown) =>
    typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  return z
    .preprocess(fromText, z.int().min(least).max(most))
    .describe(`must be a whole number from ${grouped(least)} to ${grouped(most)}`);
}

export function wholeNumberAmong<const T extends readonly number[]>(values: T) {
  const fromText = (value: unknown) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value);
  return z.preprocess(fromText, z.literal(values)).describe(`must be one of ${values.join(', ')}`);
}

export function oneOf<const T extends readonly string[]>(values: T) {
  return z.enum(values).describe(`must be one of ${values.join(', ')}`);
}

/** A list in cdk.json, or values separated by commas on the command line. */
export function someOf<const T extends readonly string[]>(values: T) {
  const fromText = (value: unknown) => (typeof value === 'string' ? value.split(',') : value);
  return z
    .preprocess(fromText, z.array(z.enum(values)).min(1).readonly())
    .describe(`must be a list (separated by commas) of ${values.join(', ')}`);
}

export function yesOrNo() {
  const fromText = (value: unknown) => (value === 'true' ? true : value === 'false' ? false : value);
  return z.preprocess(fromText, z.boolean()).describe('must be true or false');
}

export function text(valid: (value: string) => boolean, rule: string) {
  return z.string().refine(valid, { error: rule }).describe(rule);
}

function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

export interface ListSetting {
  /** The rule in words. */
  readonly rule: string;
  /** All that is wrong with a value, one phrase each. */
  readonly faults: (value: unknown) => readonly string[];
}

/** Faults that one error tells. */
const MOST_TOLD = 5;

/** A list of objects in cdk.json, or as JSON text on the command line. Every fault of every object is told. */
export function listOf<Item>({ rule, faults }: ListSetting) {
  return z
    .preprocess(
      fromJson,
      z.custom<readonly Item[]>().superRefine((value, context) => {
        const found = faults(value);
        if (found.length > 0) context.addIssue({ code: 'custom', message: `${rule}, but ${told(found)}` });
      }),
    )
    .describe(rule);
}

/** Text that is no JSON stays text, which is no list. */
function fromJson(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function told(faults: readonly string[]): string {
  const rest = faults.length - MOST_TOLD;
  return [...faults.slice(0, MOST_TOLD), ...(rest > 0 ? [`${rest} more`] : [])].join('; ');
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

const RESERVED_BUCKET_NAME = /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|--x-s3|--table-s3)$/;

/**
 * Source: Amazon S3 User Guide, "General purpose bucket naming rules". Dots are valid there, yet break the certificate of the
 * bucket's host name, and the bucket admits TLS only.
 */
export const bucketName = text(
  (name) => /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name) && !RESERVED_BUCKET_NAME.test(name),
  "must be 3 to 63 lower-case letters, digits and hyphens, with none of S3's reserved beginnings and endings",
);

/** Beginning or end of the keys that are recorded, as the keys are written: we encode it for S3. */
export const filterValue = text(
  (value) =>
    value !== '' &&
    !value.includes('*') &&
    value.isWellFormed() &&
    encodedFilterValue(value).length <= FILTER_VALUE_CHARACTERS,
  `must be 1 to ${FILTER_VALUE_CHARACTERS} characters when percent-encoded, without "*" (S3 knows no wildcards here)`,
);

/** Which part of a key names the uploader; the grammar stands in `src/contract/key-template.ts`. */
export const keyTemplate = z
  .string()
  .superRefine((template, context) => {
    const faults = keyTemplateFaults(template);
    if (faults.length > 0)
      context.addIssue({ code: 'custom', message: `must be a key template, but ${faults.join('; and ')}` });
  })
  .describe('must be a key template such as uploads/{uploader}/{*}');

/** Buckets that one rule can name: its pattern holds 2,048 characters. Source: EventBridge User Guide, "Quotas". */
const MOST_BUCKETS = 20;

const BUCKETS = `must be 1 to ${MOST_BUCKETS} names of buckets (separated by commas), each once`;

/** Unlike one that is made here, a bucket that is there may have dots in its name: nobody asks for its certificate. */
const existingBucketName = text((name) => /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name), BUCKETS);

/** A list in cdk.json, or names separated by commas on the command line. */
export const bucketNames = z
  .preprocess(
    (value) => (typeof value === 'string' ? value.split(',') : value),
    z
      .array(existingBucketName)
      .min(1)
      .max(MOST_BUCKETS)
      .refine((names) => new Set(names).size === names.length, { error: BUCKETS })
      .readonly(),
  )
  .describe(BUCKETS);

const ADDRESSES = `must be 1 to ${EMAIL_SETTINGS.recipients} plain email addresses (separated by commas), each once`;

/** A list in cdk.json, or addresses separated by commas on the command line. */
export const emailAddresses = z
  .preprocess(
    (value) => (typeof value === 'string' ? value.split(',') : value),
    z
      .array(text(isEmailAddress, ADDRESSES))
      .min(1)
      .max(EMAIL_SETTINGS.recipients)
      .refine((addresses) => new Set(addresses).size === addresses.length, { error: ADDRESSES })
      .readonly(),
  )
  .describe(ADDRESSES);

/** A topic of any partition. */
export const topicArn = text(
  (value) => /^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/.test(value),
  'must be the ARN of a standard SNS topic, arn:aws:sns:<region>:<account>:<name>',
);
