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
   * Only keys with this beginning are recorded. Write it as in the key, not encoded. With a topic, set `prefix` or
   * `suffix`, not both.
   * @default every key
   */
  readonly prefix?: string;

  /** Only keys with this end are recorded. Write it as in the key, not encoded. @default every key */
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

  /** Concurrent invocations, 2 to 1,000. It protects the table and the account's other functions. @default 10 */
  readonly maximumConcurrency?: number;

  /**
   * Concurrent executions that only this function may use, and no more than these; at least `maximumConcurrency`. The
   * account's other functions lose them.
   * @default none reserved
   */
  readonly reservedConcurrency?: number;

  /** Memory of the function in MB, 128 to 10,240. Its share of CPU grows with it. @default 512 */
  readonly memoryMb?: number;

  /** Timeout of the function in seconds, 1 to 900. The queue's visibility timeout follows. @default 30 */
  readonly timeoutSeconds?: number | Duration;

  /**
   * Hours for which a message that fails is tried again before it goes to the dead-letter queue, 1 to 168. Choose more
   * than an outage lasts: retries need nobody, a dead letter needs a person. SQS allows 1,000 tries, which is 51 hours at
   * the default `timeoutSeconds`.
   * @default 24
   */
  readonly retryHours?: number | Duration;

  /**
   * Partitions that the indexes spread a day's or an uploader's records over, 1 to 100. Each takes 1,000 uploads a
   * second; each search queries all of them. Raise it, never lower it: records keep the shard that they were written
   * with.
   * @default 8
   */
  readonly indexShards?: number;

  /** Which part of a key names the uploader, such as `uploads/{uploader}/{*}`. @default none: the request's signer */
  readonly uploaderKeyTemplate?: string;

  /**
   * Whether the uploader is read from the object's metadata `x-amz-meta-uploader` when the key does not name one: one
   * HeadObject an upload, $0.40 a million. Sign the header into the URL, or the client can write any name. Metadata are
   * used only when they provably belong to the upload, which needs a versioned bucket for multipart uploads. Not with a
   * topic.
   * @default false
   */
  readonly uploaderMetadata?: boolean;

  /** Days after which a record expires, counted from the upload. @default none: records are kept forever */
  readonly retentionDays?: number | Duration;

  /**
   * Whether metrics of uploads are separate for each category. There are eight, with three metrics for each bucket, at
   * $0.30 a month for each metric while it reports.
   * @default true
   */
  readonly metricsByCategory?: boolean;

  /** Whether there is a dashboard, $3 a month. @default true */
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
   * Whether table and queues are encrypted with a customer managed KMS key, which the stack makes. An app can pass a key of
   * its own; its policy is extended so that S3 and EventBridge can use it. A key whose policy cannot be extended
   * (imported, or managed by AWS) is refused.
   * @default false
   */
  readonly customerKey?: boolean | IKey;

  /**
   * EventBridge bus, or its name, that gets an event for each new record: `UploadRecorded`, `DeleteRecorded`,
   * `RestoreRecorded`; and for each alert and digest, where there are any: `AlertRaised`, `DigestReady`.
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
   * Whether there are events also for the records that `backfill` and `reconcile --repair` write. Their `source` says which
   * they are.
   * @default true
   */
  readonly announceBackfill?: boolean;

  /**
   * Sender of digests and alerts. The address or its domain must be a verified identity of SES in this account and
   * Region.
   * @default none; needed with digests or alerts
   */
  readonly emailSender?: string;

  /** Emails on a schedule, about everything since the last one. @default none: no schedules and no batch summaries */
  readonly digests?: readonly DigestProps[];

  /** Immediate emails about uploads that match a rule. At most 20. @default none */
  readonly alerts?: readonly AlertProps[];

  /**
   * Maximum number of alert emails a minute, 1 to 1,000. One is reserved for each alert, so set at least the number of
   * alerts; the rest is first come, first served. The next digest names those held back, or without
   * digests one email when the minute is over. SES's sandbox sends one email a second and 200 a day.
   * @default 10
   */
  readonly alertsPerMinute?: number;

  /**
   * URL that digests and alerts link to: where your people look uploads up, such as a dashboard or a console that you
   * serve to them.
   * @default no link
   */
  readonly consoleUrl?: string;

  /**
   * Whether SES is in its sandbox in this account and Region. The function then also gets the permission on the
   * recipients' identities that SES requires there.
   * @default false
   */
  readonly sesSandbox?: boolean;

  /**
   * Addresses that alarms are sent to, through an SNS topic that the stack makes. AWS asks each of them to confirm.
   * @default none: alarms are shown on the dashboard only
   */
  readonly alarmEmails?: readonly string[];

  /** Your own SNS topic for alarms, or its ARN. Its policy must allow CloudWatch to publish. @default none */
  readonly alarmTopic?: string | ITopic;

  /**
   * URL of the page where your people find the runbook, such as a copy of `docs/runbook.md`. Each alarm links to its
   * article there.
   * @default none: alarms name the title of the article
   */
  readonly runbookUrl?: string;

  /** An alarm is raised when the oldest waiting message is older than this, in minutes, 1 to 1,440. @default 15 */
  readonly oldestMessageMinutes?: number | Duration;

  /** An alarm is raised after so many hours without an upload, 1 to 168. @default none: no such alarm */
  readonly silenceHours?: number | Duration;

  /**
   * An alarm is raised when so many deletes are recorded within five minutes, 1 to 1,000,000. Deletes by a lifecycle rule
   * do not count.
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
