import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { KeySet } from '../ledger/reconcile/key-set.ts';
import { SECOND_MS } from '../shared/time.ts';
import type { LedgerQueues, QueueRef } from './queues.ts';
import { readDeadLetters } from './receive.ts';
import { decideRedrive } from './redrive-decision.ts';

/** What the uploads queue says of the messages that are on their way to the ledger. */
export interface QueueTimes {
  /** For so long a message that was received is hidden: then it is tried again. */
  readonly visibilityMilliseconds: number;
  /** For so long a message is tried again before it goes to the dead-letter queue. */
  readonly retryMilliseconds: number;
  /** Whether it holds no message, visible or not. SQS's counts are approximate; an emulator's are exact. */
  readonly isEmpty: boolean;
}

/** Without a dead-letter queue, a message is tried until its retention is over: then nobody knows when it comes. */
const RECEIVES_WITHOUT_DEAD_LETTERS = 1;

export async function queueTimes({ client, url }: QueueRef): Promise<QueueTimes> {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: [
        'VisibilityTimeout',
        'RedrivePolicy',
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
      ],
    }),
  );
  const { VisibilityTimeout, RedrivePolicy, ...counts } = Attributes;
  const isEmpty = Object.entries(counts)
    .filter(([name]) => name.startsWith('ApproximateNumberOfMessages'))
    .every(([, count]) => Number(count) === 0);
  const visibilityMilliseconds = Number(VisibilityTimeout ?? 0) * SECOND_MS;
  return { visibilityMilliseconds, retryMilliseconds: visibilityMilliseconds * maxReceives(RedrivePolicy), isEmpty };
}

/** @param policy JSON. Source: SQS API reference, "SetQueueAttributes". */
function maxReceives(policy: string | undefined): number {
  if (policy === undefined || policy === '') return RECEIVES_WITHOUT_DEAD_LETTERS;
  const { maxReceiveCount } = JSON.parse(policy) as { readonly maxReceiveCount?: unknown };
  return Number(maxReceiveCount) || RECEIVES_WITHOUT_DEAD_LETTERS;
}

/** The objects that messages in the dead-letter queue tell of. */
export interface WaitingObjects {
  /** @param object `<bucket>/<key>` */
  has(object: string): boolean;
  /** Whether some messages were passed over, because there were too many to hold. */
  readonly isFull: boolean;
}

/** Reads the whole dead-letter queue and gives every message back. Keeps 64 bits of each object's name. */
export async function waitingObjects(
  { deadLetters, settings, clock }: Pick<LedgerQueues, 'deadLetters' | 'settings' | 'clock'>,
  options: { readonly signal?: AbortSignal; readonly waitSeconds?: number } = {},
): Promise<WaitingObjects> {
  const objects = new KeySet();
  const reading = readDeadLetters(deadLetters, { clock, ...options });
  let step = await reading.next();
  for (; !step.done; step = await reading.next()) {
    const decision = decideRedrive(step.value.body, settings);
    if (decision.succeeds) for (const { s3_object } of decision.records) objects.add(s3_object);
  }
  return { has: (object) => objects.has(object), isFull: step.value.isFull };
}
