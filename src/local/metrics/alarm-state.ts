import { MINUTE_MS, SECOND_MS } from '../../shared/time.ts';
import { Evaluation, type MetricQuery, type MetricSource } from './evaluate.ts';

type AlarmOperator =
  | 'GreaterThanThreshold'
  | 'GreaterThanOrEqualToThreshold'
  | 'LessThanThreshold'
  | 'LessThanOrEqualToThreshold';

/** When an alarm is raised. */
export interface AlarmRule {
  /** The first is what the alarm watches; expressions refer to the others. */
  readonly queries: readonly [MetricQuery, ...MetricQuery[]];
  readonly operator: AlarmOperator;
  readonly threshold: number;
  /** How many of the latest periods count. */
  readonly periods: number;
  /** How many of these must be beyond the threshold. */
  readonly periodsToAlarm: number;
  /** What a period without a datapoint counts as. */
  readonly missing: 'breaching' | 'notBreaching';
  /** Minutes after the alarm was made in which it is not evaluated. @default 0 */
  readonly warmUpMinutes?: number;
}

export type AlarmState = 'ALARM' | 'OK' | 'INSUFFICIENT_DATA';

const IS_BEYOND: Readonly<Record<AlarmOperator, (value: number, threshold: number) => boolean>> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/**
 * The alarm's state at a time, by the periods that are over.
 *
 * Source: CloudWatch User Guide, "Alarm evaluation" and "Configuring how CloudWatch alarms treat missing data".
 *
 * @param times Epoch milliseconds: when it is evaluated, and when it was made.
 */
export function alarmState(
  rule: AlarmRule,
  source: MetricSource,
  times: { readonly now: number; readonly madeAt: number },
): AlarmState {
  if (times.now < times.madeAt + (rule.warmUpMinutes ?? 0) * MINUTE_MS) return 'INSUFFICIENT_DATA';
  const [watched] = rule.queries;
  const period = watched.periodSeconds * SECOND_MS;
  const until = Math.floor(times.now / period) * period;
  const starts = Array.from({ length: rule.periods }, (_, index) => until - (index + 1) * period);
  const evaluation = new Evaluation(source, rule.queries, { from: until - rule.periods * period, until });
  const [series] = evaluation.seriesOf(watched);
  const beyond = starts.filter((start) => {
    const value = series?.points.get(start);
    return value === undefined ? rule.missing === 'breaching' : IS_BEYOND[rule.operator](value, rule.threshold);
  });
  return beyond.length >= rule.periodsToAlarm ? 'ALARM' : 'OK';
}
