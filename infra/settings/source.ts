import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { z } from 'zod';
import { DEFAULTS } from '../../src/contract/defaults.ts';
import { construct, eachOnce, jsonFromText, oneOf, orToken, text, topic } from './setting-kinds.ts';

/** Their names must fit into a rule of EventBridge. */
const MAX_BUCKETS = 20;

/** More sites are better served by a pattern. */
const MAX_ORIGINS = 20;
const ORIGINS_RULE = `must be a list of 1 to ${MAX_ORIGINS} origins as browsers send them, such as https://app.example.com, https://*.example.com or *, each once`;

const BUCKETS_RULE = `must be a list of 1 to ${MAX_BUCKETS} buckets, each once`;

/** Source: Amazon S3 User Guide, "General purpose bucket naming rules". */
const RESERVED_BUCKET_NAME = /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|--x-s3|--table-s3)$/;

/** What looks like a bucket's name and is none that an event has. */
const NO_BUCKETS: readonly (readonly [RegExp, string])[] = [
  [/--x-s3$/, 'is a directory bucket, which has no notifications'],
  [/-s3alias$|--ol-s3$/, "is an access point's alias: give the name of its bucket, which is the one in the events"],
  [/--table-s3$/, 'is a table bucket, which has no notifications'],
];

/**
 * Dots are valid in names, but no wildcard certificate covers the bucket's host name then, and the bucket refuses
 * requests without TLS.
 */
const bucketName = orToken(
  text(
    (name) => /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name) && !RESERVED_BUCKET_NAME.test(name),
    "must be 3 to 63 lower-case letters, digits and hyphens, with none of S3's reserved beginnings and endings",
  ),
);

/** Buckets of before 2018 in us-east-1 may have upper-case letters, underscores and up to 255 characters. */
const existingName = orToken(
  z.string().superRefine((name, context) => {
    const [, why] = NO_BUCKETS.find(([pattern]) => pattern.test(name)) ?? [];
    if (why !== undefined)
      context.addIssue({ code: 'custom', message: `must be names of buckets, but ${name} ${why}` });
    else if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/.test(name))
      context.addIssue({ code: 'custom', message: BUCKETS_RULE });
  }),
);

const bucket = z.union([construct<IBucket>('bucketArn'), existingName]);
const delivery = oneOf(['notification', 'eventbridge']);

const NEW_BUCKET = z.strictObject({
  bucketName: bucketName.exactOptional(),
  delivery: delivery.default(DEFAULTS.delivery),
  corsOrigins: eachOnce(orToken(text(isOrigin, ORIGINS_RULE)), MAX_ORIGINS, ORIGINS_RULE).exactOptional(),
});
const EXISTING_BUCKETS = z.strictObject({
  buckets: eachOnce(bucket, MAX_BUCKETS, BUCKETS_RULE, bucketNameOf),
  delivery: delivery.default(DEFAULTS.existingDelivery),
});
const TOPIC = z.strictObject({ topic });

/** A source that is complete and has the right form. */
export type Source = z.output<typeof NEW_BUCKET> | z.output<typeof EXISTING_BUCKETS> | z.output<typeof TOPIC>;

type Given = Readonly<Record<string, unknown>>;

/** A browser sends neither a path nor upper-case letters nor the usual port. S3 takes one asterisk. */
function isOrigin(text: string): boolean {
  if (text === '*') return true;
  const [scheme = '', host = '', ...rest] = text.replace('*', 'x').split('://');
  if (rest.length > 0 || host.includes('*') || !/^[a-z][a-z0-9+.-]*$/.test(scheme)) return false;
  if (scheme !== 'http' && scheme !== 'https') return /^[^\s/?#]+$/.test(host);
  const one = `${scheme}://${host}`;
  return URL.canParse(one) && new URL(one).origin === one;
}

/** Says which kind of source is meant, and checks that nothing of another kind is given beside it. */
export const source = z
  .preprocess(jsonFromText, z.looseObject({}))
  .transform((value, context): Source => {
    // A prop that is undefined was not given.
    const given: Given = Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));
    const schema = schemaOf(given);
    const result = schema.safeParse(given);
    if (result.success) return result.data;
    for (const [key, message] of issuesOf(result.error, given, schema)) {
      context.addIssue({ code: 'custom', path: [key], message, params: { value: given[key] } });
    }
    return z.NEVER;
  })
  .describe('must be {"buckets": [...]}, {"topic": ...}, or the settings of a new bucket, such as {"bucketName": ...}');

function schemaOf(given: Given) {
  if ('topic' in given) return TOPIC;
  return 'buckets' in given ? EXISTING_BUCKETS : NEW_BUCKET;
}

/** One for each key that is wrong. */
function issuesOf(error: z.ZodError, given: Given, schema: ReturnType<typeof schemaOf>): Map<string, string> {
  const shape: Readonly<Record<string, z.ZodType>> = schema.shape;
  const issues = error.issues.flatMap((issue): (readonly [string, string])[] => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => [key, unknownKey(key, given)]);
    const key = String(issue.path[0]);
    return [[key, issue.code === 'custom' ? issue.message : ruleOf(shape[key])]];
  });
  return new Map(issues);
}

/** A rule in words, also of a setting that is optional or has a default. */
function ruleOf(schema: z.ZodType | undefined): string {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodExactOptional)
    return ruleOf(schema.unwrap() as z.ZodType);
  return schema?.description ?? 'must be valid';
}

function unknownKey(key: string, given: Given): string {
  const kind = ['topic', 'buckets'].find((one) => one in given);
  if (key in NEW_BUCKET.shape || key in EXISTING_BUCKETS.shape) {
    return kind === 'topic'
      ? 'cannot be used with topic: the buckets decide which events they send to the topic'
      : 'cannot be used with buckets: it is a setting of a new bucket';
  }
  return `is unknown; a source has ${Object.keys({ ...NEW_BUCKET.shape, ...EXISTING_BUCKETS.shape, ...TOPIC.shape }).join(', ')}`;
}

/** May be a token. */
export function bucketNameOf(bucket: string | IBucket): string {
  return typeof bucket === 'string' ? bucket : bucket.bucketName;
}

export function isTopic(source: Source): source is z.output<typeof TOPIC> {
  return 'topic' in source;
}

export function isExisting(source: Source): source is z.output<typeof EXISTING_BUCKETS> {
  return 'buckets' in source;
}

/** Whether the events come through EventBridge. */
export function usesEventBridge(source: Source): boolean {
  return 'delivery' in source && source.delivery === 'eventbridge';
}
