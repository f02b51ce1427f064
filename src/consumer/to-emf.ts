import type { Metrics } from '@aws-lambda-powertools/metrics';
import type { Metric, MetricDocument } from './metric-document.ts';

/**
 * The document as Powertools writes it, as a line of the log says it (CloudWatch: "Specification: Embedded metric format"). Metrics
 * without values are left out.
 *
 * Powertools is given the first value of each metric, and the others are put in their place: it copies all values of a metric whenever
 * one is added.
 *
 * @param now Epoch milliseconds.
 * @throws TypeError for a value that is no finite number: CloudWatch would drop the whole document in silence.
 */
export function toEmf(powertools: Metrics, { timestamp, dimensions, metrics }: MetricDocument, now: number): object {
  // Powertools keeps dimensions and metrics from one document to the next.
  powertools.clearMetrics();
  powertools.clearDimensions();
  powertools.setTimestamp(timestamp ?? now);
  for (const [name, value] of Object.entries(dimensions)) powertools.addDimension(name, value);
  const severalValues: Record<string, readonly number[]> = {};
  for (const metric of metrics) {
    const { name, unit, values } = metric;
    const [first] = values;
    if (first === undefined) continue;
    checkValues(metric);
    powertools.addMetric(name, unit, first);
    if (values.length > 1) severalValues[name] = values;
  }
  return { ...powertools.serializeMetrics(), ...severalValues };
}

function checkValues({ name, values }: Metric): void {
  for (const value of values) {
    if (!Number.isFinite(value)) throw new TypeError(`Expected a finite number as a value of ${name}; got ${value}.`);
  }
}
