import { BATCH_METRICS } from '../contract/metrics.ts';
import type { BatchOutcome } from './handle-batch.ts';
import type { MetricDocument } from './metric-document.ts';

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
