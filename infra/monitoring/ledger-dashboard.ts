import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Color,
  Dashboard,
  GraphWidget,
  type GraphWidgetProps,
  type IMetric,
  type IWidget,
  MathExpression,
  PeriodOverride,
  SingleValueWidget,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { BATCH_METRICS, EMAIL_METRICS, METRIC_DIMENSIONS, RECORD_METRICS } from '../../src/contract/metrics.ts';
import { type Configuration, sendsEmail } from '../settings/configuration.ts';
import type { CountName, LedgerMetrics } from './ledger-metrics.ts';

interface LedgerDashboardProps {
  readonly metrics: LedgerMetrics;
  readonly alarms: readonly Alarm[];
  readonly configuration: Pick<Configuration, 'oldestMessageMinutes' | 'digests' | 'alerts'>;
}

const WIDTH = { third: 8, twoThirds: 16, full: 24 } as const;
const HEIGHT = { alarms: 3, values: 3, graph: 6 } as const;

/**
 * The first screen answers whether somebody must act, how many uploads there were and whether anything waits. Below it are
 * the details: what was recorded and how fast, what failed, and the load of function and table.
 *
 * It opens with the last three hours. A point is a minute for any range of time: CloudWatch's own choice of periods would
 * make more of "a minute".
 */
export class LedgerDashboard extends Dashboard {
  constructor(scope: Construct, id: string, { metrics, alarms, configuration }: LedgerDashboardProps) {
    super(scope, id, {
      defaultInterval: Duration.hours(3),
      periodOverride: PeriodOverride.INHERIT,
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: WIDTH.full, height: HEIGHT.alarms })],
        figures(metrics),
        flow(metrics, configuration.oldestMessageMinutes),
        records(metrics),
        failures(metrics),
        load(metrics),
        ...(sendsEmail(configuration) ? [emails(metrics)] : []),
      ],
    });
  }
}

/** How many, and is anything waiting: as numbers. */
function figures(metrics: LedgerMetrics): IWidget[] {
  const inRange = {
    Uploads: RECORD_METRICS.uploads,
    Deletes: RECORD_METRICS.deletes,
    Quarantined: BATCH_METRICS.messagesQuarantined,
  };
  return [
    new SingleValueWidget({
      title: 'In this time range',
      metrics: counts(metrics, inRange),
      setPeriodToTimeRange: true,
      width: WIDTH.third,
      height: HEIGHT.values,
    }),
    new SingleValueWidget({
      title: 'Now',
      metrics: [
        metrics.waiting().with({ label: 'Messages waiting or in work' }),
        metrics.oldestMessageAge().with({ label: 'Age of the oldest, s' }),
        metrics.deadLetters(),
      ],
      width: WIDTH.twoThirds,
      height: HEIGHT.values,
    }),
  ];
}

/** The same over time. */
function flow(metrics: LedgerMetrics, oldestMessageMinutes: number): IWidget[] {
  const threshold = { value: oldestMessageMinutes * 60, label: 'Alarm: uploads wait', color: Color.RED };
  return [
    graph('Uploads a minute', [byCategory(metrics, 'uploadsRecorded')], { stacked: true }),
    graph('Queue: messages', [metrics.waiting()]),
    graph('Queue: age of the oldest message, s', [metrics.oldestMessageAge()], { leftAnnotations: [threshold] }),
  ];
}

function records(metrics: LedgerMetrics): IWidget[] {
  const stored = {
    Uploads: RECORD_METRICS.uploads,
    Deletes: RECORD_METRICS.deletes,
    Expirations: RECORD_METRICS.expirations,
    Restores: RECORD_METRICS.restores,
    'Duplicates left out': BATCH_METRICS.duplicatesCollapsed,
  };
  return [
    graph('Bytes a minute', [byCategory(metrics, 'uploadBytes')], { stacked: true }),
    graph('Records a minute', counts(metrics, stored)),
    graph(
      'Delay of the slowest category, s',
      ['p50', 'p99'].map((statistic) => slowestDelay(metrics, statistic)),
    ),
  ];
}

function failures(metrics: LedgerMetrics): IWidget[] {
  const failed = { 'Came back': BATCH_METRICS.messagesFailed, Quarantined: BATCH_METRICS.messagesQuarantined };
  const refused = { 'Sent again': BATCH_METRICS.unprocessedRetries };
  return [
    graph('Messages that failed', [...counts(metrics, failed), metrics.deadLetters()]),
    graph('Function: errors and throttles', [
      metrics.errors().with({ label: 'Errors' }),
      metrics.throttles().with({ label: 'Throttles' }),
    ]),
    graph('Table: refused writes', [...Object.values(metrics.tableThrottles()), ...counts(metrics, refused)]),
  ];
}

function load(metrics: LedgerMetrics): IWidget[] {
  const { messagesReceived } = BATCH_METRICS;
  const durations = ['p50', 'p99'].map((statistic) => metrics.duration(statistic).with({ label: statistic }));
  return [
    graph('Function: duration, ms', durations),
    graph('Batches', [
      metrics.count(messagesReceived, Stats.SAMPLE_COUNT).with({ label: 'Batches a minute' }),
      metrics.count(messagesReceived, Stats.AVERAGE).with({ label: 'Messages a batch' }),
      metrics.concurrency().with({ label: 'Running at once' }),
    ]),
    graph('Queue: time to drain, s', [metrics.timeToDrain()]),
  ];
}

function emails(metrics: LedgerMetrics): IWidget[] {
  const { digestsSent, alertsSent, digestsFailed, alertsFailed, alertsHeldBack } = EMAIL_METRICS;
  const failed = { Digests: digestsFailed, Alerts: alertsFailed, 'Alerts held back': alertsHeldBack };
  return [
    graph('Emails sent', counts(metrics, { Digests: digestsSent, Alerts: alertsSent })),
    graph('Emails that failed or were held back', counts(metrics, failed)),
  ];
}

/** Each category with its sum in the legend. */
function byCategory(metrics: LedgerMetrics, name: 'uploadsRecorded' | 'uploadBytes'): IMetric {
  return metrics.upload(name, Stats.SUM, { label: `\${PROP('Dim.${METRIC_DIMENSIONS.category}')} \${SUM}` });
}

/** The metric is in milliseconds, which nobody reads during a backlog. */
function slowestDelay(metrics: LedgerMetrics, label: string): IMetric {
  const { expression, period } = metrics.upload('recordingDelay', label, {}, 'MAX');
  return new MathExpression({ expression: `${expression} / 1000`, label, usingMetrics: {}, period });
}

function counts(metrics: LedgerMetrics, names: Readonly<Record<string, CountName>>): IMetric[] {
  return Object.entries(names).map(([label, name]) => metrics.count(name).with({ label }));
}

function graph(title: string, left: readonly IMetric[], props: GraphWidgetProps = {}): IWidget {
  return new GraphWidget({
    title,
    left: [...left],
    leftYAxis: { min: 0, showUnits: false },
    width: WIDTH.third,
    height: HEIGHT.graph,
    ...props,
  });
}
