import { MetricSink } from '../../../src/local/metrics/metric-sink.ts';

export const NOW = Date.parse('2026-11-22T12:00:30.000Z');

export interface DocumentOptions {
  readonly timestamp?: unknown;
  readonly namespace?: string;
  readonly dimensions?: Record<string, unknown>;
  readonly sets?: unknown;
  readonly metrics?: unknown;
  readonly values?: Record<string, unknown>;
}

/** One metric document as a log line. */
export function documentLine(options: DocumentOptions = {}): string {
  const { namespace = 'UploadLedger', dimensions = { service: 'upload-ledger' }, values = { Uploads: 1 } } = options;
  const Metrics = options.metrics ?? Object.keys(values).map((Name) => ({ Name, Unit: 'Count' }));
  const Dimensions = options.sets ?? [Object.keys(dimensions)];
  return JSON.stringify({
    _aws: {
      Timestamp: 'timestamp' in options ? options.timestamp : NOW,
      CloudWatchMetrics: [{ Namespace: namespace, Dimensions, Metrics }],
    },
    ...dimensions,
    ...values,
  });
}

export const UPLOADS = {
  namespace: 'UploadLedger',
  name: 'Uploads',
  dimensions: { service: 'upload-ledger' },
} as const;

export function sinkWith(...lines: string[]): MetricSink {
  const sink = new MetricSink({ now: () => NOW });
  for (const line of lines) sink.take(line);
  return sink;
}

export const many = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));
