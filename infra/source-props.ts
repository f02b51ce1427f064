import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';

/** A bucket of the ledger's own. */
export interface NewBucketSource {
  /** Name of the bucket. @default a generated name */
  readonly bucketName?: string;
  /**
   * How events reach the queue. `notification`: directly. `eventbridge`: by a rule; your own rules can match the events
   * too, but they do not name the signer of a request.
   * @default notification
   */
  readonly delivery?: 'notification' | 'eventbridge';
  /**
   * 1 to 20 origins of web pages that may upload to the bucket and read from it through presigned URLs, such as
   * `https://app.example.com` or `https://*.example.com`.
   * @default none: browsers refuse uploads from web pages
   */
  readonly corsOrigins?: readonly string[];
  readonly buckets?: never;
  readonly topic?: never;
}

/** Buckets that somebody else makes, of this account and Region. */
export interface ExistingBucketsSource {
  /** 1 to 20 names; in an app also the buckets themselves. */
  readonly buckets: readonly (string | IBucket)[];
  /**
   * How events reach the queue. `eventbridge`: by a rule; switch on EventBridge in each bucket. `notification`:
   * directly; these events also name the signer of a request. The CDK configures a bucket of the same stack; for other
   * buckets, run `upload-ledger attach`.
   * @default eventbridge
   */
  readonly delivery?: 'notification' | 'eventbridge';
  readonly bucketName?: never;
  readonly corsOrigins?: never;
  readonly topic?: never;
}

/** A topic of this account and Region that buckets send their events to. */
export interface TopicSource {
  /** ARN; in an app also the topic itself. */
  readonly topic: string | ITopic;
  readonly bucketName?: never;
  readonly buckets?: never;
  readonly corsOrigins?: never;
  readonly delivery?: never;
}

/** Where uploads come from: exactly one of these. */
export type UploadSource = NewBucketSource | ExistingBucketsSource | TopicSource;
