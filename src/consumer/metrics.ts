import { Metrics } from '@aws-lambda-powertools/metrics';
import { LIMITS } from '../contract/limits.ts';
import { BATCH_METRICS, METRIC_DIMENSIONS, METRIC_NAMESPACE, UPLOAD_METRICS } from '../contract/metrics.ts';
import { OTHER } from '../digest/summary/batch-summary.ts';
import { HOUR_MS, MINUTE_MS } from '../shared/time.ts';
import type { StoredRecord } from './batch-outcome.ts';
import type { BatchOutcome } from './handle-batch.ts';

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

/** One document of CloudWatch's embedded metric format, as far as it is ours. */
export interface MetricDocument {
  /** Epoch milliseconds. Default: when it is written. */
  readonly timestamp?: number;
  /** Beside `service`. */
  readonly dimensions: Readonly<Record<string, string>>;
  /** At most 100 values each (EMF specification). */
  readonly metrics: readonly Metric[];
}

export interface Metric {
  readonly name: string;
  readonly unit: 'Bytes' | 'Count' | 'Milliseconds';
  readonly values: readonly number[];
}

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

/** The metrics of a batch as a whole. Zeros are written too, so that alarms see a value and not missing data. */
export function toBatchDocument(outcome: BatchOutcome): MetricDocument {
  const counts: Record<keyof typeof BATCH_METRICS, number> = {
    messagesReceived: outcome.received,
    recordsStored: outcome.stored.length,
    messagesFailed: outcome.failed,
    messagesQuarantined: outcome.quarantined,
    duplicatesCollapsed: outcome.writes.duplicatesCollapsed,
    unprocessedRetries: outcome.writes.unprocessedRetries,
    testEvents: outcome.testEvents,
    eventsIgnored: outcome.eventsIgnored,
  };
  const names = Object.keys(counts) as (keyof typeof BATCH_METRICS)[];
  return {
    dimensions: {},
    metrics: names.map((name) => ({ name: BATCH_METRICS[name], unit: 'Count', values: [counts[name]] })),
  };
}

/**
 * What CloudWatch takes is 14 days back to 2 hours ahead (EMF specification); a document may lie in the log for a while before
 * it is read.
 */
const OLDEST = 14 * 24 * HOUR_MS - HOUR_MS;
const NEWEST = 2 * HOUR_MS - 10 * MINUTE_MS;
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
  return Math.floor((isTaken ? time : now) / MINUTE_MS) * MINUTE_MS;
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

/** Different bucket names that one execution environment reports by themselves. */
const BUCKETS = 50;

/** Names that S3 allows, or allowed before 2018. */
const BUCKET_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{2,254}$/;

/**
 * Gives the value of the metrics' bucket dimension.
 *
 * Each value is a custom metric with a price, and whoever can send to the queue can make up names: what is no bucket's name, and
 * every name after the first 50, counts under `(other)`.
 */
export function openBucketDimension(): (bucket: string) => string {
  const known = new Set<string>();
  return (bucket) => {
    if (known.has(bucket)) return bucket;
    if (known.size >= BUCKETS || !BUCKET_NAME.test(bucket)) return OTHER;
    known.add(bucket);
    return bucket;
  };
}
