/**
 * AWS list prices in US dollars: us-east-1, on demand, without free tiers and discounts for volume, as the pricing pages named
 * beside them gave them in November 2026.
 */
export const PRICES = {
  /** Source: aws.amazon.com/sqs/pricing, standard queues. A batch of up to 10 messages and 64 KB is one request. */
  sqs: { request: 0.4 / 1e6 },
  /** Source: aws.amazon.com/lambda/pricing, arm64, first tier. */
  lambda: { request: 0.2 / 1e6, gbSecond: 0.000_013_333_4 },
  /** Source: aws.amazon.com/dynamodb/pricing/on-demand, standard table class. A write unit is 1 KB, a read unit 4 KB. Storage and recovery a month. */
  dynamodb: { writeUnit: 0.625 / 1e6, readUnit: 0.125 / 1e6, storedGb: 0.25, backedUpGb: 0.2 },
  /** Source: aws.amazon.com/cloudwatch/pricing. Ingestion of the standard log class; the others a month each. */
  cloudwatch: { logGb: 0.5, metric: 0.3, alarm: 0.1, dashboard: 3 },
  /** Source: aws.amazon.com/ses/pricing, outbound email without attachments; as others quote it, the page itself could not be read. */
  ses: { email: 0.1 / 1_000 },
  /** Source: aws.amazon.com/eventbridge/pricing, Scheduler. */
  scheduler: { invocation: 1 / 1e6 },
  /** Source: aws.amazon.com/eventbridge/pricing: S3 events are opt-in events, in units of 64 KB. */
  eventbridge: { event: 1 / 1e6 },
  /** Source: aws.amazon.com/s3/pricing, standard storage class. */
  s3: { headObject: 0.4 / 1e6 },
} as const;

/** Messages that Lambda reads or deletes with one request to SQS, at most. Source: SQS API reference, ReceiveMessage. */
export const MESSAGES_A_REQUEST = 10;

/** MB of memory for which Lambda gives a function one full virtual CPU. Source: Lambda developer guide, "Configure Lambda function memory". */
export const MEMORY_OF_ONE_CPU = 1_769;
