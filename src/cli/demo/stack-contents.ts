/** What a local stack holds after a run: for the demo, and for the tests that run a whole stack. */
import { ledgerReader } from '../../ledger/read/reader.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import type { MetricSink } from '../../local/metrics/metric-sink.ts';
import type { StandingMessage } from '../../local/servers/queue-access.ts';
import type { LocalStack } from '../../local/stack.ts';

/** All records of the ledger. */
export function readRecords({ clients, tableName, indexShards }: LocalStack): Promise<LedgerRecord[]> {
  return Array.fromAsync(ledgerReader({ client: clients.dynamodb, tableName, indexShards }).all());
}

/** All messages in the dead-letter queue, visible or not. They stay there, and do not count as received. */
export async function readDeadLetters(stack: LocalStack): Promise<StandingMessage[]> {
  const queue = stack.resources.queues.find(({ url }) => url === stack.deadLetterQueueUrl);
  const contents = await stack.servers.services.inspectQueue(queue?.name ?? '');
  return [...(contents?.ready ?? []), ...(contents?.delayed ?? []), ...(contents?.inFlight ?? [])];
}

/** The sum of each of the function's metrics, over all dimensions and all time. */
export function sumMetrics(metrics: MetricSink): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const metric of metrics.list()) {
    sums[metric.name] = (sums[metric.name] ?? 0) + (metrics.total({ ...metric, statistic: 'Sum' }) ?? 0);
  }
  return sums;
}
