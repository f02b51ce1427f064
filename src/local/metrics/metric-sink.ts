import { systemClock } from '../../shared/clock.ts';
import { MINUTE_MS, SECOND_MS } from '../../shared/time.ts';
import type { Statistic } from './expression.ts';
import { MAX_AGE_MS, MAX_AHEAD_MS, type MetricIdentity, type MetricValues, readMetricLine } from './metric-document.ts';

/** Minutes kept of each metric: all that a document's timestamp can be in. The oldest are dropped. */
const MAX_MINUTES = (MAX_AGE_MS + MAX_AHEAD_MS) / MINUTE_MS + 1;
/** Each is a custom metric that CloudWatch would charge for: more of them are a mistake in the dimensions. */
const MAX_METRICS = 1000;
const MAX_KEPT_VIOLATIONS = 100;
/** Distinct values kept exactly; more of them are rounded, so that any number of values takes bounded memory. */
const MAX_EXACT_VALUES = 1000;
const ROUNDED_DIGITS = 3;

interface MetricQuery extends MetricIdentity {
  readonly statistic: Statistic;
  /** Whole minutes. @default 60 */
  readonly periodSeconds?: number;
  /** Epoch milliseconds of the first minute that counts. @default all that are kept */
  readonly since?: number;
}

interface Datapoint {
  /** Start of the period, epoch milliseconds. */
  readonly at: number;
  readonly value: number;
}

interface Series extends MetricIdentity {
  readonly unit: string;
  readonly minutes: Map<number, Distribution>;
}

/**
 * Stands for CloudWatch metrics: finds metric documents in the function's log lines, checks them and answers queries.
 */
export class MetricSink {
  readonly #series = new Map<string, Series>();
  readonly #now: () => number;
  readonly #violations: string[] = [];
  #violationCount = 0;

  /** @param options `now` gives epoch milliseconds. @default the system's clock */
  constructor({ now = systemClock.now }: { readonly now?: () => number } = {}) {
    this.#now = now;
  }

  /** Documents that CloudWatch would not have taken; anything but 0 is an error of the function. */
  get violationCount(): number {
    return this.#violationCount;
  }

  /** Why, for the latest of them only. */
  get violations(): readonly string[] {
    return this.#violations;
  }

  /** @param line Any line of the function's output; one that is no metric document is ignored. */
  take(line: string): void {
    const read = readMetricLine(line, this.#now());
    if ('violation' in read) this.#refuse(`${read.violation} In: ${line.slice(0, 200)}`);
    else for (const metric of read.metrics) this.put(metric);
  }

  /** Stores values as they are: those of a document were checked before. */
  put(metric: MetricValues): void {
    if (metric.values.length === 0) return;
    const series = this.#seriesOf(metric);
    if (series === undefined) {
      const lost = `${metric.name} of ${JSON.stringify(metric.dimensions)}`;
      this.#refuse(`More than ${MAX_METRICS} metrics: ${lost} is lost.`);
      return;
    }
    const minute = Math.floor(metric.timestamp / MINUTE_MS) * MINUTE_MS;
    let distribution = series.minutes.get(minute);
    if (distribution === undefined) {
      distribution = new Distribution();
      series.minutes.set(minute, distribution);
      if (series.minutes.size > MAX_MINUTES) series.minutes.delete(Math.min(...series.minutes.keys()));
    }
    for (const value of metric.values) distribution.add(value);
  }

  /** All metrics seen, with their units. */
  list(): (MetricIdentity & { readonly unit: string })[] {
    return [...this.#series.values()].map(({ minutes: _, ...metric }) => metric);
  }

  /** The statistic over all time, or since a minute; undefined without values. Dimensions must be exactly the metric's. */
  total({ statistic, since, ...identity }: Omit<MetricQuery, 'periodSeconds'>): number | undefined {
    const all = this.#minutesOf(identity, since);
    return all.length === 0 ? undefined : merged(all.map(([, values]) => values)).get(statistic);
  }

  /** The statistic of each period that has values, in order of time. */
  datapoints({ statistic, periodSeconds = 60, since, ...identity }: MetricQuery): Datapoint[] {
    const minutes = this.#minutesOf(identity, since);
    const periodMs = periodSeconds * SECOND_MS;
    const periods = Map.groupBy(minutes, ([minute]) => Math.floor(minute / periodMs) * periodMs);
    return [...periods]
      .sort(([a], [b]) => a - b)
      .map(([at, entries]) => ({ at, value: merged(entries.map(([, values]) => values)).get(statistic) }));
  }

  #minutesOf(identity: MetricIdentity, since = 0): [number, Distribution][] {
    const minutes = this.#series.get(keyOf(identity))?.minutes ?? [];
    return [...minutes].filter(([minute]) => minute >= since);
  }

  #seriesOf(metric: MetricValues): Series | undefined {
    const key = keyOf(metric);
    const known = this.#series.get(key);
    if (known !== undefined || this.#series.size >= MAX_METRICS) return known;
    const { namespace, name, dimensions, unit } = metric;
    const series = { namespace, name, dimensions, unit, minutes: new Map<number, Distribution>() };
    this.#series.set(key, series);
    return series;
  }

  #refuse(violation: string): void {
    this.#violationCount += 1;
    this.#violations.push(violation);
    if (this.#violations.length > MAX_KEPT_VIOLATIONS) this.#violations.shift();
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

/** Many values of one metric: exact in sum, count and extremes; percentiles to three digits when values are many. */
export class Distribution {
  #sum = 0;
  #count = 0;
  #minimum = Number.POSITIVE_INFINITY;
  #maximum = Number.NEGATIVE_INFINITY;
  readonly #counts = new Map<number, number>();

  add(value: number): void {
    this.#sum += value;
    this.#count += 1;
    this.#minimum = Math.min(this.#minimum, value);
    this.#maximum = Math.max(this.#maximum, value);
    this.#keep(value, 1);
  }

  merge(other: Distribution): void {
    this.#sum += other.#sum;
    this.#count += other.#count;
    this.#minimum = Math.min(this.#minimum, other.#minimum);
    this.#maximum = Math.max(this.#maximum, other.#maximum);
    for (const [value, count] of other.#counts) this.#keep(value, count);
  }

  /** @throws RangeError for a percentile outside of 0 to 100. */
  get(statistic: Statistic): number {
    switch (statistic) {
      case 'Sum':
        return this.#sum;
      case 'SampleCount':
        return this.#count;
      case 'Average':
        return this.#sum / this.#count;
      case 'Minimum':
        return this.#minimum;
      case 'Maximum':
        return this.#maximum;
      default:
        return this.#percentile(Number(statistic.slice(1)));
    }
  }

  #keep(value: number, count: number): void {
    const isExact = this.#counts.has(value) || this.#counts.size < MAX_EXACT_VALUES;
    const kept = isExact ? value : Number(value.toPrecision(ROUNDED_DIGITS));
    this.#counts.set(kept, (this.#counts.get(kept) ?? 0) + count);
  }

  /** The least value that is not below so many percent of all (nearest rank). */
  #percentile(percent: number): number {
    if (!(percent >= 0 && percent <= 100))
      throw new RangeError(`Expected a percentile of p0 to p100, got p${percent}.`);
    const rank = Math.max(1, Math.ceil((percent / 100) * this.#count));
    let seen = 0;
    for (const [value, count] of [...this.#counts].sort(([a], [b]) => a - b)) {
      seen += count;
      // A rounded value may be outside of what was measured.
      if (seen >= rank) return Math.min(this.#maximum, Math.max(this.#minimum, value));
    }
    return this.#maximum;
  }
}
