import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Dashboard, IMetric, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { BATCH_METRICS } from '../src/contract/metrics.ts';
import { OUTPUTS, toDigestList } from '../src/contract/outputs.ts';
import { Consumer } from './consumer.ts';
import { DigestSchedules } from './email/digest-schedules.ts';
import { ownKey } from './encryption-key.ts';
import { grantRead, LedgerTable } from './ledger-table.ts';
import { LedgerMetrics, type UploadMetricProps } from './monitoring/ledger-metrics.ts';
import { LedgerMonitoring } from './monitoring/ledger-monitoring.ts';
import { physicalName, serviceNameOf } from './names.ts';
import { DeadLetterQueue, QUEUE_NAME_CHARACTERS, UploadQueue } from './queues.ts';
import { RecordedEvents } from './recorded-events.ts';
import { type Configuration, sendsEmail } from './settings/configuration.ts';
import { parseConfiguration } from './settings/parse-configuration.ts';
import { connectSources } from './sources/upload-sources.ts';
import type { UploadLedgerProps, UploadLedgerResources } from './upload-ledger-props.ts';

/**
 * Buckets whose every upload becomes a record in a table: queue, dead-letter queue, function, table, and what watches over them.
 *
 * It stands beside the uploads: whoever uploads never waits for it, and nothing in it can refuse an upload.
 */
export class UploadLedger extends Construct {
  /** Made for this ledger; undefined when it records buckets that are there. */
  readonly bucket: Bucket | undefined;
  /** Whose uploads are recorded, as far as the ledger knows: none behind a topic. */
  readonly buckets: readonly IBucket[];
  /** Where S3's notifications wait for the consumer. */
  readonly queue: Queue;
  /** What could not be recorded: at once when it cannot be read, after five receives otherwise. */
  readonly deadLetterQueue: Queue;
  readonly table: TableV2;
  readonly consumer: LambdaFunction;
  readonly dashboard: Dashboard;
  /** Value of the dimension `service` of this ledger's metrics, such as `UploadLedger/Uploads`; lines of its log carry it as well. */
  readonly serviceName: string;
  readonly #configuration: Configuration;
  readonly #encryptionKey: IKey | undefined;
  readonly #metrics: LedgerMetrics;

  /** @throws ConfigurationError with every fault of the props. */
  constructor(scope: Construct, id: string, props: UploadLedgerProps & UploadLedgerResources = {}) {
    super(scope, id);
    this.serviceName = serviceNameOf(this);
    const { buckets, topic, encryptionKey: givenKey, alarmTopic, recordedEvents, ...settings } = props;
    const configuration = parseConfiguration({ ...settings });
    this.#configuration = configuration;
    const { removalPolicy, customerKey, recordedEventsBus } = configuration;
    const encryptionKey = givenKey ?? (customerKey ? ownKey(this, 'Key', removalPolicy) : undefined);
    this.#encryptionKey = encryptionKey;
    const bus =
      recordedEvents ?? (recordedEventsBus && EventBus.fromEventBusName(this, 'RecordedEventsBus', recordedEventsBus));
    const queueName = physicalName(this, QUEUE_NAME_CHARACTERS, 'Queue');
    this.deadLetterQueue = new DeadLetterQueue(this, 'DeadLetterQueue', { sourceQueueName: queueName, encryptionKey });
    this.queue = new UploadQueue(this, 'Queue', {
      queueName,
      encryptionKey,
      deadLetterQueue: this.deadLetterQueue,
      timeoutSeconds: configuration.timeoutSeconds,
      batchWindowSeconds: configuration.batchWindowSeconds,
    });
    const sources = connectSources(this, {
      configuration,
      resources: { ...(buckets && { buckets }), ...(topic && { topic }) },
      queue: this.queue,
      deadLetterQueue: this.deadLetterQueue,
      encryptionKey,
    });
    this.buckets = sources.buckets;
    this.bucket = sources.ownBucket;
    this.table = new LedgerTable(this, 'Table', {
      removalPolicy,
      itemsExpire: configuration.retentionDays !== undefined || sendsEmail(configuration),
      contributorInsights: configuration.contributorInsights,
      stream: Boolean(bus),
      encryptionKey,
    });
    this.consumer = new Consumer(this, 'Consumer', {
      configuration,
      queue: this.queue,
      deadLetterQueue: this.deadLetterQueue,
      table: this.table,
      buckets: this.buckets,
      serviceName: this.serviceName,
      encryptionKey,
    }).function;
    if (bus) {
      const tableStreamArn = this.table.tableStreamArn ?? '';
      new RecordedEvents(this, 'RecordedEvents', { tableStreamArn, bus, encryptionKey });
    }
    this.#scheduleDigests();
    this.#metrics = new LedgerMetrics(this);
    this.dashboard = new LedgerMonitoring(this, 'Monitoring', {
      metrics: this.#metrics,
      configuration,
      alarmTopic,
    }).dashboard;
  }

  /** Lets `grantee` look records up: by object, by day, by uploader, or all of them. */
  grantRead(grantee: IGrantable): Grant {
    return grantRead(this.table, this.#encryptionKey, grantee);
  }

  /**
   * Names the ledger's resources in outputs of its stack, by which the command line finds them: `upload-ledger list --stack NAME`. For one
   * ledger of a stack.
   */
  addOutputs(): void {
    writeOutputs(this, this.#configuration);
  }

  #scheduleDigests(): void {
    const { digests = [] } = this.#configuration;
    if (digests.length === 0) return;
    const { queue, deadLetterQueue } = this;
    new DigestSchedules(this, 'Digests', { digests, queue, deadLetterQueue, encryptionKey: this.#encryptionKey });
  }

  /** Uploads recorded. A search, for dashboards only; alarms can watch {@link metricRecordsStored}. */
  metricUploads(props?: UploadMetricProps): IMetric {
    return this.#metrics.upload('uploadsRecorded', 'Sum', props, 'SUM');
  }

  /** Bytes recorded. A search, for dashboards only. */
  metricUploadBytes(props?: UploadMetricProps): IMetric {
    return this.#metrics.upload('uploadBytes', 'Sum', props, 'SUM');
  }

  /** Milliseconds from an upload to its record, of the slowest category. A search, for dashboards only. @param statistic Such as `p99`. */
  metricRecordingDelay(statistic: string, props?: UploadMetricProps): IMetric {
    return this.#metrics.upload('recordingDelay', statistic, props, 'MAX');
  }

  /** Records stored, of all buckets and categories. */
  metricRecordsStored(): Metric {
    return this.#metrics.count(BATCH_METRICS.recordsStored);
  }

  /** Messages in the dead-letter queue, those in flight among them. */
  metricDeadLetters(): IMetric {
    return this.#metrics.deadLetters();
  }

  /** Seconds that the oldest message has waited to be recorded. */
  metricOldestMessageAge(): Metric {
    return this.#metrics.oldestMessageAge();
  }
}

/** Stands where a bucket's name would: a ledger behind a topic does not know its buckets. No bucket can be called so. */
const UNKNOWN_BUCKET = '-';

/** Writes the outputs of the ledger's stack by which the command line finds its resources. */
export function writeOutputs(ledger: UploadLedger, configuration: Configuration): void {
  const stack = Stack.of(ledger);
  const write = (name: string, value: string, description: string) =>
    new CfnOutput(stack, name, { value, description });
  const [bucket] = ledger.buckets;
  write(OUTPUTS.bucketName, bucket?.bucketName ?? UNKNOWN_BUCKET, 'Bucket for uploads');
  write(OUTPUTS.tableName, ledger.table.tableName, 'Table of ledger records');
  write(OUTPUTS.queueUrl, ledger.queue.queueUrl, 'Queue of S3 notifications');
  write(OUTPUTS.deadLetterQueueUrl, ledger.deadLetterQueue.queueUrl, 'Queue of messages that were not recorded');
  write(OUTPUTS.functionName, ledger.consumer.functionName, 'Function that records uploads');
  write(OUTPUTS.indexShards, String(configuration.indexShards), 'Shards of both indexes');
  const { uploaderKeyTemplate: template, retentionDays } = configuration;
  if (template !== undefined) write(OUTPUTS.uploaderKeyTemplate, template, 'Key template of uploaders');
  if (retentionDays !== undefined) write(OUTPUTS.retentionDays, `${retentionDays}`, 'Days until records expire');
  const digests = (configuration.digests ?? []).map(({ name, timeZone = 'UTC' }) => ({ name, timeZone }));
  if (digests.length > 0) write(OUTPUTS.digests, toDigestList(digests), 'Digests and their time zones');
}
