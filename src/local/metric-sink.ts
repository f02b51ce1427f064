import { Distribution, type Statistic } from './metric-sink-distribution.ts';
import { type MetricValues, readMetricLine } from './metric-sink-document.ts';

const MINUTE_MS = 60_000;
/** Minutes that a document's timestamp may lie in: 14 days back and 2 hours ahead. Older ones give way. */
const MOST_MINUTES = (14 * 24 + 2) * 60 + 1;
/** Each is a custom metric that CloudWatch would charge for: more of them are a mistake in the dimensions. */
const MOST_METRICS = 1000;
const MOST_VIOLATIONS_KEPT = 100;

/** A metric in CloudWatch's sense: another value of a dimension is another metric. */
export interface MetricIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface MetricQuery extends MetricIdentity {
  readonly statistic: Statistic;
  /** Whole minutes. @default 60 */
  readonly periodSeconds?: number;
}

export interface Datapoint {
  /** Start of the period, epoch milliseconds. */
  readonly at: number;
  readonly value: number;
}

export interface MetricSinkOptions {
  /** Epoch milliseconds. @default the system's clock */
  readonly now?: () => number;
  /** Called with each document that CloudWatch would not take. */
  readonly onViolation?: (violation: string) => void;
}

interface Series extends MetricIdentity {
  readonly unit: string;
  readonly minutes: Map<number, Distribution>;
}

/** CloudWatch's part: finds metric documents among the function's log lines, holds them to CloudWatch's rules, and answers. */
export class MetricSink {
  readonly #series = new Map<string, Series>();
  readonly #now: () => number;
  readonly #onViolation: (violation: string) => void;
  readonly #violations: string[] = [];
  #violationCount = 0;

  constructor({ now = Date.now, onViolation = () => undefined }: MetricSinkOptions = {}) {
    this.#now = now;
    this.#onViolation = onViolation;
  }

  /** Documents that CloudWatch would not have taken; anything but 0 is an error of the function. */
  get violationCount(): number {
    return this.#violationCount;
  }

  /** Why, for the latest of them. */
  get violations(): readonly string[] {
    return this.#violations;
  }

  /** @param line Anything that a function has written; what is no metric document is passed over. */
  take(line: string): void {
    const read = readMetricLine(line, this.#now());
    if ('violation' in read) this.#refuse(`${read.violation} In: ${line.slice(0, 200)}`);
    else for (const metric of read.metrics) this.#store(metric);
  }

  /** All metrics seen, with their units. */
  list(): (MetricIdentity & { readonly unit: string })[] {
    return [...this.#series.values()].map(({ namespace, name, dimensions, unit }) => ({
      namespace,
      name,
      dimensions,
      unit,
    }));
  }

  /** The statistic over all time, or undefined for a metric without values. Dimensions must be exactly the metric's. */
  total({ statistic, ...identity }: MetricIdentity & { readonly statistic: Statistic }): number | undefined {
    const all = this.#series.get(keyOf(identity))?.minutes.values();
    return all && merged(all).get(statistic);
  }

  /** The statistic of each period that has values, in order of time. */
  datapoints({ statistic, periodSeconds = 60, ...identity }: MetricQuery): Datapoint[] {
    const periods = new Map<number, Distribution[]>();
    for (const [minute, distribution] of this.#series.get(keyOf(identity))?.minutes ?? []) {
      const at = Math.floor(minute / (periodSeconds * 1000)) * periodSeconds * 1000;
      const distributions = periods.get(at);
      if (distributions === undefined) periods.set(at, [distribution]);
      else distributions.push(distribution);
    }
    return [...periods]
      .sort(([a], [b]) => a - b)
      .map(([at, distributions]) => ({ at, value: merged(distributions).get(statistic) }));
  }

  #store(metric: MetricValues): void {
    if (metric.values.length === 0) return;
    const series = this.#seriesOf(metric);
    if (series === undefined) {
      const lost = `${metric.name} of ${JSON.stringify(metric.dimensions)}`;
      this.#refuse(`More than ${MOST_METRICS} metrics: ${lost} is lost.`);
      return;
    }
    const minute = Math.floor(metric.timestamp / MINUTE_MS) * MINUTE_MS;
    let distribution = series.minutes.get(minute);
    if (distribution === undefined) {
      distribution = new Distribution();
      series.minutes.set(minute, distribution);
      if (series.minutes.size > MOST_MINUTES) series.minutes.delete(Math.min(...series.minutes.keys()));
    }
    for (const value of metric.values) distribution.add(value);
  }

  #seriesOf(metric: MetricValues): Series | undefined {
    const key = keyOf(metric);
    const known = this.#series.get(key);
    if (known !== undefined || this.#series.size >= MOST_METRICS) return known;
    const { namespace, name, dimensions, unit } = metric;
    const series = { namespace, name, dimensions, unit, minutes: new Map<number, Distribution>() };
    this.#series.set(key, series);
    return series;
  }

  #refuse(violation: string): void {
    this.#violationCount += 1;
    this.#violations.push(violation);
    if (this.#violations.length > MOST_VIOLATIONS_KEPT) this.#violations.shift();
    this.#onViolation(violation);
  }
}

/** Equal for equal metrics, whatever the order of their dimensions. */
function keyOf({ namespace, name, dimensions }: MetricIdentity): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function merged(distributions: Iterable<Distribution>): Distribution {
  const all = new Distribution();
  for (const distribution of distributions) all.merge(distribution);
  return all;
}
