import type { Dashboard, IMetric, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { BATCH_METRICS } from '../src/contract/metrics.ts';
import { Consumer } from './consumer.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import { LedgerTable } from './ledger-table.ts';
import { LedgerMetrics, type UploadMetricProps } from './monitoring/ledger-metrics.ts';
import { LedgerMonitoring } from './monitoring/ledger-monitoring.ts';
import { parseConfiguration } from './parse-configuration.ts';
import { physicalName } from './physical-name.ts';
import { UploadBucket } from './upload-bucket.ts';
import type { UploadLedgerProps } from './upload-ledger-props.ts';
import { QUEUE_NAME_CHARACTERS, UploadQueue } from './upload-queue.ts';

/**
 * A bucket whose every upload becomes a record in a table: bucket, queue, dead-letter queue, function and table.
 *
 * It stands beside the uploads: whoever uploads never waits for it, and nothing in it can refuse an upload.
 */
export class UploadLedger extends Construct {
  readonly bucket: Bucket;
  /** Where S3's notifications wait for the consumer. */
  readonly queue: Queue;
  /** What could not be recorded: at once when it cannot be read, after five receives otherwise. */
  readonly deadLetterQueue: Queue;
  readonly table: TableV2;
  readonly consumer: LambdaFunction;
  readonly dashboard: Dashboard;
  readonly #metrics: LedgerMetrics;

  /** @throws ConfigurationError with every fault of the props. */
  constructor(scope: Construct, id: string, props: UploadLedgerProps = {}) {
    super(scope, id);
    const configuration = parseConfiguration({ ...props });
    const { bucketName, prefix, suffix, events, removalPolicy } = configuration;
    const queueName = physicalName(this, QUEUE_NAME_CHARACTERS, 'Queue');
    this.deadLetterQueue = new DeadLetterQueue(this, 'DeadLetterQueue', { sourceQueueName: queueName });
    this.queue = new UploadQueue(this, 'Queue', {
      queueName,
      deadLetterQueue: this.deadLetterQueue,
      timeoutSeconds: configuration.timeoutSeconds,
      batchWindowSeconds: configuration.batchWindowSeconds,
    });
    this.bucket = new UploadBucket(this, 'Bucket', {
      queue: this.queue,
      events,
      removalPolicy,
      ...(bucketName !== undefined && { bucketName }),
      ...(prefix !== undefined && { prefix }),
      ...(suffix !== undefined && { suffix }),
    });
    this.table = new LedgerTable(this, 'Table', {
      removalPolicy,
      recordsExpire: configuration.retentionDays !== undefined,
    });
    this.consumer = new Consumer(this, 'Consumer', {
      configuration,
      queue: this.queue,
      deadLetterQueue: this.deadLetterQueue,
      table: this.table,
    }).function;
    this.#metrics = new LedgerMetrics(this);
    this.dashboard = new LedgerMonitoring(this, 'Monitoring', { metrics: this.#metrics, configuration }).dashboard;
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
