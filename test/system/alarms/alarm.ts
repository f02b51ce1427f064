import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../../../src/local/identity.ts';
import type { Statistic } from '../../../src/local/metrics/metric-sink.ts';
import { readTemplateDocument } from '../../../src/local/template/document.ts';
import { TemplateResolver } from '../../../src/local/template/resolver.ts';

/** One metric that an alarm looks at. */
export interface AlarmMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: Statistic;
}

/** An alarm as the template declares it. */
export interface DeclaredAlarm {
  /** As in the runbook's anchor, such as `dead-letters-waiting`. */
  readonly article: string;
  /** By the name that the expression uses. */
  readonly metrics: Readonly<Record<string, AlarmMetric>>;
  /** @default the only metric */
  readonly expression?: string;
  readonly periodSeconds: number;
  readonly periods: number;
  readonly periodsToAlarm: number;
  readonly threshold: number;
  readonly operator: string;
  readonly missing: string;
}

interface MetricProperties {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
}

interface AlarmProperties extends Partial<MetricProperties> {
  readonly AlarmDescription: string;
  readonly ComparisonOperator: string;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly Threshold: number;
  readonly TreatMissingData?: string;
  readonly Statistic?: Statistic;
  readonly Period?: number;
  readonly Metrics?: readonly {
    readonly Id: string;
    readonly Expression?: string;
    readonly MetricStat?: { readonly Metric: MetricProperties; readonly Period: number; readonly Stat: Statistic };
  }[];
}

/** Every alarm of the assembly's stack, with names as the local stack gives them. */
export function declaredAlarms(assemblyDirectory: string): DeclaredAlarm[] {
  const { stackName, resources } = readTemplateDocument(assemblyDirectory);
  const place = { stackName, region: LOCAL_REGION, accountId: LOCAL_ACCOUNT_ID, endpoint: 'http://127.0.0.1:1' };
  const resolver = new TemplateResolver(resources, place);
  return [...resources.values()]
    .filter(({ type }) => type === 'AWS::CloudWatch::Alarm')
    .map(({ logicalId, properties }) => toAlarm(resolver.resolve(properties, logicalId) as AlarmProperties));
}

function toAlarm(properties: AlarmProperties): DeclaredAlarm {
  const { EvaluationPeriods, DatapointsToAlarm, Threshold, ComparisonOperator, TreatMissingData } = properties;
  return {
    article: /#([a-z-]+)$/.exec(properties.AlarmDescription)?.[1] ?? '',
    periods: EvaluationPeriods,
    periodsToAlarm: DatapointsToAlarm ?? EvaluationPeriods,
    threshold: Threshold,
    operator: ComparisonOperator,
    missing: TreatMissingData ?? 'missing',
    ...(properties.Metrics === undefined ? oneMetric(properties) : severalMetrics(properties.Metrics)),
  };
}

function oneMetric(properties: AlarmProperties) {
  const metric = toMetric(properties as MetricProperties, properties.Statistic ?? 'Sum');
  return { metrics: { metric }, periodSeconds: properties.Period ?? 0 };
}

function severalMetrics(metrics: NonNullable<AlarmProperties['Metrics']>) {
  const stats = metrics.flatMap(({ Id, MetricStat }) => (MetricStat === undefined ? [] : [{ Id, ...MetricStat }]));
  const [expression] = metrics.flatMap(({ Expression }) => Expression ?? []);
  return {
    metrics: Object.fromEntries(stats.map(({ Id, Metric, Stat }) => [Id, toMetric(Metric, Stat)])),
    periodSeconds: stats[0]?.Period ?? 0,
    ...(expression !== undefined && { expression }),
  };
}

function toMetric({ Namespace, MetricName, Dimensions }: MetricProperties, statistic: Statistic): AlarmMetric {
  const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]));
  return { namespace: Namespace, name: MetricName, dimensions, statistic };
}
