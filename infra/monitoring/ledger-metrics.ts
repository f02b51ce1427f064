import { Duration } from 'aws-cdk-lib';
import {
  type IMetric,
  MathExpression,
  type MathExpressionOptions,
  Metric,
  Stats,
  Unit,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import {
  type BATCH_METRICS,
  type EMAIL_METRICS,
  METRIC_DIMENSIONS,
  METRIC_NAMESPACE,
  type RECORD_METRICS,
  RETRY_METRICS,
  UPLOAD_METRICS,
} from '../../src/contract/metrics.ts';
import { TABLE } from '../../src/contract/table.ts';

/** Narrows an upload metric, and says how it is drawn. */
export interface UploadMetricProps extends MathExpressionOptions {
  /** Name of one bucket. @default all of them, added up */
  readonly bucketName?: string;
  /** One content category, such as `image`. @default all of them, added up */
  readonly category?: string;
}

export type CountName =
  | (typeof BATCH_METRICS)[keyof typeof BATCH_METRICS]
  | (typeof RECORD_METRICS)[keyof typeof RECORD_METRICS]
  | (typeof EMAIL_METRICS)[keyof typeof EMAIL_METRICS]
  | (typeof RETRY_METRICS)[keyof typeof RETRY_METRICS];

interface LedgerMetricsProps {
  readonly queue: IQueue;
  readonly deadLetterQueue: IQueue;
  readonly table: Pick<ITable, 'tableName'>;
  readonly consumer: IFunction;
  /** See `serviceNameOf`. */
  readonly serviceName: string;
}

const MINUTE = Duration.minutes(1);
const { service, bucket, category } = METRIC_DIMENSIONS;

/** The metrics of one ledger, for dashboard and alarms. */
export class LedgerMetrics {
  readonly #props: LedgerMetricsProps;

  constructor(props: LedgerMetricsProps) {
    this.#props = props;
  }

  /**
   * A metric of the uploads. It exists once for each bucket and category, so a search finds all of them and `combine`
   * adds them up. For dashboards: CloudWatch's alarms allow no searches.
   *
   * @param combine `SUM`, `MAX`, ...; without one the result is one series for each bucket and category.
   */
  upload(name: keyof typeof UPLOAD_METRICS, statistic: string, props: UploadMetricProps = {}, combine?: string) {
    const { bucketName, category: only, period = MINUTE, ...options } = props;
    const terms = [
      `{${METRIC_NAMESPACE},${bucket},${category},${service}}`,
      `MetricName="${UPLOAD_METRICS[name]}"`,
      `${service}="${this.#props.serviceName}"`,
      ...(bucketName === undefined ? [] : [`${bucket}="${bucketName}"`]),
      ...(only === undefined ? [] : [`${category}="${only}"`]),
    ];
    const search = `SEARCH('${terms.join(' ')}', '${statistic}', ${period.toSeconds()})`;
    return new MathExpression({
      expression: combine === undefined ? search : `${combine}(${search})`,
      label: combine === undefined ? `\${PROP('Dim.${category}')}` : UPLOAD_METRICS[name],
      usingMetrics: {},
      ...options,
      period,
    });
  }

  /** A metric of batches, records or emails. */
  count(name: CountName, statistic: string = Stats.SUM, period: Duration = MINUTE): Metric {
    const dimensionsMap = { [service]: this.#props.serviceName };
    return new Metric({ namespace: METRIC_NAMESPACE, metricName: name, dimensionsMap, statistic, period });
  }

  /** Messages in the uploads queue, including those in flight. */
  waiting(): MathExpression {
    return countOf(this.#props.queue, 'Waiting or in work');
  }

  /** Messages in the dead-letter queue, including those in flight. */
  deadLetters(): MathExpression {
    return countOf(this.#props.deadLetterQueue, 'Dead letters');
  }

  /**
   * Seconds that the oldest message has waited. SQS leaves out messages that were received three times or more, so the
   * function's own metric of what it tries again is needed too.
   *
   * Source: SQS developer guide, "Available CloudWatch metrics for Amazon SQS", `ApproximateAgeOfOldestMessage`.
   */
  oldestMessageAge(period: Duration = MINUTE): MathExpression {
    const [queue, retried] = idsOf(this.#props.queue, 'queue', 'retried');
    return new MathExpression({
      expression: `MAX([${queue}, ${retried}])`,
      label: 'Oldest message',
      usingMetrics: {
        [queue]: this.#props.queue.metricApproximateAgeOfOldestMessage({ period, statistic: Stats.MAXIMUM }),
        [retried]: this.count(RETRY_METRICS.oldestRetriedMessageAge, Stats.MAXIMUM, period),
      },
      period,
    });
  }

  /**
   * Seconds since the oldest dead letter came into the dead-letter queue, not since it was sent.
   *
   * Source: SQS developer guide, "Setting up dead-letter queue retention".
   */
  oldestDeadLetterAge(): Metric {
    return this.#props.deadLetterQueue.metricApproximateAgeOfOldestMessage({
      period: Duration.minutes(5),
      statistic: Stats.MAXIMUM,
    });
  }

  /**
   * Seconds until the queue is empty at the present rate, if nothing more arrives. No datapoint while nothing leaves the
   * queue: during an outage nobody can tell.
   */
  timeToDrain(): MathExpression {
    const { queue } = this.#props;
    const inQueue = messagesIn(queue);
    const [deleted] = idsOf(queue, 'deleted');
    return new MathExpression({
      expression: `IF(${deleted} > 0, (${inQueue.sum}) / (${deleted} / PERIOD(${deleted})))`,
      label: 'Time to drain',
      usingMetrics: {
        ...inQueue.metrics,
        [deleted]: queue.metricNumberOfMessagesDeleted({ period: MINUTE, statistic: Stats.SUM }),
      },
      period: MINUTE,
    });
  }

  errors(period: Duration = MINUTE): Metric {
    return this.#props.consumer.metricErrors({ period, statistic: Stats.SUM });
  }

  throttles(period: Duration = MINUTE): Metric {
    return this.#props.consumer.metricThrottles({ period, statistic: Stats.SUM });
  }

  duration(statistic: string): Metric {
    return this.#props.consumer.metricDuration({ period: MINUTE, statistic });
  }

  concurrency(): Metric {
    return this.#props.consumer.metric('ConcurrentExecutions', { period: MINUTE, statistic: Stats.MAXIMUM });
  }

  /** Writes that DynamoDB throttled. The table and each index have limits of their own. */
  tableThrottles(period: Duration = MINUTE): Readonly<Record<'table' | 'byDay' | 'byUploader', IMetric>> {
    const throttled = (label: string, index: Readonly<Record<string, string>> = {}) =>
      new Metric({
        namespace: 'AWS/DynamoDB',
        metricName: 'WriteThrottleEvents',
        dimensionsMap: { TableName: this.#props.table.tableName, ...index },
        statistic: Stats.SUM,
        unit: Unit.COUNT,
        label,
        period,
      });
    const ofIndex = (name: string) => throttled(name, { GlobalSecondaryIndexName: name });
    return {
      table: throttled('Table'),
      byDay: ofIndex(TABLE.byDay.indexName),
      byUploader: ofIndex(TABLE.byUploader.indexName),
    };
  }
}

/** Those that are visible and those in flight. */
function messagesIn(queue: IQueue) {
  const [visible, inFlight] = idsOf(queue, 'visible', 'inFlight');
  const metrics = {
    [visible]: queue.metricApproximateNumberOfMessagesVisible({ period: MINUTE, statistic: Stats.MAXIMUM }),
    [inFlight]: queue.metricApproximateNumberOfMessagesNotVisible({ period: MINUTE, statistic: Stats.MAXIMUM }),
  };
  return { sum: `${visible} + ${inFlight}`, metrics };
}

/** Messages in a queue, including those in flight. */
export function countOf(queue: IQueue, label: string): MathExpression {
  const { sum, metrics } = messagesIn(queue);
  return new MathExpression({ expression: sum, label, usingMetrics: metrics, period: MINUTE });
}

const ID_CHARACTERS = 8;

/** Names that no other queue's metrics have in the same graph, such as `visible_0a1b2c3d`. */
function idsOf<const Names extends readonly string[]>({ node }: IQueue, ...names: Names) {
  return names.map((name) => `${name}_${node.addr.slice(-ID_CHARACTERS)}`) as unknown as {
    [Index in keyof Names]: string;
  };
}
