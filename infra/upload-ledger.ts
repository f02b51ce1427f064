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
import type { Configuration } from './configuration.ts';
import { Consumer } from './consumer.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { DigestSchedules } from './email/digest-schedules.ts';
import { sendsEmail } from './email/sends-email.ts';
import { ownKey } from './encryption-key.ts';
import { grantRead } from './grant-read.ts';
import { writeOutputs } from './ledger-outputs.ts';
import { LedgerTable } from './ledger-table.ts';
import { LedgerMetrics, type UploadMetricProps } from './monitoring/ledger-metrics.ts';
import { LedgerMonitoring } from './monitoring/ledger-monitoring.ts';
import { parseConfiguration } from './parse-configuration.ts';
import { physicalName } from './physical-name.ts';
import { RecordedEvents } from './recorded-events.ts';
import { serviceNameOf } from './service-name.ts';
import { connectSources } from './sources/upload-sources.ts';
import type { UploadLedgerProps } from './upload-ledger-props.ts';
import type { UploadLedgerResources } from './upload-ledger-resources.ts';
import { QUEUE_NAME_CHARACTERS, UploadQueue } from './upload-queue.ts';

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
