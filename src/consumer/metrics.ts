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
  const write = (document: MetricDocument) => emit(metrics, document);
  const writeBatch = (outcome: BatchOutcome, now: number) => {
    for (const document of toUploadDocuments(outcome.stored, now, bucketDimension)) write(document);
    write(toBatchDocument(outcome));
  };
  return { write, writeBatch };
}

/** Powertools keeps neither the timestamp nor the dimensions of a document once it is written: they are set for each. */
function emit(metrics: Metrics, { timestamp, dimensions, metrics: all }: MetricDocument): void {
  // What an earlier document left when it failed must not stand in this one.
  metrics.clearMetrics();
  metrics.clearDimensions();
  if (timestamp !== undefined) metrics.setTimestamp(timestamp);
  for (const [name, value] of Object.entries(dimensions)) metrics.addDimension(name, value);
  for (const { name, unit, values } of all) {
    for (const value of values) metrics.addMetric(name, unit, value);
  }
  metrics.publishStoredMetrics();
}
