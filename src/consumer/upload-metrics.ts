import { LIMITS } from '../contract/limits.ts';
import { METRIC_DIMENSIONS, UPLOAD_METRICS } from '../contract/metrics.ts';
import type { StoredRecord } from './batch-tally.ts';
import type { MetricDocument } from './metric-document.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/**
 * What CloudWatch takes is 14 days back to 2 hours ahead (EMF specification); a document may lie in the log for a while before
 * it is read.
 */
const OLDEST = 14 * 24 * HOUR - HOUR;
const NEWEST = 2 * HOUR - 10 * MINUTE;
const VALUES_A_DOCUMENT = LIMITS.cloudwatch.metricValues;

/**
 * The metrics of the uploads that a batch has stored: a document for each minute of the events, bucket and category, under that minute, so
 * that a backlog that is drained late still draws the true curve of uploads.
 *
 * Events that are too old or too far ahead for CloudWatch count at the time of the batch.
 *
 * @param now Epoch milliseconds.
 * @param bucketDimension See `openBucketDimension`.
 */
export function toUploadDocuments(
  stored: readonly StoredRecord[],
  now: number,
  bucketDimension: (bucket: string) => string,
): readonly MetricDocument[] {
  const groups = new Map<string, Group>();
  for (const one of stored) {
    const minute = toMetricMinute(one.record.timestamp, now);
    const bucket = bucketDimension(one.record.s3_bucket);
    const { category } = one.record;
    const key = `${minute} ${category} ${bucket}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { minute, bucket, category, stored: [one] });
    else group.stored.push(one);
  }
  return [...groups.values()].flatMap(toDocuments);
}

interface Group {
  readonly minute: number;
  readonly bucket: string;
  readonly category: string;
  readonly stored: StoredRecord[];
}

function toMetricMinute(timestamp: string, now: number): number {
  const time = Date.parse(timestamp);
  const isTaken = time >= now - OLDEST && time <= now + NEWEST;
  return Math.floor((isTaken ? time : now) / MINUTE) * MINUTE;
}

function toDocuments({ minute, bucket, category, stored }: Group): MetricDocument[] {
  const documents: MetricDocument[] = [];
  for (let start = 0; start < stored.length; start += VALUES_A_DOCUMENT) {
    documents.push({
      timestamp: minute,
      dimensions: { [METRIC_DIMENSIONS.bucket]: bucket, [METRIC_DIMENSIONS.category]: category },
      metrics: toMetrics(stored.slice(start, start + VALUES_A_DOCUMENT)),
    });
  }
  return documents;
}

function toMetrics(stored: readonly StoredRecord[]) {
  const bytes = stored.flatMap(({ record }) => record.filesize ?? []);
  return [
    { name: UPLOAD_METRICS.uploadsRecorded, unit: 'Count', values: [stored.length] },
    { name: UPLOAD_METRICS.uploadBytes, unit: 'Bytes', values: bytes },
    { name: UPLOAD_METRICS.recordingDelay, unit: 'Milliseconds', values: stored.map(({ delay }) => delay) },
  ] as const;
}
