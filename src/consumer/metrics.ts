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
  const bucketDimension = openBucketDimension();
  return {
    write: (document, now) => writeLines([document], service, now),
    writeBatch: (outcome, now) =>
      writeLines([...toUploadDocuments(outcome.stored, now, bucketDimension), toBatchDocument(outcome)], service, now),
  };
}

/** All documents in one write to standard output. One that cannot be written leaves those before it. */
function writeLines(documents: readonly MetricDocument[], service: string, now: number): void {
  let lines = '';
  try {
    for (const document of documents) lines += `${JSON.stringify(toEmf(document, service, now))}\n`;
  } finally {
    if (lines !== '') process.stdout.write(lines);
  }
}
