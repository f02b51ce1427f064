import { sumMetrics } from '../../../../src/cli/demo/stack-contents.ts';
import type { MetricSink } from '../../../../src/local/metrics/metric-sink.ts';
import type { DeliveryCounts } from '../deliveries.ts';
import { itemKey } from '../model.ts';
import type { ModelItem } from '../model-record.ts';
import type { Violation } from '../violation.ts';

/**
 * Holds the function's metrics against the model. They are bounds, because a batch that comes back counts again:
 *
 * - at least each upload once, and nothing else: a message is only deleted after an invocation that counted its record;
 * - at most each upload as often as it was delivered, once an invocation;
 * - of the messages, those of all invocations that answered, and none that was never delivered.
 */
export function checkMetrics(
  model: ReadonlyMap<string, ModelItem>,
  counts: DeliveryCounts,
  metrics: MetricSink,
): readonly Violation[] {
  const sums = sumMetrics(metrics);
  const items = [...model.values()];
  const uploads = items.filter(({ status }) => status !== undefined && 'S' in status && status.S === 'uploaded');
  const bytes = uploads.reduce((sum, item) => sum + numberOf(item, 'filesize'), 0);
  const bounds: readonly (readonly [name: string, least: number, most: number])[] = [
    ['UploadsRecorded', new Set(uploads.map(itemKey)).size, counts.uploads],
    ['UploadsStored', new Set(uploads.map(itemKey)).size, counts.uploads],
    ['RecordsStored', new Set(items.map(itemKey)).size, counts.records],
    ['UploadBytes', bytes, counts.bytes],
    ['MessagesReceived', counts.answered, counts.messages],
  ];
  const wrong = bounds.filter(([name, least, most]) => !isBetween(sums[name], least, most));
  return [
    ...wrong.map(([name, least, most]) => ({ what: `${name} is ${sums[name]}, must be from ${least} to ${most}` })),
    ...metrics.violations.map((what) => ({ what })),
  ];
}

function isBetween(value = 0, least: number, most: number): boolean {
  return value >= least && value <= most;
}

function numberOf(item: ModelItem, name: string): number {
  const value = item[name];
  return value !== undefined && 'N' in value ? Number(value.N) : 0;
}
