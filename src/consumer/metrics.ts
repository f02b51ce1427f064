import { LIMITS } from '../contract/limits.ts';
import {
  ALL_CATEGORIES,
  BATCH_METRICS,
  METRIC_DIMENSIONS,
  METRIC_NAMESPACE,
  RECORD_METRICS,
  RETRY_METRICS,
  UPLOAD_METRICS,
} from '../contract/metrics.ts';
import { OTHER } from '../digest/summary/batch-summary.ts';
import type { LedgerRecord } from '../ledger/record.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../shared/time.ts';
import type { BatchOutcome, StoredRecord } from './handle-batch.ts';

/** One document of CloudWatch's embedded metric format (EMF), without what all of them share. */
export interface MetricDocument {
  /** Epoch milliseconds. Default: when it is written. */
  readonly timestamp?: number;
  /** Beside `service`. */
  readonly dimensions: Readonly<Record<string, string>>;
  readonly metrics: readonly Metric[];
}

interface Metric {
  readonly name: string;
  readonly unit: 'Bytes' | 'Count' | 'Milliseconds' | 'Seconds';
  /** At most 100 (EMF specification). A metric without values is left out. */
  readonly values: readonly number[];
}

export interface MetricsOptions {
  /** What lines and metrics call this ledger: the dimension that tells apart the ledgers of one account. */
  readonly serviceName: string;
  /** See {@link BucketDimension}. */
  readonly bucketNames: readonly string[];
  /** Whether uploads are told apart by category: each is a metric with a price. @default true */
  readonly metricsByCategory?: boolean;
}

/** Prints metrics as EMF on standard output, from where Lambda sends them to CloudWatch. */
export class MetricsWriter {
  readonly #service: string;
  /** Lives as long as the execution environment. */
  readonly #buckets: BucketDimension;
  readonly #byCategory: boolean;

  constructor({ serviceName, bucketNames, metricsByCategory = true }: MetricsOptions) {
    this.#service = serviceName;
    this.#buckets = new BucketDimension(bucketNames);
    this.#byCategory = metricsByCategory;
  }

  /** @param now Epoch milliseconds. */
  writeBatch(outcome: BatchOutcome, now: number): void {
    const uploads = toUploadDocuments(outcome.stored, now, this.#buckets, this.#byCategory);
    this.write([...uploads, toBatchDocument(outcome, now)], now);
  }

  /**
   * Writes all documents at once. One that cannot be written leaves those before it.
   *
   * @param now Epoch milliseconds: the time of documents that have none of their own.
   * @throws {TypeError} see {@link toEmf}.
   */
  write(documents: readonly MetricDocument[], now: number): void {
    let lines = '';
    try {
      for (const document of documents) lines += `${JSON.stringify(toEmf(this.#service, document, now))}\n`;
    } finally {
      if (lines !== '') process.stdout.write(lines);
    }
  }
}

/**
 * The document as the log line says it. Source: CloudWatch, "Specification: Embedded metric format".
 *
 * @throws {TypeError} for a value that is no finite number: CloudWatch would drop the whole document silently.
 */
export function toEmf(service: string, { timestamp, dimensions, metrics }: MetricDocument, now: number): object {
  const allDimensions = { [METRIC_DIMENSIONS.service]: service, ...dimensions };
  const present = metrics.filter(({ values }) => values.length > 0);
  return {
    _aws: {
      Timestamp: timestamp ?? now,
      CloudWatchMetrics: [
        {
          Namespace: METRIC_NAMESPACE,
          Dimensions: [Object.keys(allDimensions)],
          Metrics: present.map(({ name, unit }) => ({ Name: name, Unit: unit })),
        },
      ],
    },
    ...allDimensions,
    ...Object.fromEntries(present.map((metric) => [metric.name, checkedValues(metric)])),
  };
}

function checkedValues({ name, values }: Metric): number | readonly number[] | undefined {
  for (const value of values) {
    if (!Number.isFinite(value)) throw new TypeError(`Expected a finite number as a value of ${name}; got ${value}.`);
  }
  return values.length === 1 ? values[0] : values;
}

/** The metrics of a batch as a whole. Zeros are written too, so that alarms see a value and not missing data. */
function toBatchDocument(outcome: BatchOutcome, now: number): MetricDocument {
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
    metrics: [
      ...names.map((name) => ({ name: BATCH_METRICS[name], unit: 'Count', values: [counts[name]] }) as const),
      ...toRecordMetrics(outcome.stored),
      { name: RETRY_METRICS.oldestRetriedMessageAge, unit: 'Seconds', values: retriedAges(outcome, now) },
    ],
  };
}

/** No value where nothing is retried: a metric costs only in the hours in which it reports. */
function retriedAges({ oldestRetriedSentAt: sentAt }: BatchOutcome, now: number): number[] {
  return sentAt === undefined ? [] : [Math.max(0, Math.round((now - sentAt) / SECOND_MS))];
}

/** Only of what there was: each metric has a price for the hours in which it is reported. */
function toRecordMetrics(stored: readonly StoredRecord[]): readonly Metric[] {
  const counts = { uploads: 0, deletes: 0, expirations: 0, restores: 0 };
  for (const { record } of stored) counts[kindOf(record)] += 1;
  const kinds = Object.keys(counts) as (keyof typeof RECORD_METRICS)[];
  return kinds
    .filter((kind) => counts[kind] > 0)
    .map((kind) => ({ name: RECORD_METRICS[kind], unit: 'Count', values: [counts[kind]] }));
}

function kindOf({ status, event_name }: LedgerRecord): keyof typeof RECORD_METRICS {
  if (status === 'uploaded') return 'uploads';
  if (status === 'restored') return 'restores';
  return event_name.startsWith('LifecycleExpiration:') ? 'expirations' : 'deletes';
}

/**
 * What CloudWatch takes is 14 days back to 2 hours ahead (EMF specification); a document may lie in the log for a while
 * before it is read.
 */
const MAX_AGE_MS = 14 * 24 * HOUR_MS - HOUR_MS;
const MAX_AHEAD_MS = 2 * HOUR_MS - 10 * MINUTE_MS;

interface UploadGroup {
  readonly minute: number;
  readonly bucket: string;
  readonly category: string;
  readonly stored: StoredRecord[];
}

/**
 * The metrics of the uploads, and of nothing else, that a batch has stored: documents for each minute of the events, bucket and category,
 * under that minute, so that a backlog that is drained late still draws the true curve of uploads.
 *
 * Events that are too old or too far ahead for CloudWatch count at the time of the batch.
 *
 * @param now Epoch milliseconds.
 */
export function toUploadDocuments(
  stored: readonly StoredRecord[],
  now: number,
  buckets: BucketDimension,
  byCategory = true,
): readonly MetricDocument[] {
  const groups = new Map<string, UploadGroup>();
  for (const one of stored) {
    if (one.record.status !== 'uploaded') continue;
    const minute = toMetricMinute(one.record.timestamp, now);
    const bucket = buckets.valueFor(one.record.s3_bucket);
    const category = byCategory ? one.record.category : ALL_CATEGORIES;
    const key = `${minute} ${category} ${bucket}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { minute, bucket, category, stored: [one] });
    else group.stored.push(one);
  }
  return [...groups.values()].flatMap(toGroupDocuments);
}

function toMetricMinute(timestamp: string, now: number): number {
  const time = Date.parse(timestamp);
  const isAccepted = time >= now - MAX_AGE_MS && time <= now + MAX_AHEAD_MS;
  return Math.floor((isAccepted ? time : now) / MINUTE_MS) * MINUTE_MS;
}

function toGroupDocuments({ minute, bucket, category, stored }: UploadGroup): MetricDocument[] {
  const max = LIMITS.cloudwatch.metricValues;
  const documents: MetricDocument[] = [];
  for (let start = 0; start < stored.length; start += max) {
    documents.push({
      timestamp: minute,
      dimensions: { [METRIC_DIMENSIONS.bucket]: bucket, [METRIC_DIMENSIONS.category]: category },
      metrics: toUploadMetrics(stored.slice(start, start + max)),
    });
  }
  return documents;
}

function toUploadMetrics(stored: readonly StoredRecord[]): readonly Metric[] {
  const bytes = stored.flatMap(({ record }) => record.filesize ?? []);
  return [
    { name: UPLOAD_METRICS.uploadsRecorded, unit: 'Count', values: [stored.length] },
    { name: UPLOAD_METRICS.uploadBytes, unit: 'Bytes', values: bytes },
    { name: UPLOAD_METRICS.recordingDelay, unit: 'Milliseconds', values: stored.map(({ delay }) => delay) },
  ];
}

/** Different names that one execution environment reports separately when it does not know its buckets. */
const MAX_BUCKETS = 50;

/** Names that S3 allows, or allowed before 2018. */
const BUCKET_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{2,254}$/;

/**
 * Caps the cardinality of the `bucket` dimension: each value is a metric with a price, and everybody who can send to
 * the queue can make up names. The configured buckets keep their names, and all others count as `(other)`.
 *
 * Where no bucket is known, behind a topic, each environment takes the first 50 that look like names of buckets.
 */
export class BucketDimension {
  readonly #known: Set<string>;
  readonly #isComplete: boolean;

  /** @param configured Names of the stack's buckets, as far as it knows them. */
  constructor(configured: readonly string[] = []) {
    this.#known = new Set(configured);
    this.#isComplete = configured.length > 0;
  }

  valueFor(bucket: string): string {
    if (this.#known.has(bucket)) return bucket;
    if (this.#isComplete || this.#known.size >= MAX_BUCKETS || !BUCKET_NAME.test(bucket)) return OTHER;
    this.#known.add(bucket);
    return bucket;
  }
}
