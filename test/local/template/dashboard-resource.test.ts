import { describe, expect, it } from 'vitest';
import type { Widget } from '../../../src/local/template/resources.ts';
import { read } from './template-fixture.ts';

type Properties = Readonly<Record<string, unknown>>;

const METRIC = ['N', 'Uploads', 'service', 's', { stat: 'Sum', period: 60 }];

function widget(properties: Properties = {}, others: Properties = {}) {
  const drawn = { view: 'timeSeries', title: 'Uploads', region: 'eu-west-1', metrics: [METRIC], ...properties };
  return { type: 'metric', x: 0, y: 0, width: 8, height: 6, properties: drawn, ...others };
}

function dashboard(widgets: readonly unknown[], body: Properties = {}) {
  const DashboardBody = JSON.stringify({ start: '-PT3H', periodOverride: 'inherit', widgets, ...body });
  return { Type: 'AWS::CloudWatch::Dashboard', Properties: { DashboardBody } };
}

function alarm(properties: Properties = {}) {
  const Properties = {
    AlarmDescription: 'Uploads wait. More: runbook.md#uploads-wait',
    ComparisonOperator: 'GreaterThanThreshold',
    EvaluationPeriods: 1,
    Threshold: 5,
    TreatMissingData: 'notBreaching',
    Namespace: 'N',
    MetricName: 'Waiting',
    Statistic: 'Maximum',
    Period: 300,
    ...properties,
  };
  return { Type: 'AWS::CloudWatch::Alarm', Properties };
}

const readWidget = (properties: Properties): Widget | undefined =>
  read({ resources: { Page: dashboard([widget(properties)]) } }).dashboards[0]?.widgets[0];

describe('a dashboard', () => {
  it('is read with the range that it opens with, and its widgets in their places', () => {
    const { dashboards } = read({ resources: { Page: dashboard([widget({}, { x: 8, y: 3 })]) } });
    expect(dashboards).toMatchObject([
      { name: 'Page', rangeMs: 3 * 3_600_000, widgets: [{ kind: 'graph', title: 'Uploads', x: 8, y: 3, width: 8 }] },
    ]);
  });

  it('has metrics by namespace, name and dimensions', () => {
    expect(readWidget({ metrics: [['N', 'A', 'one', '1', 'two', '2', { stat: 'p99', period: 300 }]] })).toMatchObject({
      queries: [
        {
          periodSeconds: 300,
          isVisible: true,
          metric: { namespace: 'N', name: 'A', dimensions: { one: '1', two: '2' }, statistic: 'p99' },
        },
      ],
    });
  });

  it('gives a metric without options the period and the statistic that CloudWatch does', () => {
    expect(readWidget({ metrics: [['N', 'A']] })).toMatchObject({
      queries: [{ periodSeconds: 300, metric: { dimensions: {}, statistic: 'Average' } }],
    });
  });

  it('has expressions over metrics that are not drawn themselves', () => {
    const metrics = [[{ expression: 'a + 1', label: 'More' }], ['N', 'A', { id: 'a', visible: false, period: 60 }]];
    expect(readWidget({ metrics })).toMatchObject({
      queries: [
        { text: 'a + 1', isVisible: true },
        { id: 'a', isVisible: false },
      ],
    });
  });

  it('has horizontal lines', () => {
    const horizontal = [{ value: 900, label: 'Alarm', color: '#d62728', yAxis: 'left' }];
    expect(readWidget({ annotations: { horizontal } })).toMatchObject({
      lines: [{ value: 900, label: 'Alarm', colour: '#d62728' }],
    });
  });

  it('has widgets of one value: the latest, or that of the whole time range', () => {
    expect(readWidget({ view: 'singleValue' })).toMatchObject({ kind: 'values', isOfWholeRange: false });
    const whole = readWidget({ view: 'singleValue', setPeriodToTimeRange: true });
    expect(whole).toMatchObject({ kind: 'values', isOfWholeRange: true });
  });

  it('shows alarms of the template', () => {
    const alarms = [{ 'Fn::GetAtt': ['Wait', 'Arn'] }];
    const body = JSON.stringify({
      start: '-PT3H',
      periodOverride: 'inherit',
      widgets: [widget({}, { type: 'alarm', properties: { title: 'Alarms', alarms: ['ARN'] } })],
    });
    const [before = '', after = ''] = body.split('ARN');
    const DashboardBody = { 'Fn::Join': ['', [before, ...alarms, after]] };
    const { dashboards, alarms: declared } = read({
      resources: { Wait: alarm(), Page: { Type: 'AWS::CloudWatch::Dashboard', Properties: { DashboardBody } } },
    });
    expect(dashboards[0]?.widgets).toMatchObject([{ kind: 'alarms', alarmArns: [declared[0]?.arn] }]);
  });

  it.each<[what: string, widget: unknown, message: RegExp]>([
    ['a type of widget', widget({}, { type: 'log' }), /type/],
    ['a view', widget({ view: 'pie' }), /view/],
    ['an option', widget({ liveData: true }), /liveData/],
    ['a sparkline', widget({ view: 'singleValue', sparkline: true }), /sparkline/],
    ['a precision', widget({ view: 'singleValue', singleValueFullPrecision: true }), /singleValueFullPrecision/],
    ['a label of an axis', widget({ yAxis: { left: { min: 0, showUnits: false, label: 'Bytes' } } }), /label/],
    ['an option of a metric', widget({ metrics: [['N', 'A', { yAxis: 'right' }]] }), /widget "Uploads".*yAxis/s],
    ['an expression', widget({ metrics: [[{ expression: 'RATE(a)' }], ['N', 'A', { id: 'a' }]] }), /"Uploads".*RATE/],
    ['a reference', widget({ metrics: [[{ expression: 'a + b' }], ['N', 'A', { id: 'a' }]] }), /got b/],
    ['a label', widget({ metrics: [['N', 'A', { label: `\${STDDEV}` }]] }), /STDDEV/],
    ['a statistic', widget({ metrics: [['N', 'A', { stat: 'tm90' }]] }), /tm90/],
    ['a period', widget({ metrics: [['N', 'A', { period: 10 }]] }), /period/],
    ['a metric of AWS', widget({ metrics: [['AWS/SQS', 'SentMessageSize']] }), /SentMessageSize of AWS\/SQS/],
    [
      'an expression of the whole range',
      widget({
        view: 'singleValue',
        setPeriodToTimeRange: true,
        metrics: [[{ expression: 'FILL(a, 0)' }], ['N', 'A', { id: 'a' }]],
      }),
      /whole time range/,
    ],
  ])('is refused for %s that is not known', (_, unknown, message) => {
    expect(() => read({ resources: { Page: dashboard([unknown]) } })).toThrow(message);
  });

  it('is refused for an alarm that the template does not declare', () => {
    const shown = widget({}, { type: 'alarm', properties: { title: 'Alarms', alarms: ['arn:other'] } });
    expect(() => read({ resources: { Page: dashboard([shown]) } })).toThrow(/arn:other/);
  });

  it('is refused for a body that is not JSON, and for a start that is no number of hours', () => {
    const Properties = { DashboardBody: '{' };
    expect(() => read({ resources: { Page: { Type: 'AWS::CloudWatch::Dashboard', Properties } } })).toThrow(/JSON/);
    expect(() => read({ resources: { Page: dashboard([], { start: '-P1D' }) } })).toThrow(/start/);
  });

  it.each(['auto', undefined])('is refused where CloudWatch chooses the periods: periodOverride is %s', (override) => {
    const page = dashboard([widget()], { periodOverride: override });
    expect(() => read({ resources: { Page: page } })).toThrow(/periodOverride/);
  });
});

describe('an alarm', () => {
  it('is read with its metric, and told by its description', () => {
    const { alarms } = read({
      resources: { Wait: alarm({ WarmUpConfiguration: { WarmUpPeriodDurationInMinutes: 60 } }) },
    });
    expect(alarms).toMatchObject([
      {
        name: 'stack-wait',
        arn: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:stack-wait',
        description: expect.stringContaining('Uploads wait.'),
        threshold: 5,
        periods: 1,
        periodsToAlarm: 1,
        warmUpMinutes: 60,
        queries: [{ periodSeconds: 300, metric: { namespace: 'N', name: 'Waiting', statistic: 'Maximum' } }],
      },
    ]);
  });

  it('watches what its expression gives, wherever that is in the list', () => {
    const metric = { Namespace: 'N', MetricName: 'A', Dimensions: [{ Name: 'one', Value: '1' }] };
    const Metrics = [
      { Id: 'a', MetricStat: { Metric: metric, Period: 300, Stat: 'Sum' }, ReturnData: false },
      { Id: 'filled', Expression: 'FILL(a, 0)' },
    ];
    const { alarms } = read({ resources: { Wait: alarm({ Metrics, MetricName: undefined, Namespace: undefined }) } });
    expect(alarms[0]?.queries).toMatchObject([
      { id: 'filled', text: 'FILL(a, 0)', periodSeconds: 300 },
      { id: 'a', metric: { dimensions: { one: '1' } } },
    ]);
  });

  it.each<[what: string, properties: Properties, message: RegExp]>([
    ['a treatment of missing data', { TreatMissingData: 'ignore' }, /TreatMissingData/],
    ['an operator', { ComparisonOperator: 'GreaterThanUpperThreshold' }, /ComparisonOperator/],
    ['a property', { ThresholdMetricId: 'a' }, /ThresholdMetricId/],
    ['a metric of AWS', { Namespace: 'AWS/EC2', MetricName: 'CPUUtilization' }, /CPUUtilization of AWS\/EC2/],
    ['a statistic', { Statistic: undefined, ExtendedStatistic: 'tm90' }, /tm90/],
    ['an expression', { Metrics: [{ Id: 'e', Expression: 'ANOMALY_DETECTION_BAND(m)' }] }, /ANOMALY_DETECTION_BAND/],
  ])('is refused for %s that is not known', (_, properties, message) => {
    expect(() => read({ resources: { Wait: alarm(properties) } })).toThrow(message);
  });
});
