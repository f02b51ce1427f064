import { Metrics } from '@aws-lambda-powertools/metrics';
import { METRIC_NAMESPACE, METRIC_SERVICE } from '../contract/metrics.ts';
import { toBatchDocument } from './batch-metrics.ts';
import { openBucketDimension } from './bucket-dimension.ts';
import type { BatchOutcome } from './handle-batch.ts';
import type { MetricDocument } from './metric-document.ts';
import { toUploadDocuments } from './upload-metrics.ts';

/** The way to CloudWatch: lines of EMF on standard output. */
export interface MetricsWriter {
  /** @param now Epoch milliseconds. */
  writeBatch(outcome: BatchOutcome, now: number): void;
  write(document: MetricDocument): void;
}

/** Opens the way to CloudWatch, for as long as the execution environment lives. */
export function openMetrics(): MetricsWriter {
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: METRIC_SERVICE });
  const bucketDimension = openBucketDimension();
  return {
    write: (document) => writeLines(metrics, [document]),
    writeBatch: (outcome, now) =>
      writeLines(metrics, [...toUploadDocuments(outcome.stored, now, bucketDimension), toBatchDocument(outcome)]),
  };
}

/** All documents in one write to standard output, where Powertools would write each by itself. */
function writeLines(metrics: Metrics, documents: readonly MetricDocument[]): void {
  let lines = '';
  try {
    for (const document of documents) lines += `${JSON.stringify(toEmf(metrics, document))}\n`;
  } finally {
    if (lines !== '') process.stdout.write(lines);
  }
}

/**
 * The document as Powertools writes it. It is given the first value of each metric, and the others are put in their place: it copies
 * all values of a metric whenever one is added.
 */
function toEmf(metrics: Metrics, { timestamp, dimensions, metrics: all }: MetricDocument): object {
  // Powertools keeps timestamp, dimensions and metrics from one document to the next.
  metrics.clearMetrics();
  metrics.clearDimensions();
  if (timestamp !== undefined) metrics.setTimestamp(timestamp);
  for (const [name, value] of Object.entries(dimensions)) metrics.addDimension(name, value);
  const severalValues: Record<string, readonly number[]> = {};
  for (const { name, unit, values } of all) {
    const [first] = values;
    if (first !== undefined) metrics.addMetric(name, unit, first);
    if (values.length > 1) severalValues[name] = values;
  }
  return { ...metrics.serializeMetrics(), ...severalValues };
}
