import { describe, expect, it } from 'vitest';
import { watchQueues } from '../../../src/console/live/watch-queues.ts';
import type { QueueRef } from '../../../src/queue/queue-ref.ts';

/** A queue with so many messages. */
function queue(counts: () => readonly [visible: number, hidden: number, delayed: number]): QueueRef {
  const send = async () => {
    const [visible, hidden, delayed] = counts();
    return {
      Attributes: {
        QueueArn: 'arn',
        ApproximateNumberOfMessages: `${visible}`,
        ApproximateNumberOfMessagesNotVisible: `${hidden}`,
        ApproximateNumberOfMessagesDelayed: `${delayed}`,
      },
    };
  };
  return { client: { send: send as QueueRef['client']['send'] }, url: 'queue' };
}

describe('a look at the queues', () => {
  it('counts what waits, what is in flight and what is dead', async () => {
    const look = watchQueues({ uploads: queue(() => [3, 2, 1]), deadLetters: queue(() => [5, 1, 0]) });
    expect(await look(0)).toEqual({ waiting: 4, inFlight: 2, backlogAge: 0, deadLetters: 6 });
  });

  it('tells for how long the queue has not been empty', async () => {
    let waiting = 0;
    const look = watchQueues({ uploads: queue(() => [waiting, 0, 0]), deadLetters: queue(() => [0, 0, 0]) });
    await look(1000);
    waiting = 7;
    expect((await look(2000)).backlogAge).toBe(1000);
    expect((await look(9000)).backlogAge).toBe(8000);
    waiting = 0;
    expect((await look(10_000)).backlogAge).toBe(0);
    waiting = 1;
    expect((await look(11_000)).backlogAge).toBe(1000);
  });
});
