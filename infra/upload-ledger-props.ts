import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Configuration } from './settings/configuration.ts';
import type { AlertProps, DigestProps } from './settings/email-settings.ts';
import type { UploadSource } from './settings/source.ts';

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

  /** Beginning of the keys that are recorded, not encoded. Behind a topic not with `suffix`. @default every key */
  readonly prefix?: string;

  /** End of the keys that are recorded, not encoded. @default every key */
  readonly suffix?: string;

  /**
   * What is recorded: S3 event types without the `s3:` prefix.
   * @default ObjectCreated:*, ObjectRemoved:*, LifecycleExpiration:*, ObjectRestore:Completed
   */
  readonly events?: Configuration['events'];

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
   * than an outage lasts: what is tried again heals itself, a dead letter needs a person. A message is received once in
   * the queue's visibility timeout, and at most 1,000 times: 51 hours at the default `timeoutSeconds`.
   * @default 24
   */
  readonly retryHours?: number | Duration;

  /**
   * Partitions of a day's or an uploader's records in the indexes, 1 to 100. Each takes 1,000 uploads a second; each
   * search queries all of them. Records keep the shard that they were written with: raise it, never lower it.
   * @default 8
   */
  readonly indexShards?: number;

  /** The part of a key that names the uploader, as `uploads/{uploader}/{*}`. @default none: the request's signer */
  readonly uploaderKeyTemplate?: string;

  /**
   * Whether the uploader is read from the object's metadata `x-amz-meta-uploader` when the key does not name one: one
   * HeadObject an upload, $0.40 a million. The client writes the metadata, unless the header is signed into the URL.
   * Metadata count only when they provably belong to the upload: of multipart uploads, in buckets with versions alone.
   * Not behind a topic.
   * @default false
   */
  readonly uploaderMetadata?: boolean;

  /** Days after which a record expires, counted from the upload. @default none: records are kept for ever */
  readonly retentionDays?: number | Duration;

  /**
   * Whether metrics of uploads are told apart by category. Each of the eight has three metrics for each bucket, $0.30 a
   * month each while it reports.
   * @default true
   */
  readonly metricsByCategory?: boolean;

  /** Whether there is a dashboard, $3 a month. @default true */
  readonly dashboard?: boolean;

  /** Lowest level of the function's log lines: DEBUG, INFO, WARN or ERROR. @default INFO */
  readonly logLevel?: Configuration['logLevel'];

  /** Days that the function's logs are kept. @default 90 */
  readonly logRetentionDays?: Configuration['logRetentionDays'] | RetentionDays | Duration;

  /** Whether X-Ray traces the function, $5 a million invocations traced. @default false */
  readonly tracing?: boolean;

  /** Whether DynamoDB counts the busiest keys of table and indexes (CloudWatch Contributor Insights). @default false */
  readonly contributorInsights?: boolean;

  /**
   * Whether table and queues are encrypted under a KMS key of the ledger's own instead of AWS's, or the key. Its policy
   * is extended to admit the senders to the queue. A key whose policy cannot be extended (imported, or managed by AWS)
   * is refused, because S3 could not use it.
   * @default false
   */
  readonly customerKey?: boolean | IKey;

  /** EventBridge bus, or its name, that gets an `UploadRecorded` event for each new record. @default none */
  readonly recordedEventsBus?: string | IEventBus;

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
   * Maximum number of alert emails in a minute, up to 1,000. One is reserved for each alert, so it is at least their
   * number; the rest is first come, first served. The next digest names those held back. SES's sandbox sends one email a second and 200 a day.
   * @default 10
   */
  readonly alertsPerMinute?: number;

  /**
   * Whether SES is in its sandbox in this account and Region. There the sender needs permission on the recipients'
   * identities too, and gets it.
   * @default false
   */
  readonly sesSandbox?: boolean;

  /**
   * Addresses that alarms are sent to, through a topic of the stack's own. AWS asks each of them to confirm.
   * @default none: alarms are seen on the dashboard only
   */
  readonly alarmEmails?: Configuration['alarmEmails'];

  /** Topic, or its ARN, for alarms instead of one of the stack's own. Its policy must admit CloudWatch. @default none */
  readonly alarmTopic?: string | ITopic;

  /**
   * URL of the page with the runbook, of which each alarm links the article: yours, or a copy of `docs/runbook.md`.
   * @default docs/runbook.md
   */
  readonly runbookUrl?: string;

  /** Age of the oldest waiting message, in minutes, from which an alarm is raised, 1 to 1,440. @default 15 */
  readonly oldestMessageMinutes?: number | Duration;

  /** Hours without an upload after which an alarm is raised, 1 to 168. @default none: silence is no alarm */
  readonly silenceHours?: number | Duration;

  /**
   * Deletes by request, recorded within five minutes, from which an alarm is raised, 1 to 1,000,000. Those of a
   * lifecycle rule do not count.
   * @default none: deletes are no alarm
   */
  readonly deletesPerFiveMinutes?: number;

  /**
   * What happens to bucket, table and logs when the stack is deleted: `retain` keeps them and protects the table from
   * deletion; `destroy` deletes them (the bucket only when it is empty).
   * @default retain
   */
  readonly removalPolicy?: Configuration['removalPolicy'] | RemovalPolicy;
}
