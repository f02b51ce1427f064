/** Names of the stack's outputs, by which the command line finds what was deployed. */
export const OUTPUTS = {
  bucketName: 'BucketName',
  tableName: 'TableName',
  queueUrl: 'QueueUrl',
  deadLetterQueueUrl: 'DeadLetterQueueUrl',
  functionName: 'FunctionName',
  /** The value of the metrics' dimension `service`. */
  serviceName: 'ServiceName',
  /** Number of shards of both indexes: readers ask each of them. */
  indexShards: 'IndexShards',
  /** Which keys are recorded: their beginning and end, URI-encoded. Only stacks that record some keys have them. */
  keyPrefix: 'KeyPrefix',
  keySuffix: 'KeySuffix',
  /** Event types that are recorded, with commas between. A stack behind an SNS topic does not know them. */
  eventTypes: 'EventTypes',
  /** Which part of a key names the uploader. Only stacks with a key template have it. */
  uploaderKeyTemplate: 'UploaderKeyTemplate',
  /** Days after which records expire. Only stacks with a retention have it. */
  retentionDays: 'RetentionDays',
  /** Digests and their time zones, see `toDigestList`. Only stacks with digests have it. */
  digests: 'Digests',
  /** What digests link to. Only stacks with such a link have it. */
  consoleUrl: 'ConsoleUrl',
  /** Queue of the deliveries that failed. Only stacks with webhooks or an alert topic have it. */
  deliveriesQueueUrl: 'DeliveriesQueueUrl',
  /** Bus that the events of the ledger are on. Only stacks with webhooks or an alert topic have it. */
  eventBus: 'EventBusName',
  /** Webhooks and the alert topic with their rules, see `toWebhookList`. Only stacks with one of them have it. */
  webhooks: 'WebhookRules',
} as const;

/** Where the template's metadata have the settings that are not the defaults. */
export const SETTINGS_METADATA = 'UploadLedgerSettings';

/** The bucket's name where the stack does not know its buckets, behind an SNS topic. No bucket can have this name. */
export const UNKNOWN_BUCKET = '-';

/**
 * For a search that found nothing: whether it was in the wrong bucket. A stack has one bucket in its outputs, the first of
 * its settings.
 *
 * @param bucket Undefined: of all buckets.
 */
export function otherBucketHint(bucket: string | undefined, stackBucket: string): string | undefined {
  if (bucket === undefined || bucket === stackBucket || stackBucket === UNKNOWN_BUCKET) return undefined;
  return `This stack records the bucket ${stackBucket}, and others only if its settings name them.`;
}

/** What the command line has to know about a deployed digest. */
export interface ListedDigest {
  readonly name: string;
  /** IANA. */
  readonly timeZone: string;
}

/** The output's value: `daily=Europe/Berlin,weekly=UTC`. Neither part of an entry can hold a comma or `=`. */
export function toDigestList(digests: readonly ListedDigest[]): string {
  return digests.map(({ name, timeZone }) => `${name}=${timeZone}`).join(',');
}

/** @param text Undefined: a stack without digests. */
export function parseDigestList(text: string | undefined): readonly ListedDigest[] {
  if (text === undefined || text === '') return [];
  return text.split(',').map((entry) => {
    const [name = '', timeZone = 'UTC'] = entry.split('=');
    return { name, timeZone };
  });
}

/** What the command line has to know about a deployed webhook. */
export interface ListedWebhook {
  readonly name: string;
  /** Name of its rule, by which a failed delivery is known. */
  readonly rule: string;
  /** Which body of an event it gets. Stacks of older versions do not tell. */
  readonly format?: string;
}

/** The output's value: `orders=<rule>=json,chat=<rule>=slack`. No part of an entry can hold a comma or `=`. */
export function toWebhookList(webhooks: readonly ListedWebhook[]): string {
  return webhooks.map(({ name, rule, format }) => [name, rule, format].join('=')).join(',');
}

/** @param text Undefined: a stack without webhooks. */
export function parseWebhookList(text: string | undefined): readonly ListedWebhook[] {
  if (text === undefined || text === '') return [];
  return text.split(',').map((entry) => {
    const [name = '', rule = '', format] = entry.split('=');
    return { name, rule, ...(format && { format }) };
  });
}
