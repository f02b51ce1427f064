import { describe, expect, it } from 'vitest';
import { moveAll } from '../../src/dead-letters/move-task.ts';
import { steppedClock } from './dead-letter-queues.ts';

/** The part of SQS that a move task needs. */
function fakeSqs(tasks: readonly object[]) {
  const answers = [...tasks];
  const started: unknown[] = [];
  const client = {
    send: async (command: { input: { QueueUrl?: string } }) => {
      switch (command.constructor.name) {
        case 'GetQueueAttributesCommand':
          return { Attributes: { QueueArn: `arn:${command.input.QueueUrl}` } };
        case 'StartMessageMoveTaskCommand':
          started.push(command.input);
          return {};
        default:
          return { Results: [answers.shift()].filter((task) => task !== undefined) };
      }
    },
  } as never;
  return { started, deadLetters: { client, url: 'dead' }, uploads: { client, url: 'uploads' } };
}

const clock = steppedClock();

describe('moveAll', () => {
  it('starts a task towards the uploads queue and follows it to its end', async () => {
    const { started, ...queues } = fakeSqs([
      { Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 3 },
      { Status: 'RUNNING', ApproximateNumberOfMessagesMoved: 5, ApproximateNumberOfMessagesToMove: 9 },
      { Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 9, ApproximateNumberOfMessagesToMove: 9 },
    ]);
    const seen: number[] = [];
    const state = await moveAll({ ...queues, rate: 50, clock, onProgress: ({ moved }) => seen.push(moved) });
    expect(started).toEqual([
      { SourceArn: 'arn:dead', DestinationArn: 'arn:uploads', MaxNumberOfMessagesPerSecond: 50 },
    ]);
    expect(seen).toEqual([5, 9]);
    expect(state).toEqual({ status: 'done', moved: 9, toMove: 9 });
  });

  it('says why the task failed', async () => {
    const { started: _, ...queues } = fakeSqs([{}, { Status: 'FAILED', FailureReason: 'AccessDenied' }]);
    expect(await moveAll({ ...queues, clock })).toEqual({ status: 'failed', moved: 0, failure: 'AccessDenied' });
  });

  it('starts no task beside a running one', async () => {
    const { started, ...queues } = fakeSqs([{ Status: 'RUNNING' }]);
    await expect(moveAll({ ...queues, clock })).rejects.toMatchObject({ code: 'move-task-running' });
    expect(started).toEqual([]);
  });

  it('leaves the task running when the follower stops', async () => {
    const { started: _, ...queues } = fakeSqs([{ Status: 'COMPLETED' }, { Status: 'RUNNING' }]);
    expect(await moveAll({ ...queues, clock, signal: AbortSignal.abort() })).toMatchObject({ status: 'running' });
  });
});
