import { UploadLedgerError } from '../../shared/errors.ts';
import { SECOND_MS } from '../../shared/time.ts';
import { COMPARISONS, type Expression, type Operator, type Search, type Statistic } from './expression.ts';
import type { MetricIdentity } from './metric-document.ts';
import type { MetricSink } from './metric-sink.ts';

/** One line of a graph, or the one value of an alarm: a metric with its statistic, or an expression. */
export type MetricQuery = {
  /** How expressions of the same widget or alarm refer to it. */
  readonly id?: string;
  readonly periodSeconds: number;
} & (
  | { readonly metric: MetricIdentity & { readonly statistic: Statistic } }
  | { readonly expression: Expression; readonly text: string }
);

/** Where datapoints come from. */
export type MetricSource = Pick<MetricSink, 'datapoints' | 'list'>;

/** Epoch milliseconds, without the end. */
export interface TimeRange {
  readonly from: number;
  readonly until: number;
}

/** The datapoints of one metric or expression, by the start of their period in epoch milliseconds. */
export interface TimeSeries {
  readonly points: ReadonlyMap<number, number>;
  readonly periodSeconds: number;
  /** Of a metric that was found or named; an expression over several has none. */
  readonly metric?: MetricIdentity;
}

/** What an expression can give. */
type Value = number | TimeSeries | readonly TimeSeries[];

/**
 * Evaluates queries as CloudWatch does.
 *
 * A missing datapoint makes what is calculated from it missing: only SUM, AVG, MIN and MAX of several series leave it out,
 * and FILL puts a number in its place.
 *
 * Source: CloudWatch User Guide, "Using math expressions with CloudWatch metrics".
 */
export class Evaluation {
  readonly #source: MetricSource;
  readonly #queries: readonly MetricQuery[];
  readonly #range: TimeRange;

  /** @param queries All of a widget or an alarm: expressions refer to each other by their ids. */
  constructor(source: MetricSource, queries: readonly MetricQuery[], range: TimeRange) {
    this.#source = source;
    this.#queries = queries;
    this.#range = range;
  }

  /**
   * The series of one query; several when it is a search.
   *
   * @throws UploadLedgerError `unknown-expression` when it gives no time series.
   */
  seriesOf(query: MetricQuery): readonly TimeSeries[] {
    const value = this.#valueOf(query);
    if (typeof value === 'number') throw unknown('an expression that gives a time series', value);
    return isSeries(value) ? [value] : value;
  }

  #valueOf(query: MetricQuery): Value {
    const { periodSeconds } = query;
    if ('metric' in query) return this.#read(query.metric, query.metric.statistic, periodSeconds);
    return this.#evaluate(query.expression, periodSeconds);
  }

  #evaluate(expression: Expression, periodSeconds: number): Value {
    const evaluate = (inner: Expression) => this.#evaluate(inner, periodSeconds);
    switch (expression.kind) {
      case 'number':
        return expression.value;
      case 'reference':
        return this.#valueOf(this.#named(expression.id));
      case 'list':
        return expression.items.map((item) => oneSeries(evaluate(item)));
      case 'search':
        return this.#search(expression);
      case 'operation':
        return operate(expression.operator, evaluate(expression.left), evaluate(expression.right));
      case 'call':
        return this.#call(expression.name, expression.inputs.map(evaluate));
    }
  }

  #call(name: (Expression & { kind: 'call' })['name'], inputs: readonly Value[]): Value {
    const [first, second, third] = inputs;
    switch (name) {
      case 'PERIOD':
        return oneSeries(first).periodSeconds;
      case 'FILL':
        return this.#fill(oneSeries(first), second);
      case 'IF':
        return choose(oneSeries(first), second, third);
      default:
        return combine(AGGREGATES[name], first);
    }
  }

  #named(id: string): MetricQuery {
    const query = this.#queries.find((candidate) => candidate.id === id);
    if (query === undefined) throw unknown('the id of a metric beside the expression', id);
    return query;
  }

  #read(metric: MetricIdentity, statistic: Statistic, periodSeconds: number): TimeSeries {
    const { from, until } = this.#range;
    const { namespace, name, dimensions } = metric;
    const points = this.#source
      .datapoints({ namespace, name, dimensions, statistic, periodSeconds, since: from })
      .filter(({ at }) => at >= from && at < until);
    return { points: new Map(points.map(({ at, value }) => [at, value])), periodSeconds, metric };
  }

  /** Every metric with exactly these names of dimensions and, where one is given, its value. */
  #search({ namespace, dimensionNames, metricName, dimensions, statistic, periodSeconds }: Search): TimeSeries[] {
    const schema = dimensionNames.toSorted().join();
    return this.#source
      .list()
      .filter(
        (metric) =>
          metric.namespace === namespace &&
          metric.name === metricName &&
          Object.keys(metric.dimensions).sort().join() === schema &&
          Object.entries(dimensions).every(([name, value]) => metric.dimensions[name] === value),
      )
      .map((metric) => this.#read(metric, statistic, periodSeconds))
      .filter(({ points }) => points.size > 0);
  }

  #fill(series: TimeSeries, missing: Value | undefined): TimeSeries {
    if (typeof missing !== 'number') throw unknown('FILL with a number', missing);
    const points = new Map<number, number>();
    const step = series.periodSeconds * SECOND_MS;
    for (let at = Math.ceil(this.#range.from / step) * step; at < this.#range.until; at += step) {
      points.set(at, series.points.get(at) ?? missing);
    }
    return { ...series, points };
  }
}

const NO_SERIES: TimeSeries = { points: new Map(), periodSeconds: 0 };

export const AGGREGATES = {
  SUM: (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0),
  AVG: (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length,
  MAX: (values: readonly number[]) => Math.max(...values),
  MIN: (values: readonly number[]) => Math.min(...values),
};

const OPERATIONS: Readonly<Record<Operator, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '>': (left, right) => Number(left > right),
  '>=': (left, right) => Number(left >= right),
  '<': (left, right) => Number(left < right),
  '<=': (left, right) => Number(left <= right),
  '==': (left, right) => Number(left === right),
  '!=': (left, right) => Number(left !== right),
};

/** Of one series its total, a number; of several a series, at every time at which any of them has a datapoint. */
function combine(aggregate: (values: readonly number[]) => number, input: Value | undefined): Value {
  if (input === undefined || typeof input === 'number') throw unknown('a function of time series', input);
  if (isSeries(input)) return aggregate([...input.points.values()]);
  const times = new Set(input.flatMap(({ points }) => [...points.keys()]));
  const points = [...times]
    .sort((a, b) => a - b)
    .map((at): [number, number] => [at, aggregate(input.flatMap((series) => series.points.get(at) ?? []))]);
  return { points: new Map(points), periodSeconds: input[0]?.periodSeconds ?? 0 };
}

function operate(operator: Operator, left: Value, right: Value): Value {
  const apply = OPERATIONS[operator];
  if (typeof left === 'number' && typeof right === 'number') return apply(left, right);
  // What CloudWatch makes of a datapoint that only one of two compared series has, no template needs to know.
  if (COMPARISONS.includes(operator) && typeof left !== 'number' && typeof right !== 'number') {
    throw unknown('a series that is compared with a number', right);
  }
  const [one, other] = [left, right].map((side) => (typeof side === 'number' ? side : oneSeries(side)));
  const base = typeof one === 'object' ? one : oneSeries(other);
  return mapPoints(base, (at) => {
    const [first, second] = [valueAt(one, at), valueAt(other, at)];
    // What is divided by zero cannot be drawn.
    const result = first === undefined || second === undefined ? undefined : apply(first, second);
    return Number.isFinite(result) ? result : undefined;
  });
}

/** Where the condition has no datapoint, and where the chosen side has none or is left out, the result has none. */
function choose(condition: TimeSeries, yes: Value | undefined, no: Value = NO_SERIES): TimeSeries {
  const [chosen, other] = [yes, no].map((side) => (typeof side === 'number' ? side : oneSeries(side)));
  return mapPoints(condition, (at, value) => valueAt(value === 0 ? other : chosen, at));
}

function mapPoints(series: TimeSeries, map: (at: number, value: number) => number | undefined): TimeSeries {
  const points = [...series.points].flatMap(([at, value]): [number, number][] => {
    const mapped = map(at, value);
    return mapped === undefined ? [] : [[at, mapped]];
  });
  return { points: new Map(points), periodSeconds: series.periodSeconds };
}

function valueAt(value: number | TimeSeries | undefined, at: number): number | undefined {
  return typeof value === 'object' ? value.points.get(at) : value;
}

function oneSeries(value: Value | undefined): TimeSeries {
  if (value === undefined || typeof value === 'number' || !isSeries(value)) throw unknown('one time series', value);
  return value;
}

function isSeries(value: TimeSeries | readonly TimeSeries[]): value is TimeSeries {
  return 'points' in value;
}

function unknown(expected: string, got: unknown): UploadLedgerError {
  const what = Array.isArray(got) ? `${got.length} series` : typeof got === 'object' ? 'one series' : String(got);
  return new UploadLedgerError('unknown-expression', `expected ${expected}; got ${what}`);
}
