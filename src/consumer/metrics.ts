import { Metrics } from '@aws-lambda-powertools/metrics';
import { METRIC_NAMESPACE } from '../contract/metrics.ts';
import { toBatchDocument } from './batch-metrics.ts';
import { openBucketDimension } from './bucket-dimension.ts';
import type { BatchOutcome } from './handle-batch.ts';
import type { MetricDocument } from './metric-document.ts';
import { toEmf } from './to-emf.ts';
import { toUploadDocuments } from './upload-metrics.ts';

/** The way to CloudWatch: lines of EMF on standard output. */
export interface MetricsWriter {
  /** @param now Epoch milliseconds. */
  writeBatch(outcome: BatchOutcome, now: number): void;
  /** @param now Epoch milliseconds: the time of a document that has none of its own. */
  write(document: MetricDocument, now: number): void;
}

/**
 * Opens the way to CloudWatch, for as long as the execution environment lives.
 *
 * @param service The dimension by which ledgers of one account are told apart.
 */
export function openMetrics(service: string): MetricsWriter {
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: service });
  const bucketDimension = openBucketDimension();
  return {
    write: (document, now) => writeLines(metrics, [document], now),
    writeBatch: (outcome, now) =>
      writeLines(metrics, [...toUploadDocuments(outcome.stored, now, bucketDimension), toBatchDocument(outcome)], now),
  };
}

/** All documents in one write to standard output, where Powertools would write each by itself. One that cannot be written leaves those before it. */
function writeLines(metrics: Metrics, documents: readonly MetricDocument[], now: number): void {
  let lines = '';
  try {
    for (const document of documents) lines += `${JSON.stringify(toEmf(metrics, document, now))}\n`;
  } finally {
    if (lines !== '') process.stdout.write(lines);
  }
}
