import type { QueueRef } from '../dead-letters/queues.ts';
import { MAX_MULTIPART_MS } from '../ledger/reconcile/bucket-object.ts';
import { formatCount, formatDuration } from '../shared/format.ts';
import { MINUTE_MS, SECOND_MS } from '../shared/time.ts';
import type { OpenLedger } from './connection.ts';
import type { CliContext } from './context.ts';
import { UsageError } from './errors.ts';
import type { OpenQueues } from './ledger-session.ts';

/** By then S3 has sent its notification of an object, or never will. Usually it takes seconds. */
const DELIVERY_MS = 15 * MINUTE_MS;

/** CloudWatch shows SQS's metrics some minutes late. */
const METRIC_PERIOD_MS = 5 * MINUTE_MS;

/**
 * How old an object must be so that no message of it can be on its way to the ledger any more, in milliseconds: S3's
 * delivery, the wait in the uploads queue, and every try. `--grace` overrides it.
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
  const { retryMilliseconds, isEmpty } = await queueTimes(queue);
  if (ledger.isLocal) return isEmpty ? 0 : retryMilliseconds;
  return DELIVERY_MS + retryMilliseconds + (await longestWait(ledger, clock.now(), retryMilliseconds));
}

/** What is too recent, for people: `, younger than 30 min 25 s; 8 d more where made of parts`. */
export function graceNote(graceMilliseconds: number): string {
  const parts = formatDuration(MAX_MULTIPART_MS);
  return `, younger than ${formatDuration(graceMilliseconds)} (made of parts: ${parts} more)`;
}

/**
 * How long a message has waited at most, by SQS's metric. That leaves out what was received three times: such a message
 * began its tries within the last `retryMilliseconds`, when it still counted.
 */
async function longestWait(ledger: OpenLedger, now: number, retryMilliseconds: number): Promise<number> {
  const { GetMetricStatisticsCommand } = await import('@aws-sdk/client-cloudwatch');
  const client = await ledger.clients.cloudwatch();
  // 1,440 data points are an answer's limit; a period is a multiple of a minute.
  const span = retryMilliseconds + 3 * METRIC_PERIOD_MS;
  const periods = Math.max(1, Math.ceil(span / METRIC_PERIOD_MS / 1_440));
  const command = new GetMetricStatisticsCommand({
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateAgeOfOldestMessage',
    Dimensions: [{ Name: 'QueueName', Value: ledger.resources.queueUrl.split('/').at(-1) }],
    StartTime: new Date(now - span),
    EndTime: new Date(now),
    Period: (periods * METRIC_PERIOD_MS) / SECOND_MS,
    Statistics: ['Maximum'],
  });
  const { Datapoints = [] } = await client.send(command).catch((error: Error) => {
    // Who may not read metrics is still told what the queue's own settings say.
    if (/AccessDenied|NotAuthorized/.test(error.name)) return { Datapoints: [] };
    throw error;
  });
  return Math.max(0, ...Datapoints.map(({ Maximum = 0 }) => Maximum * SECOND_MS));
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
      'the dead-letter queue holds more messages than one look can hold: redrive or export and purge them first',
    );
  }
  if (hidden > 0) {
    await stderr.line(
      `About ${formatCount(hidden)} of the dead letters could not be seen, because somebody else reads them. When they are redriven, "reconcile --repair" removes what was written twice.`,
    );
  }
  return waiting;
}
