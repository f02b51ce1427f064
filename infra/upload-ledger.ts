import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import type {
  Alarm,
  Dashboard,
  IMetric,
  MathExpression,
  MathExpressionOptions,
  Metric,
  MetricOptions,
} from 'aws-cdk-lib/aws-cloudwatch';
import { type ITableV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct, type IConstruct } from 'constructs';
import { BATCH_METRICS, RECORD_METRICS } from '../src/contract/metrics.ts';
import { Consumer } from './consumer.ts';
import { DigestSchedules } from './email/digest-schedules.ts';
import { ownKey } from './encryption-key.ts';
import { type Bus, EventPublisher } from './events/event-publisher.ts';
import { Webhooks } from './events/webhooks.ts';
import { grantOperate, grantRead } from './ledger-grants.ts';
import { addOutputs } from './ledger-outputs.ts';
import { LedgerTable } from './ledger-table.ts';
import { LedgerMetrics, type UploadMetricProps } from './monitoring/ledger-metrics.ts';
import { LedgerMonitoring } from './monitoring/ledger-monitoring.ts';
import { physicalName, serviceNameOf } from './names.ts';
import { DeadLetterQueue, QUEUE_NAME_CHARACTERS, UploadQueue } from './queues.ts';
import { type Configuration, publishesEvents } from './settings/configuration.ts';
import { assertSameEnvironment } from './settings/environment.ts';
import { parseProps } from './settings/parse-configuration.ts';
import { connectSources } from './sources/upload-sources.ts';
import type { UploadLedgerProps } from './upload-ledger-props.ts';

/** What programs need of a ledger that they do not make. */
export interface IUploadLedger extends IConstruct {
  readonly table: ITableV2 | TableV2;
  /** Allows `grantee` to search the records: by object, by day, by uploader, or all of them. */
  grantRead(grantee: IGrantable): Grant;
}

/**
 * Records every upload to one or several buckets in a table: queue, dead-letter queue, function, table, and their
 * monitoring.
 *
 * It runs beside the upload path. No upload waits for it, and nothing in it can refuse an upload.
 */
export class UploadLedger extends Construct implements IUploadLedger {
  /**
   * A ledger that another stack has made, by the name of its table: the output `TableName`.
   *
   * @param options `customerKey`: the key that the table is under, if it is under one of a customer.
   */
  static fromTableName(
    scope: Construct,
    id: string,
    tableName: string,
    options: { readonly customerKey?: IKey } = {},
  ): IUploadLedger {
    return new ImportedLedger(scope, id, tableName, options.customerKey);
  }

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
  /** Announces records on an event bus. Undefined without `recordedEventsBus`, `webhooks` and `alertTopic`. */
  readonly publisher: LambdaFunction | undefined;
  /** Made for this ledger; undefined without `webhooks` and `alertTopic`, and where `recordedEventsBus` is another one. */
  readonly eventBus: EventBus | undefined;
  /** Events that could not be delivered to a webhook or the alert topic. Undefined without `webhooks` and `alertTopic`. */
  readonly deliveriesQueue: Queue | undefined;
  /** In the order of the runbook; each can be given actions of its own. */
  readonly alarms: readonly Alarm[];
  /** Undefined when the setting `dashboard` is false. */
  readonly dashboard: Dashboard | undefined;
  /** Dimension `service` of this ledger's metrics and a field of its log lines, such as `UploadLedger/Uploads`. */
  readonly serviceName: string;
  readonly #configuration: Configuration;
  readonly #encryptionKey: IKey | undefined;
  readonly #metrics: LedgerMetrics;
  readonly #webhooks?: Webhooks;

  /** @throws ConfigurationError with everything that is wrong with the props. */
  constructor(scope: Construct, id: string, props: UploadLedgerProps = {}) {
    super(scope, id);
    const configuration = parseProps({ ...props }, this.node.path);
    assertSameEnvironment(this, configuration);
    const isKept = configuration.removalPolicy === 'retain';
    // What a failed first deployment has made is of no use to anybody.
    const removalPolicy = isKept ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
    const encryptionKey = keyOf(this, configuration, removalPolicy);
    this.eventBus = ownBusOf(this, configuration);
    const bus = this.eventBus ?? givenBusOf(this, configuration);

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
    const publisher = bus && new EventPublisher(this, 'Publisher', { ...shared, table, bus, serviceName });
    this.publisher = publisher?.function;
    const { webhooks = [] } = configuration;
    const alertTopic = alertTopicOf(this, configuration);
    const { tableArn } = table;
    const ledger = this.node.path;
    if (bus !== undefined && (webhooks.length > 0 || alertTopic !== undefined))
      this.#webhooks = new Webhooks(this, 'Webhooks', { webhooks, alertTopic, bus, tableArn, encryptionKey, ledger });
    this.deliveriesQueue = this.#webhooks?.deliveries;
    const { digests = [] } = configuration;
    if (digests.length > 0)
      new DigestSchedules(this, 'Digests', { digests, queue, deadLetterQueue, encryptionKey, consumer: this.consumer });

    const ruleNames = sources.events?.rules.map(({ ref }) => ref) ?? [];
    this.#metrics = new LedgerMetrics({ queue, deadLetterQueue, table, consumer: this.consumer, serviceName });
    const events = { ruleNames, publisher, webhooks: this.#webhooks };
    const monitoring = { metrics: this.#metrics, events, configuration, serviceName };
    const { alarms, dashboard } = new LedgerMonitoring(this, 'Monitoring', monitoring);
    this.alarms = alarms;
    this.dashboard = dashboard;
  }

  /** Allows `grantee` to search the records: by object, by day, by uploader, or all of them. */
  grantRead(grantee: IGrantable): Grant {
    return grantRead({ table: this.table, encryptionKey: this.#encryptionKey }, grantee);
  }

  /**
   * Allows `grantee` what operators do with the command line: to search, to look at, redrive and delete dead letters, to
   * backfill and to reconcile. Not what `doctor` and `attach` ask for beside that.
   */
  grantOperate(grantee: IGrantable): Grant {
    const { table, queue, deadLetterQueue, buckets } = this;
    const others = { webhooks: this.#webhooks, encryptionKey: this.#encryptionKey };
    const ledger = { table, queue, deadLetterQueue, buckets, ...others };
    return grantOperate(ledger, grantee, Stack.of(this));
  }

  /**
   * Writes the names of the ledger's resources into outputs of its stack, where the command line finds them
   * (`upload-ledger list --stack NAME`). For one ledger of a stack. In a nested stack, an output of the outermost one
   * says which name that is.
   *
   * @throws UploadLedgerError when the stack has outputs of a ledger already.
   */
  addOutputs(): void {
    addOutputs(this, this.#configuration, this.#webhooks);
  }

  /** Uploads recorded. A search, for dashboards only; alarms can watch {@link metricUploadsStored}. */
  metricUploads(options?: UploadMetricProps): IMetric {
    return this.#metrics.upload('uploadsRecorded', 'Sum', options, 'SUM');
  }

  /** Bytes recorded. A search, for dashboards only. */
  metricUploadBytes(options?: UploadMetricProps): IMetric {
    return this.#metrics.upload('uploadBytes', 'Sum', options, 'SUM');
  }

  /** Milliseconds from upload to record, of the slowest category. A search. @param statistic Such as `p99`. */
  metricRecordingDelay(statistic: string, options?: UploadMetricProps): IMetric {
    return this.#metrics.upload('recordingDelay', statistic, options, 'MAX');
  }

  /** Uploads recorded, of all buckets and categories, without deletes, expirations and restores. */
  metricUploadsStored(options?: MetricOptions): Metric {
    return this.#metrics.count(RECORD_METRICS.uploads).with(options ?? {});
  }

  /** Deletes by request that were recorded: of objects, of versions, and delete markers. */
  metricDeletesStored(options?: MetricOptions): Metric {
    return this.#metrics.count(RECORD_METRICS.deletes).with(options ?? {});
  }

  /** Records stored, of all buckets and categories: uploads, deletes, expirations and restores. */
  metricRecordsStored(options?: MetricOptions): Metric {
    return this.#metrics.count(BATCH_METRICS.recordsStored).with(options ?? {});
  }

  /** Messages that came back to the queue, because their records could not be stored. */
  metricMessagesFailed(options?: MetricOptions): Metric {
    return this.#metrics.count(BATCH_METRICS.messagesFailed).with(options ?? {});
  }

  /** Messages in the dead-letter queue, including those in flight. */
  metricDeadLetters(options?: MathExpressionOptions): MathExpression {
    return this.#metrics.deadLetters().with(options ?? {});
  }

  /** Seconds that the oldest message has waited to be recorded, whether or not it is being tried again. */
  metricOldestMessageAge(options?: MathExpressionOptions): MathExpression {
    return this.#metrics.oldestMessageAge(options?.period).with(options ?? {});
  }
}

/** A ledger of another stack or program, of which the table is known. */
class ImportedLedger extends Construct implements IUploadLedger {
  readonly table: ITableV2;
  readonly #encryptionKey: IKey | undefined;

  constructor(scope: Construct, id: string, tableName: string, encryptionKey: IKey | undefined) {
    super(scope, id);
    this.table = TableV2.fromTableName(this, 'Table', tableName);
    this.#encryptionKey = encryptionKey;
  }

  grantRead(grantee: IGrantable): Grant {
    return grantRead({ table: this.table, encryptionKey: this.#encryptionKey }, grantee);
  }
}

function keyOf(scope: Construct, { customerKey }: Configuration, removalPolicy: RemovalPolicy): IKey | undefined {
  if (typeof customerKey !== 'boolean') return customerKey;
  return customerKey ? ownKey(scope, 'Key', removalPolicy) : undefined;
}

function alertTopicOf(scope: Construct, { alertTopic: topic }: Configuration): ITopic | undefined {
  return typeof topic === 'string' ? Topic.fromTopicArn(scope, 'AlertTopic', topic) : topic;
}

/** Webhooks need one, and get one of the ledger's own where no other is given. */
function ownBusOf(scope: Construct, configuration: Configuration): EventBus | undefined {
  const isNeeded = configuration.recordedEventsBus === undefined && publishesEvents(configuration);
  return isNeeded ? new EventBus(scope, 'EventBus') : undefined;
}

function givenBusOf(scope: Construct, { recordedEventsBus: bus }: Configuration): Bus | undefined {
  return typeof bus === 'string' ? EventBus.fromEventBusName(scope, 'RecordedEventsBus', bus) : bus;
}
