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
