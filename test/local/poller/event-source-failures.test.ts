import { describe, expect, it } from 'vitest';
import { runFunction } from '../lambda/function-fixture.ts';
import { bodies, failing, type Handle, invokable, isEmpty, readQueue, until } from './event-source-fixture.ts';
import { startQueues } from './queue-fixture.ts';

describe('a failed batch', () => {
  it('leaves exactly the messages that the function names, until the visibility timeout has passed', async () => {
    const queues = await startQueues();
    const queue = await queues.createQueue({ visibilityTimeoutSeconds: 3 });
    await queue.send(...bodies(10));
    const received: { body: string; count: string }[] = [];
    const fn = invokable(({ Records }) => {
      received.push(...Records.map(({ body, attributes }) => ({ body, count: attributes.ApproximateReceiveCount })));
      return failing(
        Records.filter((r) => r.body === 'body 3' && r.attributes.ApproximateReceiveCount === '1').map(
          (r) => r.messageId,
        ),
      );
    });
    const { reports } = readQueue(queues, queue, fn);
    await until(() => reports.length >= 1);
    expect(reports[0]).toMatchObject({ size: 10, failures: 1 });
    expect(reports[0]).not.toHaveProperty('error');
    await until(() => isEmpty(queue));
    expect(received.filter(({ count }) => count !== '1')).toEqual([{ body: 'body 3', count: '2' }]);
    expect(received).toHaveLength(11);
  });

  it('does not touch the visibility of the messages that it leaves', async () => {
    const queues = await startQueues();
    const queue = await queues.createQueue({ visibilityTimeoutSeconds: 600 });
    await queue.send('left');
    const startedAt = Date.now();
    const { reports } = readQueue(
      queues,
      queue,
      invokable(({ Records }) => failing(Records.map((r) => r.messageId))),
    );
    await until(() => reports.length === 1);
    const { ready, inflight } = await queue.content();
    expect(ready).toEqual([]);
    expect(inflight).toHaveLength(1);
    expect(inflight[0]?.visibilityDeadline).toBeGreaterThanOrEqual(startedAt + 600_000);
  });

  it.each<[string, Handle]>([
    ['throws', () => Promise.reject(new Error('no'))],
    ['names an unknown message', () => failing(['unknown'])],
    ['names an empty identifier', () => failing([''])],
    ['answers with a text', () => 'fine'],
  ])('leaves all messages when the function %s', async (_, handle) => {
    const queues = await startQueues();
    const queue = await queues.createQueue();
    await queue.send(...bodies(5));
    const { reports } = readQueue(queues, queue, invokable(handle));
    await until(() => reports.length === 1);
    expect(reports[0]).toMatchObject({ size: 5, failures: 5, error: expect.any(String) });
    expect((await queue.content()).inflight).toHaveLength(5);
  });

  it('leaves all messages and reports the error when the function cannot be invoked', async () => {
    const queues = await startQueues();
    const queue = await queues.createQueue();
    await queue.send('left');
    const fn = { invoke: () => Promise.reject(new Error('closed')) };
    const { reports, errors } = readQueue(queues, queue, fn);
    await until(() => reports.length === 1);
    expect(reports[0]).toMatchObject({ failures: 1 });
    expect(errors.map(({ message }) => message)).toEqual(['closed']);
  });

  it('is not read from the response when the mapping does not ask for it', async () => {
    const queues = await startQueues();
    const queue = await queues.createQueue();
    await queue.send(...bodies(3));
    const fn = invokable(({ Records }) => failing(Records.map((r) => r.messageId)));
    const { reports } = readQueue(queues, queue, fn, { mapping: { reportsBatchItemFailures: false } });
    await until(() => reports.length === 1);
    expect(reports[0]).toMatchObject({ failures: 0 });
    expect(await isEmpty(queue)).toBe(true);
  });

  it('comes again sooner on request, and reaches the dead-letter queue after the maximum number of receives', async () => {
    const queues = await startQueues();
    const queue = await queues.createQueue({ visibilityTimeoutSeconds: 600, maxReceiveCount: 3 });
    await queue.send('poison', ...bodies(9));
    const counts: string[] = [];
    const fn = invokable(({ Records }) => {
      const poison = Records.filter((record) => record.body === 'poison');
      counts.push(...poison.map(({ attributes }) => attributes.ApproximateReceiveCount));
      return failing(poison.map(({ messageId }) => messageId));
    });
    readQueue(queues, queue, fn, { retryAfterSeconds: 0 });
    await until(async () => (await queue.deadLetters()).ready.length === 1);
    expect(counts).toEqual(['1', '2', '3']);
    expect((await queue.deadLetters()).ready).toMatchObject([{ body: 'poison' }]);
    expect(await isEmpty(queue)).toBe(true);
  });
});

describe('an error of SQS itself', () => {
  it('is reported, and receiving goes on', async () => {
    const queues = await startQueues();
    const queue = await queues.createQueue();
    await queue.send('in spite of all');
    let refusals = 3;
    queues.sqs.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName === 'ReceiveMessageCommand' && refusals-- > 0) throw new Error('refused');
        return next(args);
      },
      { step: 'initialize' },
    );
    const { errors } = readQueue(
      queues,
      queue,
      invokable(() => null),
    );
    await until(() => isEmpty(queue));
    expect(errors.map(({ message }) => message)).toEqual(['refused', 'refused', 'refused']);
  });
});

describe('with a function in processes of its own', () => {
  it('brings a batch back after a crash and after a timeout, until it succeeds', async () => {
    const queues = await startQueues();
    const queue = await queues.createQueue();
    await queue.send(...bodies(5));
    const { fn } = runFunction(
      `export const handler = async ({ Records }) => {
        const count = Number(Records[0].attributes.ApproximateReceiveCount);
        if (count === 1) process.exit(1);
        if (count === 2) for (;;) {}
        return { batchItemFailures: [] };
      };`,
      { timeoutSeconds: 1 },
    );
    const { reports } = readQueue(queues, queue, fn, { retryAfterSeconds: 0 });
    await until(() => isEmpty(queue));
    await until(() => reports.filter(({ failures }) => failures === 0).reduce((sum, { size }) => sum + size, 0) === 5);
    const kinds = reports.map(({ error }) => error?.split(':')[0]);
    expect(new Set(kinds)).toEqual(new Set(['Runtime.ExitError', 'Sandbox.Timedout', undefined]));
    expect(fn.counters.crashes).toBeGreaterThanOrEqual(1);
    expect(fn.counters.timeouts).toBeGreaterThanOrEqual(1);
  });
});
