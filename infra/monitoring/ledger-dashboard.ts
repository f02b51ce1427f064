import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type GraphWidgetProps,
  type IMetric,
  type IWidget,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { BATCH_METRICS, EMAIL_METRICS, RECORD_METRICS } from '../../src/contract/metrics.ts';
import type { CountName, LedgerMetrics } from './ledger-metrics.ts';

interface LedgerDashboardProps {
  readonly metrics: LedgerMetrics;
  readonly alarms: readonly Alarm[];
}

const WIDTH = { third: 8, half: 12, full: 24 } as const;
const HEIGHT = 6;

/**
 * One page in the order of the flow: what arrives, waits, is recorded, fails; the load of function and table; what is
 * sent. It opens with the last three hours, one point a minute.
 */
export class LedgerDashboard extends Dashboard {
  constructor(scope: Construct, id: string, { metrics, alarms }: LedgerDashboardProps) {
    super(scope, id, {
      defaultInterval: Duration.hours(3),
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: WIDTH.full, height: 3 })],
        uploads(metrics),
        queue(metrics),
        batches(metrics),
        failures(metrics),
        resources(metrics),
        emails(metrics),
      ],
    });
  }
}

function uploads(metrics: LedgerMetrics): IWidget[] {
  return [
    graph('Uploads a minute', [metrics.upload('uploadsRecorded', Stats.SUM)], { stacked: true }),
    graph('Bytes a minute', [metrics.upload('uploadBytes', Stats.SUM)], { stacked: true }),
    graph(
      'Delay of the slowest category, ms',
      ['p50', 'p99'].map((statistic) =>
        metrics.upload('recordingDelay', statistic, {}, 'MAX').with({ label: statistic }),
      ),
    ),
  ];
}

function queue(metrics: LedgerMetrics): IWidget[] {
  return [
    graph('Queue: messages', [metrics.waiting()]),
    graph('Queue: age of the oldest message, s', [metrics.oldestMessageAge()]),
    graph('Queue: time to drain, s', [metrics.timeToDrain()]),
  ];
}

function batches(metrics: LedgerMetrics): IWidget[] {
  const { messagesReceived, duplicatesCollapsed, unprocessedRetries } = BATCH_METRICS;
  return [
    graph('Batches a minute', [metrics.count(messagesReceived, Stats.SAMPLE_COUNT).with({ label: 'Batches' })]),
    graph('Size of batches, messages', [
      metrics.count(messagesReceived, Stats.AVERAGE).with({ label: 'Average' }),
      metrics.count(messagesReceived, Stats.MAXIMUM).with({ label: 'Maximum' }),
    ]),
    graph('Records', counts(metrics, [...Object.values(RECORD_METRICS), duplicatesCollapsed, unprocessedRetries])),
  ];
}

function failures(metrics: LedgerMetrics): IWidget[] {
  const { messagesFailed, messagesQuarantined } = BATCH_METRICS;
  return [
    graph('Messages that came back', [metrics.count(messagesFailed)]),
    graph('Quarantined', [metrics.count(messagesQuarantined)]),
    graph('Dead-letter queue: messages', [metrics.deadLetters()]),
  ];
}

function resources(metrics: LedgerMetrics): IWidget[] {
  const durations = ['p50', 'p99'].map((statistic) => metrics.duration(statistic).with({ label: statistic }));
  return [
    graph('Function: errors, throttles, concurrency', [metrics.errors(), metrics.throttles(), metrics.concurrency()]),
    graph('Function: duration, ms', durations),
    graph('Table: refused writes', Object.values(metrics.tableThrottles())),
  ];
}

function emails(metrics: LedgerMetrics): IWidget[] {
  const { digestsSent, alertsSent, digestsFailed, alertsFailed, alertsHeldBack } = EMAIL_METRICS;
  const failed = counts(metrics, [digestsFailed, alertsFailed, alertsHeldBack]);
  return [
    graph('Emails sent', counts(metrics, [digestsSent, alertsSent]), { width: WIDTH.half }),
    graph('Emails that failed or were held back', failed, { width: WIDTH.half }),
  ];
}

function counts(metrics: LedgerMetrics, names: readonly CountName[]): IMetric[] {
  return names.map((name) => metrics.count(name));
}

function graph(title: string, left: readonly IMetric[], props: GraphWidgetProps = {}): IWidget {
  return new GraphWidget({
    title,
    left: [...left],
    leftYAxis: { min: 0, showUnits: false },
    width: WIDTH.third,
    height: HEIGHT,
    ...props,
  });
}
