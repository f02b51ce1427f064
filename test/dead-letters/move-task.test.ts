import { describe, expect, it } from 'vitest';
import { moveAll } from '../../src/dead-letters/move-task.ts';

/** SQS as far as a move task needs it. */
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

const wait = async () => undefined;

describe('a move task', () => {
  it('is started towards the uploads queue and followed to its end', async () => {
    const { started, ...queues } = fakeSqs([
      { Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 3 },
      { Status: 'RUNNING', ApproximateNumberOfMessagesMoved: 5, ApproximateNumberOfMessagesToMove: 9 },
      { Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 9, ApproximateNumberOfMessagesToMove: 9 },
    ]);
    const seen: number[] = [];
    const state = await moveAll({ ...queues, rate: 50, wait, onProgress: ({ moved }) => seen.push(moved) });
    expect(started).toEqual([
      { SourceArn: 'arn:dead', DestinationArn: 'arn:uploads', MaxNumberOfMessagesPerSecond: 50 },
    ]);
    expect(seen).toEqual([5, 9]);
    expect(state).toEqual({ status: 'done', moved: 9, toMove: 9 });
  });

  it('tells why it failed', async () => {
    const { started: _, ...queues } = fakeSqs([{}, { Status: 'FAILED', FailureReason: 'AccessDenied' }]);
    expect(await moveAll({ ...queues, wait })).toEqual({ status: 'failed', moved: 0, failure: 'AccessDenied' });
  });

  it('is not started beside another', async () => {
    const { started, ...queues } = fakeSqs([{ Status: 'RUNNING' }]);
    await expect(moveAll({ ...queues, wait })).rejects.toMatchObject({ code: 'move-task-running' });
    expect(started).toEqual([]);
  });

  it('is left alone when whoever follows it stops', async () => {
    const { started: _, ...queues } = fakeSqs([{ Status: 'COMPLETED' }, { Status: 'RUNNING' }]);
    expect(await moveAll({ ...queues, wait, signal: AbortSignal.abort() })).toMatchObject({ status: 'running' });
  });
});
