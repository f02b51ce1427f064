import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { AlertProps, DigestProps } from './email-props.ts';
import type { UploadSource } from './source-props.ts';
import type { EventType } from './sources/notification-configuration.ts';
import type { WebhookProps } from './webhook-props.ts';

/**
 * Settings of an `UploadLedger`; the same names are keys of cdk.json's context, where buckets, topics and buses are given
 * by name or ARN, and times in numbers. All optional.
 *
 * They are checked at synth, and one error reports everything that is wrong.
 */
export interface UploadLedgerProps {
  /**
   * Where uploads come from: a new bucket (`{ bucketName, delivery }`), existing ones (`{ buckets, delivery }`), or a
   * topic (`{ topic }`).
   * @default a new bucket that sends its notifications to the queue
   */
  readonly source?: UploadSource;

  /**
   * Only keys that begin with this are recorded. Write it as it is in the key, not percent-encoded. With a topic, set
   * `prefix` or `suffix`, not both.
   * @default every key
   */
  readonly prefix?: string;

  /**
   * Only keys that end with this are recorded. Write it as it is in the key, not percent-encoded.
   * @default every key
   */
  readonly suffix?: string;

  /**
   * What is recorded: S3 event types without the `s3:` prefix.
   * @default ObjectCreated:*, ObjectRemoved:*, LifecycleExpiration:*, ObjectRestore:Completed
   */
  readonly events?: readonly EventType[];

  /** Maximum number of messages in one invocation, 1 to 10,000. @default 100 */
  readonly batchSize?: number;

  /** Longest wait for a batch to fill, in seconds, 0 to 300; at least 1 with batches over 10. @default 5 */
  readonly batchWindowSeconds?: number | Duration;

  /**
   * Maximum number of concurrent invocations, 2 to 1,000. This limit protects the table and the account's other
   * functions.
   * @default 10
   */
  readonly maximumConcurrency?: number;

  /**
   * Concurrent executions that are reserved for this function; at least `maximumConcurrency`. The function never uses
   * more, and the account's other functions cannot use them.
   * @default none reserved
   */
  readonly reservedConcurrency?: number;

  /** Memory of the function in MB, 128 to 10,240. Lambda gives CPU in proportion to it. @default 512 */
  readonly memoryMb?: number;

  /** Timeout of the function in seconds, 1 to 900. The queue's visibility timeout follows. @default 30 */
  readonly timeoutSeconds?: number | Duration;

  /**
   * Hours for which a failed message is tried again before it goes to the dead-letter queue, 1 to 168. Choose longer
   * than an outage lasts: retries need nobody, but a dead letter needs a person. SQS allows 1,000 tries: 51 hours at
   * the default `timeoutSeconds`.
   * @default 24
   */
  readonly retryHours?: number | Duration;

  /**
   * Number of partitions over which the indexes spread the records of one day or of one uploader, 1 to 100. Each
   * accepts 1,000 uploads a second, and each search queries all of them. You can raise it, but never lower it: records
   * keep the shard that they were written with.
   * @default 8
   */
  readonly indexShards?: number;

  /** Which part of a key names the uploader, such as `uploads/{uploader}/{*}`. @default none: the request's signer */
  readonly uploaderKeyTemplate?: string;

  /**
   * Whether the function reads the uploader from the object's metadata `x-amz-meta-uploader` when the key does not name
   * one. This costs one HeadObject for each upload, $0.40 a million. Sign the header into the URL; otherwise the client
   * can write any name. Metadata are used only when they provably belong to the upload: for multipart uploads, this
   * needs a versioned bucket. Not with a topic.
   * @default false
   */
  readonly uploaderMetadata?: boolean;

  /** Days after which a record expires, counted from the upload. @default none: records are kept forever */
  readonly retentionDays?: number | Duration;

  /**
   * Whether uploads of each category have their own metrics. There are eight categories, with three metrics for each
   * bucket. A metric costs $0.30 a month while it reports.
   * @default true
   */
  readonly metricsByCategory?: boolean;

  /** Whether the stack has a dashboard, for $3 a month. @default true */
  readonly dashboard?: boolean;

  /** Lowest level of the function's log lines: DEBUG, INFO, WARN or ERROR. @default INFO */
  readonly logLevel?: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';

  /** Days for which the function's logs are kept. @default 90 */
  readonly logRetentionDays?: RetentionDays | Duration;

  /** Whether X-Ray traces the function, $5 a million invocations traced. @default false */
  readonly tracing?: boolean;

  /** Whether DynamoDB counts the busiest keys of table and indexes (CloudWatch Contributor Insights). @default false */
  readonly contributorInsights?: boolean;

  /**
   * Whether table and queues are encrypted with a customer managed KMS key that the stack creates. An app can pass its
   * own key. The stack extends the policy of that key, so that S3 and EventBridge can use it. A key whose policy cannot
   * be extended (imported, or managed by AWS) is refused.
   * @default false
   */
  readonly customerKey?: boolean | IKey;

  /**
   * EventBridge bus, or its name. It gets an event for each new record (`UploadRecorded`, `DeleteRecorded`,
   * `RestoreRecorded`), each alert (`AlertRaised`) and each digest (`DigestReady`).
   * @default none
   */
  readonly recordedEventsBus?: string | IEventBus;

  /** HTTPS endpoints that get events: your own servers, Slack, Microsoft Teams. At most 20. @default none */
  readonly webhooks?: readonly WebhookProps[];

  /**
   * SNS topic, or its ARN, that gets each alert in the form that Amazon Q Developer in chat applications shows in Slack
   * and Microsoft Teams. Needs `alerts`.
   * @default none
   */
  readonly alertTopic?: string | ITopic;

  /**
   * Whether records that `backfill` and `reconcile --repair` write have events too. The `source` of a record says where
   * it comes from.
   * @default true
   */
  readonly announceBackfill?: boolean;

  /**
   * Sender of digests and alerts. The address or its domain must be a verified identity of SES in this account and
   * Region.
   * @default none; needed with digests or alerts
   */
  readonly emailSender?: string;

  /** Emails on a schedule. Each covers everything since the last one. @default none: no schedules */
  readonly digests?: readonly DigestProps[];

  /** Immediate emails about uploads that match a rule. At most 20. @default none */
  readonly alerts?: readonly AlertProps[];

  /**
   * Maximum number of alert emails a minute, 1 to 1,000. One is reserved for each alert, so set at least the number of
   * alerts; the rest is first come, first served. The next digest names the alerts that were held back; without
   * digests, one email for each rule does, when the minute is over. SES's sandbox sends one email a second and 200 a
   * day.
   * @default 10
   */
  readonly alertsPerMinute?: number;

  /**
   * URL that digests and alerts link to, such as a dashboard, or a console that you serve to your colleagues.
   * @default no link
   */
  readonly consoleUrl?: string;

  /**
   * Whether SES is in its sandbox in this account and Region. In the sandbox, SES also requires permission on the
   * recipients' identities; with `true`, the function gets it.
   * @default false
   */
  readonly sesSandbox?: boolean;

  /**
   * Addresses that alarms are sent to, through an SNS topic that the stack creates. AWS asks each of them to confirm.
   * @default none: alarms are shown on the dashboard only
   */
  readonly alarmEmails?: readonly string[];

  /** Your own SNS topic for alarms, or its ARN. Its policy must allow CloudWatch to publish. @default none */
  readonly alarmTopic?: string | ITopic;

  /**
   * URL of the page that has the runbook, such as your copy of `docs/runbook.md`. Each alarm links to its article
   * there.
   * @default none: alarms name the title of the article
   */
  readonly runbookUrl?: string;

  /**
   * An alarm is raised when the oldest waiting message is older than this, in minutes, 1 to 1,440. Events that wait for
   * `recordedEventsBus` have the same limit.
   * @default 15
   */
  readonly oldestMessageMinutes?: number | Duration;

  /** An alarm is raised after this many hours without an upload, 1 to 168. @default none: no such alarm */
  readonly silenceHours?: number | Duration;

  /**
   * An alarm is raised when this many deletes are recorded within five minutes, 1 to 1,000,000. Deletes by a lifecycle
   * rule do not count.
   * @default none: no such alarm
   */
  readonly deletesPerFiveMinutes?: number;

  /**
   * What happens to bucket, table and logs when the stack is deleted: `retain` keeps them and protects the table from
   * deletion; `destroy` deletes them (the bucket only when it is empty).
   * @default retain
   */
  readonly removalPolicy?: 'retain' | 'destroy' | RemovalPolicy;
}
