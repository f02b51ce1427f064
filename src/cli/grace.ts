import type { QueueRef } from '../dead-letters/queues.ts';
import { MAX_MULTIPART_MS } from '../ledger/reconcile/bucket-object.ts';
import { formatCount, formatDuration } from '../shared/format.ts';
import { MINUTE_MS } from '../shared/time.ts';
import type { OpenLedger } from './connection.ts';
import type { CliContext } from './context.ts';
import { UsageError } from './errors.ts';
import type { OpenQueues } from './ledger-session.ts';
import { oldestOnItsWay, readQueueMetrics } from './oldest-message.ts';

/** By then S3 has sent its notification of an object, or never will. Usually it takes seconds. */
const DELIVERY_MS = 15 * MINUTE_MS;

/**
 * How old an object must be so that no message of it can be on its way to the ledger any more, in milliseconds: S3's
 * delivery, and the age of the oldest message that still is. `--grace` overrides it.
 *
 * The local stack's notifications come at once, and its queue's counts are exact: while it is empty, none is on its way.
 */
export async function graceOf(
  { grace }: { readonly grace?: number },
  ledger: OpenLedger,
  { clock }: Pick<CliContext, 'clock'>,
): Promise<number> {
  if (grace !== undefined) return grace;
  const { queueTimes } = await import('../dead-letters/on-their-way.ts');
  const queue: QueueRef = { client: await ledger.clients.sqs(), url: ledger.resources.queueUrl };
  const times = await queueTimes(queue);
  if (ledger.isLocal) return times.isEmpty ? 0 : times.retryMilliseconds;
  return DELIVERY_MS + oldestOnItsWay(await readQueueMetrics(ledger, times, clock.now()), times);
}

/** What is too recent, for people: `, younger than 30 min 25 s; 8 d more where made of parts`. */
export function graceNote(graceMilliseconds: number): string {
  const parts = formatDuration(MAX_MULTIPART_MS);
  return `, younger than ${formatDuration(graceMilliseconds)} (made of parts: ${parts} more)`;
}

/**
 * The objects of which messages wait in the dead-letter queue: a redrive records them, so that nobody else may.
 *
 * @throws UsageError when there are more than one look can hold.
 */
export async function objectsInDeadLetters(queues: OpenQueues, { stderr, signal }: CliContext) {
  const [{ waitingObjects }, { queueState }] = await Promise.all([
    import('../dead-letters/on-their-way.ts'),
    import('../dead-letters/queues.ts'),
  ]);
  const { hidden } = await queueState(queues.deadLetters);
  const waiting = await waitingObjects(queues, { signal });
  signal.throwIfAborted();
  if (waiting.isFull) {
    throw new UsageError(
      'the dead-letter queue has more messages than one run can read: redrive them first, or export and purge them',
    );
  }
  if (hidden > 0) {
    await stderr.line(
      `About ${formatCount(hidden)} of the dead letters could not be read, because another command is reading them. When they are redriven, "reconcile --repair" removes what was written twice.`,
    );
  }
  return waiting;
}
