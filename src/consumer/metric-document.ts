import type { MetricUnit } from '@aws-lambda-powertools/metrics/types';

/** One EMF document, as far as it is ours. */
export interface MetricDocument {
  /** Epoch milliseconds; undefined: when it is written. */
  readonly timestamp?: number;
  /** Beside `service`. */
  readonly dimensions: Readonly<Record<string, string>>;
  /** At most 100 values each (EMF specification). */
  readonly metrics: readonly Metric[];
}

export interface Metric {
  readonly name: string;
  readonly unit: MetricUnit;
  readonly values: readonly number[];
}
