import type { MetricSink } from '../../../src/local/metrics/metric-sink.ts';
import type { DeclaredAlarm } from './alarm.ts';

type Values = Readonly<Record<string, number | undefined>>;

/**
 * The alarm's state at a time, evaluated with its own metrics, statistic, periods and threshold.
 *
 * Source: CloudWatch user guide, "Alarm evaluation" and "Configuring how CloudWatch alarms treat missing data".
 *
 * @param at Epoch milliseconds: the end of the last evaluated period, or any time before the next one is over.
 */
export function alarmState(alarm: DeclaredAlarm, sink: Pick<MetricSink, 'datapoints'>, at: number): 'ALARM' | 'OK' {
  const period = alarm.periodSeconds * 1000;
  const end = Math.floor(at / period) * period;
  const starts = Array.from({ length: alarm.periods }, (_, index) => end - (index + 1) * period);
  const breaching = starts.filter((start) => isBreaching(alarm, valueAt(alarm, sink, start)));
  return breaching.length >= alarm.periodsToAlarm ? 'ALARM' : 'OK';
}

function valueAt(alarm: DeclaredAlarm, sink: Pick<MetricSink, 'datapoints'>, start: number): number | undefined {
  const values: Values = Object.fromEntries(
    Object.entries(alarm.metrics).map(([id, metric]) => {
      const points = sink.datapoints({ ...metric, periodSeconds: alarm.periodSeconds });
      return [id, points.find(({ at }) => at === start)?.value];
    }),
  );
  return alarm.expression === undefined ? values.metric : evaluate(alarm.expression, values);
}

/** Evaluates the kinds of expressions that the alarms use. @throws TypeError for any other. */
function evaluate(expression: string, values: Values): number | undefined {
  if (/^FILL\(\w+, 0\)( \+ FILL\(\w+, 0\))*$/.test(expression)) {
    return [...expression.matchAll(/\((\w+),/g)].reduce((sum, [, id = '']) => sum + (values[id] ?? 0), 0);
  }
  const [, name, listed] = /^(SUM|MAX)\(\[([\w, ]+)\]\)$/.exec(expression) ?? [];
  const isList = listed !== undefined;
  if (!isList && !/^\w+( \+ \w+)*$/.test(expression)) throw new TypeError(`Expected a sum; got ${expression}.`);
  const operands = (listed ?? expression).split(isList ? ', ' : ' + ').map((id) => values[id]);
  const known = operands.filter((value) => value !== undefined);
  // SUM and MAX ignore missing operands; with +, a missing operand makes the result missing.
  const isMissing = isList ? known.length === 0 : known.length < operands.length;
  if (isMissing) return undefined;
  return name === 'MAX' ? Math.max(...known) : known.reduce((sum, value) => sum + value, 0);
}

function isBreaching({ operator, threshold, missing }: DeclaredAlarm, value: number | undefined): boolean {
  if (value === undefined) return missing === 'breaching';
  switch (operator) {
    case 'GreaterThanThreshold':
      return value > threshold;
    case 'LessThanThreshold':
      return value < threshold;
    default:
      throw new TypeError(`Expected an operator that this evaluation knows; got ${operator}.`);
  }
}
