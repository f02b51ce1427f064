import { CfnOutput, Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { Alarm, Dashboard, IMetric, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { BATCH_METRICS, RECORD_METRICS } from '../src/contract/metrics.ts';
import { OUTPUTS, toDigestList, UNKNOWN_BUCKET } from '../src/contract/outputs.ts';
import { UploadLedgerError } from '../src/shared/errors.ts';
import { Consumer } from './consumer.ts';
import { DigestSchedules } from './email/digest-schedules.ts';
import { ownKey } from './encryption-key.ts';
import { grantRead, LedgerTable } from './ledger-table.ts';
import { LedgerMetrics, type UploadMetricProps } from './monitoring/ledger-metrics.ts';
import { LedgerMonitoring } from './monitoring/ledger-monitoring.ts';
import { physicalName, serviceNameOf } from './names.ts';
import { DeadLetterQueue, QUEUE_NAME_CHARACTERS, UploadQueue } from './queues.ts';
import { RecordedEvents } from './recorded-events.ts';
import type { Configuration } from './settings/configuration.ts';
import { assertSameEnvironment } from './settings/environment.ts';
import { parseProps } from './settings/parse-configuration.ts';
import { isTopic } from './settings/source.ts';
import { connectSources, filtersEvents } from './sources/upload-sources.ts';
import type { UploadLedgerProps } from './upload-ledger-props.ts';

/**
 * Records every upload to one or several buckets in a table: queue, dead-letter queue, function, table, and their
 * monitoring.
 *
 * It runs beside the upload path. No upload waits for it, and nothing in it can refuse an upload.
 */
export class UploadLedger extends Construct {
  /** Made for this ledger; undefined when it records existing buckets. */
  readonly bucket: Bucket | undefined;
  /** Whose uploads are recorded, as far as the ledger knows: none behind a topic. */
  readonly buckets: readonly IBucket[];
  /** S3's notifications, until the consumer has recorded them. */
  readonly queue: Queue;
  /** What could not be recorded: unreadable messages at once, all others after `retryHours`. */
  readonly deadLetterQueue: Queue;
  readonly table: TableV2;
  readonly consumer: LambdaFunction;
  /** In the order of the runbook; each can be given actions of its own. */
  readonly alarms: readonly Alarm[];
  /** Undefined when the setting `dashboard` is false. */
  readonly dashboard: Dashboard | undefined;
  /** Dimension `service` of this ledger's metrics and a field of its log lines, such as `UploadLedger/Uploads`. */
  readonly serviceName: string;
  readonly #configuration: Configuration;
  readonly #encryptionKey: IKey | undefined;
  readonly #metrics: LedgerMetrics;

  /** @throws ConfigurationError with everything that is wrong with the props. */
  constructor(scope: Construct, id: string, props: UploadLedgerProps = {}) {
    super(scope, id);
    const configuration = parseProps({ ...props }, this.node.path);
    assertSameEnvironment(this, configuration);
    const isKept = configuration.removalPolicy === 'retain';
    // What a failed first deployment has made is of no use to anybody.
    const removalPolicy = isKept ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
    const encryptionKey = keyOf(this, configuration, removalPolicy);
    const bus = busOf(this, configuration);

    this.serviceName = serviceNameOf(this);
    this.#configuration = configuration;
    this.#encryptionKey = encryptionKey;

    const queueName = physicalName(this, QUEUE_NAME_CHARACTERS, 'Queue');
    this.deadLetterQueue = new DeadLetterQueue(this, 'DeadLetterQueue', { sourceQueueName: queueName, encryptionKey });
    const { deadLetterQueue } = this;
    this.queue = new UploadQueue(this, 'Queue', { queueName, encryptionKey, deadLetterQueue, configuration });
    const { queue } = this;

    const shared = { configuration, queue, deadLetterQueue, encryptionKey, removalPolicy };
    const sources = connectSources(this, shared);
    this.buckets = sources.buckets;
    this.bucket = sources.ownBucket;

    this.table = new LedgerTable(this, 'Table', {
      removalPolicy: isKept ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      contributorInsights: configuration.contributorInsights,
      stream: bus !== undefined,
      encryptionKey,
    });

    const { table, buckets, serviceName } = this;
    this.consumer = new Consumer(this, 'Consumer', { ...shared, table, buckets, serviceName }).function;
    if (bus !== undefined) {
      const tableStreamArn = table.tableStreamArn ?? '';
      new RecordedEvents(this, 'RecordedEvents', { tableStreamArn, bus, encryptionKey });
    }
    const { digests = [] } = configuration;
    if (digests.length > 0)
      new DigestSchedules(this, 'Digests', { digests, queue, deadLetterQueue, encryptionKey, consumer: this.consumer });

    const ruleNames = sources.events?.rules.map(({ ref }) => ref) ?? [];
    this.#metrics = new LedgerMetrics({
      queue,
      deadLetterQueue,
      table,
      consumer: this.consumer,
      serviceName,
      ruleNames,
    });
    const monitoring = { metrics: this.#metrics, configuration };
    const { alarms, dashboard } = new LedgerMonitoring(this, 'Monitoring', monitoring);
    this.alarms = alarms;
    this.dashboard = dashboard;
  }

  /** Allows `grantee` to search the records: by object, by day, by uploader, or all of them. */
  grantRead(grantee: IGrantable): Grant {
    return grantRead(this.table, this.#encryptionKey, grantee);
  }

  /**
   * Writes the names of the ledger's resources into outputs of its stack, where the command line finds them
   * (`upload-ledger list --stack NAME`). For one ledger of a stack. In a nested stack, an output of the outermost one
   * says which name that is.
   *
   * @throws UploadLedgerError when the stack has outputs of a ledger already.
   */
  addOutputs(): void {
    const { indexShards, uploaderKeyTemplate: template, retentionDays, digests = [] } = this.#configuration;
    const stack = Stack.of(this);
    assertNoOutputs(stack, this);
    if (stack.nested) {
      const description = 'Name of the nested stack, for the option --stack';
      new CfnOutput(outermost(stack), `LedgerStack${Names.uniqueId(this)}`, { value: stack.stackName, description });
    }
    const write = (name: string, value: string, description: string) =>
      new CfnOutput(stack, name, { value, description });
    write(OUTPUTS.bucketName, this.buckets[0]?.bucketName ?? UNKNOWN_BUCKET, 'Bucket for uploads');
    write(OUTPUTS.tableName, this.table.tableName, 'Table of ledger records');
    write(OUTPUTS.queueUrl, this.queue.queueUrl, 'Queue of S3 notifications');
    write(OUTPUTS.deadLetterQueueUrl, this.deadLetterQueue.queueUrl, 'Queue of messages that were not recorded');
    write(OUTPUTS.functionName, this.consumer.functionName, 'Function that records uploads');
    write(OUTPUTS.serviceName, this.serviceName, 'Dimension "service" of the metrics');
    write(OUTPUTS.indexShards, String(indexShards), 'Shards of both indexes');
    const { source, prefix, suffix, events } = this.#configuration;
    // Outputs are ASCII.
    if (prefix !== undefined)
      write(OUTPUTS.keyPrefix, encodeURIComponent(prefix), 'Beginning of recorded keys, encoded');
    if (suffix !== undefined) write(OUTPUTS.keySuffix, encodeURIComponent(suffix), 'End of recorded keys, encoded');
    // Behind a topic without a filter, its owner decides what arrives.
    if (!isTopic(source) || filtersEvents(events)) write(OUTPUTS.eventTypes, events.join(','), 'Recorded event types');
    if (template !== undefined) write(OUTPUTS.uploaderKeyTemplate, template, 'Key template of uploaders');
    if (retentionDays !== undefined) write(OUTPUTS.retentionDays, `${retentionDays}`, 'Days until records expire');
    const listed = digests.map(({ name, timeZone = 'UTC' }) => ({ name, timeZone }));
    if (listed.length > 0) write(OUTPUTS.digests, toDigestList(listed), 'Digests and their time zones');
  }

  /** Uploads recorded. A search, for dashboards only; alarms can watch {@link metricUploadsStored}. */
  metricUploads(props?: UploadMetricProps): IMetric {
    return this.#metrics.upload('uploadsRecorded', 'Sum', props, 'SUM');
  }

  /** Bytes recorded. A search, for dashboards only. */
  metricUploadBytes(props?: UploadMetricProps): IMetric {
    return this.#metrics.upload('uploadBytes', 'Sum', props, 'SUM');
  }

  /** Milliseconds from upload to record, of the slowest category. A search. @param statistic Such as `p99`. */
  metricRecordingDelay(statistic: string, props?: UploadMetricProps): IMetric {
    return this.#metrics.upload('recordingDelay', statistic, props, 'MAX');
  }

  /** Uploads recorded, of all buckets and categories, without deletes, expirations and restores. */
  metricUploadsStored(): Metric {
    return this.#metrics.count(RECORD_METRICS.uploads);
  }

  /** Deletes by request that were recorded: of objects, of versions, and delete markers. */
  metricDeletesStored(): Metric {
    return this.#metrics.count(RECORD_METRICS.deletes);
  }

  /** Records stored, of all buckets and categories: uploads, deletes, expirations and restores. */
  metricRecordsStored(): Metric {
    return this.#metrics.count(BATCH_METRICS.recordsStored);
  }

  /** Messages in the dead-letter queue, including those in flight. */
  metricDeadLetters(): IMetric {
    return this.#metrics.deadLetters();
  }

  /** Seconds that the oldest message has waited to be recorded, whether or not it is being tried again. */
  metricOldestMessageAge(): IMetric {
    return this.#metrics.oldestMessageAge();
  }
}

function assertNoOutputs(stack: Stack, ledger: UploadLedger): void {
  const taken = Object.values(OUTPUTS).find((name) => stack.node.tryFindChild(name) !== undefined);
  if (taken === undefined) return;
  const why = `stack "${stack.node.path}" has an output or construct ${taken} already, and the command line finds one ledger in a stack`;
  throw new UploadLedgerError(
    'outputs-taken',
    `Expected no outputs of another ledger beside those of "${ledger.node.path}": ${why}. Give the ledger a stack of its own.`,
  );
}

function outermost(stack: Stack): Stack {
  return stack.nestedStackParent === undefined ? stack : outermost(stack.nestedStackParent);
}

function keyOf(scope: Construct, { customerKey }: Configuration, removalPolicy: RemovalPolicy): IKey | undefined {
  if (typeof customerKey !== 'boolean') return customerKey;
  return customerKey ? ownKey(scope, 'Key', removalPolicy) : undefined;
}

function busOf(scope: Construct, { recordedEventsBus: bus }: Configuration): IEventBus | undefined {
  return typeof bus === 'string' ? EventBus.fromEventBusName(scope, 'RecordedEventsBus', bus) : bus;
}
