import type { QueueRef } from '../../queue/queue-ref.ts';
import { queueState } from '../../queue/queue-state.ts';
import type { QueuesView } from '../api-types.ts';

export interface WatchedQueues {
  readonly uploads: QueueRef;
  readonly deadLetters: QueueRef;
}

/** Looks at the queues once. `now` in epoch milliseconds. */
export type LookAtQueues = (now: number) => Promise<QueuesView>;

/**
 * Looks at the queues by their attributes alone: nothing is received.
 *
 * SQS tells the age of the oldest message to CloudWatch only. The age here is the time since a look last found the queue empty,
 * which no message in it can exceed by more than the time between two looks, unless it was there before the first.
 */
export function watchQueues({ uploads, deadLetters }: WatchedQueues): LookAtQueues {
  let emptyAt: number | undefined;
  return async (now) => {
    const [queue, dead] = await Promise.all([queueState(uploads), queueState(deadLetters)]);
    const waiting = queue.visible + queue.delayed;
    const isEmpty = waiting + queue.hidden === 0;
    if (isEmpty || emptyAt === undefined) emptyAt = now;
    return {
      waiting,
      inFlight: queue.hidden,
      backlogAge: isEmpty ? 0 : now - emptyAt,
      deadLetters: dead.visible + dead.hidden + dead.delayed,
    };
  };
}
