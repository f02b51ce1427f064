import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Configuration } from './settings/configuration.ts';
import type { AlertProps, DigestProps } from './settings/email-settings.ts';

/**
 * Settings of an `UploadLedger`; the same names are keys of cdk.json's context. All optional.
 *
 * Checked at synth: whatever is wrong with them is reported in one error.
 */
export interface UploadLedgerProps {
  /** Name of the bucket. @default a name that no other deployment has */
  readonly bucketName?: string;

  /**
   * How the stack's own bucket tells of uploads: `notification`, straight to the queue, or `eventbridge`, which other rules may
   * listen to as well, and which does not say who signed a request.
   * @default notification
   */
  readonly delivery?: Configuration['delivery'];

  /**
   * Names of buckets of this account and Region to record instead of a bucket of the stack's own. They are heard through
   * EventBridge, which each of them must have switched on; nothing of them is changed.
   * @default none: the stack makes a bucket
   */
  readonly existingBuckets?: readonly string[];

  /** ARN of an SNS topic that buckets send their events to already, to record instead of a bucket of the stack's own. @default none */
  readonly sourceTopicArn?: string;

  /** Beginning of the keys that are recorded, as the keys are written. @default every key */
  readonly prefix?: string;

  /** End of the keys that are recorded, as the keys are written. @default every key */
  readonly suffix?: string;

  /**
   * What is recorded: S3 event types without the `s3:` prefix.
   * @default ObjectCreated:*, ObjectRemoved:*, LifecycleExpiration:*, ObjectRestore:Completed
   */
  readonly events?: Configuration['events'];

  /** Messages that one invocation gets at most, 1 to 10,000. @default 100 */
  readonly batchSize?: number;

  /** Longest wait for a batch to fill, in seconds, 0 to 300; at least 1 with batches over 10. @default 5 */
  readonly batchWindowSeconds?: number;

  /** Invocations at one time, 2 to 1,000: what the table and the account's other functions are spared from. @default 10 */
  readonly maximumConcurrency?: number;

  /** Memory of the function in MB, 128 to 10,240; its share of CPU grows with it. @default 512 */
  readonly memoryMb?: number;

  /** Longest that one invocation may take, in seconds, 1 to 900; the queue's visibility timeout follows. @default 30 */
  readonly timeoutSeconds?: number;

  /** Partitions that a day's or an uploader's records are spread over, 1 to 100. Each takes 1,000 uploads a second; each
   * look-up asks all of them. Records keep the shard that they were written with: raise it, never lower it. @default 8 */
  readonly indexShards?: number;

  /** Which part of a key names the uploader, such as `uploads/{uploader}/{*}`. @default none: the signer of the request */
  readonly uploaderKeyTemplate?: string;

  /**
   * Whether the uploader is looked up in the object's metadata `x-amz-meta-uploader`, where the key names none: one HeadObject an upload,
   * $0.40 a million. Who uploads writes the metadata, unless the header is signed into the URL. Not behind a topic.
   * @default false
   */
  readonly uploaderMetadata?: boolean;

  /** Days after which a record expires, counted from the upload. @default none: records are kept for ever */
  readonly retentionDays?: number;

  /** Least level of the function's log lines: DEBUG, INFO, WARN or ERROR. @default INFO */
  readonly logLevel?: Configuration['logLevel'];

  /** Days that the function's logs are kept. @default 90 */
  readonly logRetentionDays?: Configuration['logRetentionDays'];

  /** Whether X-Ray traces the function, $5 a million invocations traced. @default false */
  readonly tracing?: boolean;

  /** Whether DynamoDB counts the busiest keys of table and indexes (CloudWatch Contributor Insights). @default false */
  readonly contributorInsights?: boolean;

  /** Whether table and queues are encrypted under a KMS key of the stack's own, in place of AWS's. @default false */
  readonly customerKey?: boolean;

  /** Name of an EventBridge bus that gets an `UploadRecorded` event for each new record. @default none: no stream, no events */
  readonly recordedEventsBus?: string;

  /**
   * Address that digests and alerts come from. It, or its domain, has to be a verified identity of SES in this account and Region.
   * @default none; needed with digests or alerts
   */
  readonly emailSender?: string;

  /** Emails on a schedule, of everything since the last one. @default none: no schedules and no batch summaries */
  readonly digests?: readonly DigestProps[];

  /**
   * Emails at once, about uploads that a rule matches. At most 20; together they have to fit into the function's environment of 4 KB.
   * @default none
   */
  readonly alerts?: readonly AlertProps[];

  /**
   * Most alert emails that the stack sends in a minute, 1 to 1,000; the next digest tells of those held back. SES's sandbox takes
   * one email a second and 200 a day.
   * @default 10
   */
  readonly alertsPerMinute?: number;

  /**
   * Whether SES is in its sandbox in this account and Region. There it asks whoever sends for permission on the recipients'
   * identities as well, which is then given.
   * @default false
   */
  readonly sesSandbox?: boolean;

  /**
   * Addresses that alarms are sent to, through a topic of the stack's own; AWS asks each of them to confirm.
   * @default none: alarms are seen on the dashboard only
   */
  readonly alarmEmails?: Configuration['alarmEmails'];

  /** Topic that alarms are sent to, in place of one of the stack's own. Its policy must admit CloudWatch. @default none */
  readonly alarmTopicArn?: string;

  /** Age of the oldest waiting message, in minutes, past which an alarm is raised, 1 to 1,440. @default 15 */
  readonly oldestMessageMinutes?: number;

  /** Hours without an upload after which an alarm is raised, 1 to 168. @default none: silence is no alarm */
  readonly silenceHours?: number;

  /**
   * What becomes of bucket, table and logs when the stack is deleted: `retain` keeps them, and refuses to delete the table at
   * all; `destroy` deletes them (the bucket only when it is empty).
   * @default retain
   */
  readonly removalPolicy?: Configuration['removalPolicy'];
}

/** What an `UploadLedger` can be given of the program that it stands in, in place of a setting that names it. */
export interface UploadLedgerResources {
  /**
   * Buckets to record, in place of one of the ledger's own. They are heard through EventBridge and not changed: call
   * `enableEventBridgeNotification()` on those that do not send their events there.
   * @default `existingBuckets`, or a bucket of its own
   */
  readonly buckets?: readonly IBucket[];

  /** Topic that buckets send their events to. @default `sourceTopicArn`, or none */
  readonly topic?: ITopic;

  /**
   * Key for table and queues. Its policy is extended to admit whoever sends to the queue: a key whose policy cannot be
   * (imported, or managed by AWS) is refused, because S3 could not use it.
   * @default `customerKey`, or none: the table under DynamoDB's own key, the queues under SQS's
   */
  readonly encryptionKey?: IKey;

  /** Topic that alarms are sent to. @default `alarmTopicArn`, or one for `alarmEmails`, or none */
  readonly alarmTopic?: ITopic;

  /** Bus that gets an `UploadRecorded` event for each new record. @default `recordedEventsBus`, or none */
  readonly recordedEvents?: IEventBus;
}
