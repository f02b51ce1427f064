import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { METRIC_DIMENSIONS, METRIC_NAMESPACE, RETRY_METRICS } from '../contract/metrics.ts';
import type { QueueTimes } from '../dead-letters/on-their-way.ts';
import { MINUTE_MS, SECOND_MS } from '../shared/time.ts';
import type { OpenLedger } from './connection.ts';

const PERIOD_MS = 5 * MINUTE_MS;

/** CloudWatch shows metrics some minutes late, SQS's and those in logs alike. */
const METRICS_LATE_MS = 3 * PERIOD_MS;

/** One value of a metric. */
interface Point {
  /** Milliseconds since the beginning of its period. */
  readonly ago: number;
  readonly value: number;
}

/** What CloudWatch has of the uploads queue and of the function that reads it. */
interface QueueMetrics {
  /** Seconds: the oldest message that was received less than three times, by SQS. */
  readonly waiting: readonly Point[];
  /** Seconds: the oldest message that was tried again, by the function. Undefined: nobody knows the metric's name. */
  readonly retried?: readonly Point[];
  /** Messages of which the function could tell nothing: it did not run, or did not end. */
  readonly failures: readonly Point[];
  readonly invocations: readonly Point[];
}

/**
 * The age of the oldest message that can still be on its way, in milliseconds.
 *
 * SQS's own age leaves out what was received three times or more. Such a message is received again within the queue's
 * visibility timeout and the wait behind others; the function then reports its age. So when the function has just run
 * without failing, or the queue is empty, the two metrics have seen every message. When not, such a message can be as old
 * as its longest wait and all its tries.
 */
export function oldestOnItsWay(metrics: QueueMetrics, times: QueueTimes): number {
  const recently = METRICS_LATE_MS + PERIOD_MS;
  const wait = longestOf(since(recently + times.visibilityMilliseconds, metrics.waiting));
  const span = recently + times.visibilityMilliseconds + wait;
  const { retried } = metrics;
  const hasRun = sumOf(since(recently, metrics.invocations)) > 0 && sumOf(since(span, metrics.failures)) === 0;
  if (retried !== undefined && (hasRun || times.isEmpty)) {
    // Of what waited before, SQS's last value or the function's has what is still on its way.
    const last = metrics.waiting.toSorted((a, b) => a.ago - b.ago).slice(0, 1);
    return Math.max(oldestOf(since(span, last)), oldestOf(since(span, retried)));
  }
  return times.retryMilliseconds + longestOf(metrics.waiting);
}

function since(span: number, points: readonly Point[]): readonly Point[] {
  return points.filter(({ ago }) => ago <= span);
}

/** How old the oldest is by now: it has aged since it was measured. */
function oldestOf(points: readonly Point[]): number {
  return Math.max(0, ...points.filter(({ value }) => value > 0).map(({ ago, value }) => ago + value * SECOND_MS));
}

function longestOf(points: readonly Point[]): number {
  return SECOND_MS * Math.max(0, ...points.map(({ value }) => value));
}

function sumOf(points: readonly Point[]): number {
  return points.reduce((sum, { value }) => sum + value, 0);
}

/** Reads the metrics of as long as a message can be tried. Who may not read them has none. */
export async function readQueueMetrics(
  { clients, resources }: OpenLedger,
  { retryMilliseconds }: QueueTimes,
  now: number,
): Promise<QueueMetrics> {
  const { queueUrl, functionName, serviceName } = resources;
  const { GetMetricDataCommand } = await import('@aws-sdk/client-cloudwatch');
  const client = await clients.cloudwatch();
  const { service } = METRIC_DIMENSIONS;
  const command = new GetMetricDataCommand({
    StartTime: new Date(now - retryMilliseconds - METRICS_LATE_MS),
    EndTime: new Date(now),
    MetricDataQueries: [
      query('waiting', 'AWS/SQS', 'ApproximateAgeOfOldestMessage', 'QueueName', queueUrl.split('/').at(-1), 'Maximum'),
      query('retried', METRIC_NAMESPACE, RETRY_METRICS.oldestRetriedMessageAge, service, serviceName, 'Maximum'),
      query('errors', 'AWS/Lambda', 'Errors', 'FunctionName', functionName, 'Sum'),
      query('throttles', 'AWS/Lambda', 'Throttles', 'FunctionName', functionName, 'Sum'),
      query('invocations', 'AWS/Lambda', 'Invocations', 'FunctionName', functionName, 'Sum'),
    ].flat(),
  });
  const { MetricDataResults = [] } = await client.send(command).catch((error: Error) => {
    // Who may not read metrics is still told what the queue's own settings say.
    if (/AccessDenied|NotAuthorized/.test(error.name)) return { MetricDataResults: undefined };
    throw error;
  });
  const points = (id: string): Point[] =>
    MetricDataResults.filter(({ Id }) => Id === id).flatMap(({ Timestamps = [], Values = [] }) =>
      Timestamps.map((time, at) => ({ ago: now - time.getTime(), value: Values[at] ?? 0 })),
    );
  return {
    waiting: points('waiting'),
    ...(serviceName !== undefined && MetricDataResults.length > 0 && { retried: points('retried') }),
    failures: [...points('errors'), ...points('throttles')],
    invocations: points('invocations'),
  };
}

/** None where the dimension's value is not known. */
function query(
  Id: string,
  Namespace: string,
  MetricName: string,
  dimension: string,
  Value: string | undefined,
  Stat: 'Maximum' | 'Sum',
): MetricDataQuery[] {
  if (Value === undefined) return [];
  const Metric = { Namespace, MetricName, Dimensions: [{ Name: dimension, Value }] };
  return [{ Id, MetricStat: { Metric, Period: PERIOD_MS / SECOND_MS, Stat } }];
}
