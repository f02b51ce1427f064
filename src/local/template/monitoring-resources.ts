import { z } from 'zod';
import { errorMessage } from '../../shared/errors.ts';
import type { AlarmRule } from '../metrics/alarm-state.ts';
import { Evaluation, type MetricQuery } from '../metrics/evaluate.ts';
import { parseExpression, parseStatistic } from '../metrics/expression.ts';
import { isMeasured } from '../metrics/service-metrics.ts';
import { type DeclaredResource, TemplateError } from './document.ts';
import { readProperties, type TemplateResolver } from './resolver.ts';
import type { AlarmResource } from './resources.ts';

const DIMENSIONS = z.array(z.strictObject({ Name: z.string(), Value: z.string() })).default([]);

/** Units are for people: each metric has one. */
const METRIC_STAT = z.strictObject({
  Metric: z.strictObject({ Namespace: z.string(), MetricName: z.string(), Dimensions: DIMENSIONS }),
  Period: z.int(),
  Stat: z.string(),
  Unit: z.string().optional(),
});

/** Alarms that keep their state while data is missing are not known: the state is calculated from the metrics alone. */
const ALARM = z.strictObject({
  AlarmName: z.string().optional(),
  AlarmDescription: z.string().default(''),
  ComparisonOperator: z.enum([
    'GreaterThanThreshold',
    'GreaterThanOrEqualToThreshold',
    'LessThanThreshold',
    'LessThanOrEqualToThreshold',
  ]),
  EvaluationPeriods: z.int(),
  DatapointsToAlarm: z.int().optional(),
  Threshold: z.number(),
  TreatMissingData: z.enum(['breaching', 'notBreaching']),
  WarmUpConfiguration: z.strictObject({ WarmUpPeriodDurationInMinutes: z.int() }).optional(),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: DIMENSIONS,
  Statistic: z.string().optional(),
  ExtendedStatistic: z.string().optional(),
  Period: z.int().optional(),
  Metrics: z
    .array(
      z.strictObject({
        Id: z.string(),
        Expression: z.string().optional(),
        MetricStat: METRIC_STAT.optional(),
        Label: z.string().optional(),
        Period: z.int().optional(),
        ReturnData: z.boolean().default(true),
      }),
    )
    .optional(),
});

/** @throws TemplateError for an alarm that cannot be evaluated on this machine. */
export function toAlarm(resource: DeclaredResource, resolver: TemplateResolver): AlarmResource {
  const properties = readProperties(resource, resolver, ALARM);
  const { EvaluationPeriods: periods, WarmUpConfiguration: warmUp } = properties;
  const { name, arn } = resolver.identityOf(resource);
  const { logicalId } = resource;
  return {
    logicalId,
    name,
    arn,
    description: properties.AlarmDescription,
    queries: orTemplateError(logicalId, () => alarmQueries(properties)),
    operator: properties.ComparisonOperator,
    threshold: properties.Threshold,
    periods,
    periodsToAlarm: properties.DatapointsToAlarm ?? periods,
    missing: properties.TreatMissingData,
    ...(warmUp && { warmUpMinutes: warmUp.WarmUpPeriodDurationInMinutes }),
  };
}

function alarmQueries(properties: z.output<typeof ALARM>): AlarmRule['queries'] {
  const { Metrics, Namespace = '', MetricName = '', Dimensions, Period = 0 } = properties;
  if (Metrics === undefined) {
    const Stat = properties.Statistic ?? properties.ExtendedStatistic ?? '';
    return checkedQueries([statQuery({ Metric: { Namespace, MetricName, Dimensions }, Period, Stat })]);
  }
  const queries = Metrics.toSorted((a, b) => Number(b.ReturnData) - Number(a.ReturnData)).map((metric) => {
    const { Id: id, MetricStat, Expression: text = '', Period: period } = metric;
    if (MetricStat !== undefined) return { id, ...statQuery(MetricStat) };
    // CloudWatch gives an expression the period of its metrics.
    const periodSeconds = period ?? Metrics.find((other) => other.MetricStat)?.MetricStat?.Period ?? 0;
    return { id, periodSeconds, expression: parseExpression(text), text };
  });
  return checkedQueries(queries);
}

function statQuery({ Metric, Period: periodSeconds, Stat }: z.output<typeof METRIC_STAT>): MetricQuery {
  const dimensions = Object.fromEntries(Metric.Dimensions.map(({ Name, Value }) => [Name, Value]));
  const { Namespace: namespace, MetricName: name } = Metric;
  return { periodSeconds, metric: { namespace, name, dimensions, statistic: parseStatistic(Stat) } };
}

const NO_METRICS = { datapoints: () => [], list: () => [] };

/**
 * The queries of one alarm or widget, when all of them can be answered.
 *
 * @throws Error for a metric that nothing measures on this machine, and for an expression that cannot be evaluated.
 */
export function checkedQueries<Query extends MetricQuery>(queries: readonly Query[]): [Query, ...Query[]] {
  const [first, ...others] = queries;
  if (first === undefined) throw new Error('expected at least one metric');
  for (const query of queries) {
    if (!(query.periodSeconds >= 60 && query.periodSeconds % 60 === 0)) {
      throw new Error(`expected a period of whole minutes in seconds; got ${query.periodSeconds}`);
    }
    if ('metric' in query && !isMeasured(query.metric)) {
      const { namespace, name } = query.metric;
      throw new Error(`nothing measures the metric ${name} of ${namespace}`);
    }
    new Evaluation(NO_METRICS, queries, { from: 0, until: 0 }).seriesOf(query);
  }
  return [first, ...others];
}

/** @throws TemplateError for whatever `read` throws. */
export function orTemplateError<Result>(logicalId: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    throw new TemplateError(logicalId, `the local stack does not know this: ${errorMessage(error)}.`);
  }
}
