/**
 * AWS list prices in US dollars: us-east-1, on demand, without free tiers and volume discounts, as on the pricing pages
 * named beside them in November 2026.
 */
export const PRICES = {
  /** Source: aws.amazon.com/sqs/pricing, standard queues. A batch of up to 10 messages and 64 KB is one request. */
  sqs: { request: 0.4 / 1e6 },
  /** Source: aws.amazon.com/lambda/pricing, arm64, first tier. */
  lambda: { request: 0.2 / 1e6, gbSecond: 0.000_013_333_4 },
  /**
   * Source: aws.amazon.com/dynamodb/pricing/on-demand, standard table class. A write unit is 1 KB, a read unit 4 KB.
   * Storage and recovery a month.
   */
  dynamodb: { writeUnit: 0.625 / 1e6, readUnit: 0.125 / 1e6, storedGb: 0.25, backedUpGb: 0.2 },
  /** Source: aws.amazon.com/cloudwatch/pricing. Ingestion of the standard log class; the others a month each. */
  cloudwatch: { logGb: 0.5, metric: 0.3, alarm: 0.1, dashboard: 3 },
  /**
   * Source: aws.amazon.com/ses/pricing, outbound email without attachments; as others quote it, because the page itself
   * could not be read.
   */
  ses: { email: 0.1 / 1_000 },
  /** Source: aws.amazon.com/eventbridge/pricing, Scheduler. */
  scheduler: { invocation: 1 / 1e6 },
  /**
   * Source: aws.amazon.com/eventbridge/pricing: S3's events (opt-in) and our own (custom), in units of 64 KB; API
   * destinations.
   */
  eventbridge: { event: 1 / 1e6, apiDestination: 0.2 / 1e6 },
  /** Source: aws.amazon.com/s3/pricing, standard storage class. */
  s3: { headObject: 0.4 / 1e6 },
} as const;

/** MB of one full vCPU. Source: Lambda developer guide, "Configure Lambda function memory". */
export const MEMORY_OF_ONE_CPU = 1_769;

/** How many uploads a month, and when. */
export interface Workload {
  readonly uploadsPerMonth: number;
  /** Hours of a day in which they arrive, evenly. Fewer hours fill batches better. */
  readonly hoursPerDay: number;
  readonly alertEmailsPerMonth: number;
  /** Of each digest: SES sends each of them an email of their own. */
  readonly digestRecipients: number;
  /** How many of the eight content categories occur: each has its own metrics. */
  readonly categories: number;
}

/** The most expensive way to arrive: around the clock, so that batches are small, and of every category. */
export const DEFAULT_WORKLOAD: Workload = {
  uploadsPerMonth: 1_000_000,
  hoursPerDay: 24,
  alertEmailsPerMonth: 0,
  digestRecipients: 1,
  categories: 8,
};

export const DAYS_A_MONTH = 30;

/**
 * What one upload and one batch take, measured on the bundle in November 2026. A test compares the sizes with the code.
 *
 * Bytes of logs: what the function wrote for batches of 1 and of 100, with what Lambda adds to each line. CPU: medians
 * of 40 batches of 1, 10 and 100 on a busy x86 machine with two cores.
 */
export const MEASURED = {
  /** UTF-8 of names and values of one record with an ordinary key; DynamoDB adds 100 bytes an item for storage. */
  recordBytes: 620,
  batchLogBytes: 1_800,
  uploadLogBytes: 45,
  /** Lambda's own lines for an invocation, `platform.start` and `platform.report`. */
  platformLogBytes: 700,
  batchCpuMs: 1.9,
  uploadCpuMs: 0.065,
  /** One HeadObject: median of five times 1,000 calls of the bundle's client, 32 at a time, against a stub. */
  headCpuMs: 0.85,
  /** One PutEvents call of up to ten events: median of 40 times 10 invocations of the publisher's bundle, against a stub. */
  putEventsCpuMs: 0.83,
  /** The publisher's line of an invocation. */
  publishedLogBytes: 270,
} as const;

/** Assumed: a batch's wait for DynamoDB, which answers in single-digit milliseconds, with calls one after the other. */
export const BATCH_WAIT_MS = 20;

/**
 * Assumed: shards of the stream of a table on demand that has not grown, each of which Lambda reads by itself, and how long
 * EventBridge takes to answer a PutEvents call.
 */
export const STREAM_SHARDS = 4;
export const PUT_EVENTS_WAIT_MS = 20;

/** Assumed: how long S3 takes to answer a HeadObject, and how many are in flight at a time. */
export const HEAD_WAIT_MS = 20;
export const HEADS_AT_A_TIME = 32;

/**
 * Queue requests of an idle mapping: five pollers that wait 20 s each. Source: Lambda developer guide, SQS polling; SQS
 * long polling.
 */
export const IDLE_POLLS_A_SECOND = 5 / 20;
