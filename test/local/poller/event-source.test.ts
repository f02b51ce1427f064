import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { bodies, invokable, isEmpty, readQueue, until } from './event-source-fixture.ts';
import { startQueues } from './queue-fixture.ts';

describe('reading a queue', () => {
  it('passes messages to the function as Lambda does and deletes them', async () => {
    const queues = await startQueues();
    const queue = await queues.createQueue();
    await queue.sendWith('hello', { reason: { DataType: 'String', StringValue: 'test' } });
    const events: SQSEvent[] = [];
    const { reports } = readQueue(
      queues,
      queue,
      invokable((event) => void events.push(event)),
    );
    await until(() => isEmpty(queue));
    expect(events).toEqual([
      {
        Records: [
          {
            messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
            receiptHandle: expect.any(String),
            body: 'hello',
            attributes: {
              ApproximateReceiveCount: '1',
              SentTimestamp: expect.stringMatching(/^\d{13}$/),
              SenderId: expect.any(String),
              ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
            },
            messageAttributes: {
              reason: { stringValue: 'test', stringListValues: [], binaryListValues: [], dataType: 'String' },
            },
            md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
            md5OfBody: '5d41402abc4b2a76b9719d911017c592',
            eventSource: 'aws:sqs',
            eventSourceARN: queue.queue.arn,
            awsRegion: 'us-east-1',
          },
        ],
      },
    ]);
    await until(() => reports.length === 1);
    expect(reports[0]).toMatchObject({ size: 1, failures: 0, requestId: 'request-1' });
  });

  it('fills batches up to their size', async () => {
    const queues = await startQueues();
    const queue = await queues.createQueue();
    await queue.send(...bodies(250));
    const { reports } = readQueue(
      queues,
      queue,
      invokable(() => null),
      {
        mapping: { batchSize: 100, batchWindowSeconds: 1 },
      },
    );
    await until(() => reports.length === 3);
    expect(reports.map(({ size }) => size).sort()).toEqual([100, 100, 50]);
    expect(await isEmpty(queue)).toBe(true);
  });

  it('runs as many batches at once as it may and no more', async () => {
    const queues = await startQueues();
    const queue = await queues.createQueue();
    await queue.send(...bodies(60));
    const running = { now: 0, most: 0 };
    const release = Promise.withResolvers<void>();
    const fn = invokable(async () => {
      running.now += 1;
      running.most = Math.max(running.most, running.now);
      if (running.now === 3) release.resolve();
      await release.promise;
      await sleep(1);
      running.now -= 1;
    });
    const { reports } = readQueue(queues, queue, fn, { mapping: { batchSize: 5, maximumConcurrency: 3 } });
    await until(() => reports.length === 12);
    expect(running.most).toBe(3);
  });

  it('receives nothing while no invocation is free', async () => {
    const queues = await startQueues();
    const queue = await queues.createQueue();
    await queue.send(...bodies(40));
    const release = Promise.withResolvers<void>();
    const fn = invokable(() => release.promise);
    const { source } = readQueue(queues, queue, fn, { mapping: { batchSize: 10, maximumConcurrency: 2 } });
    await until(() => source.counters.batches === 2);
    expect((await queue.content()).ready).toHaveLength(20);
    release.resolve();
    await until(() => isEmpty(queue));
  });

  it('makes one waiting call at a time on an idle queue', async () => {
    const queues = await startQueues();
    const queue = await queues.createQueue();
    const calls = { open: 0, most: 0, waits: new Set<unknown>() };
    queues.sqs.middlewareStack.add(
      (next) => async (args) => {
        calls.open += 1;
        calls.most = Math.max(calls.most, calls.open);
        calls.waits.add((args.input as { WaitTimeSeconds?: number }).WaitTimeSeconds);
        return next(args).finally(() => {
          calls.open -= 1;
        });
      },
      { step: 'initialize' },
    );
    const { source } = readQueue(
      queues,
      queue,
      invokable(() => null),
      { mapping: { maximumConcurrency: 10 } },
    );
    await until(() => source.counters.polls === 3);
    expect(calls).toEqual({ open: 1, most: 1, waits: new Set([1]) });
  });

  it('makes no event larger than Lambda takes and loses nothing', async () => {
    const queues = await startQueues();
    const queue = await queues.createQueue();
    const large = Array.from({ length: 40 }, (_, index) => `${index} ${'x'.repeat(250_000)}`);
    for (const body of large) await queue.send(body);
    const seen: string[] = [];
    let largest = 0;
    const inner = invokable((event) => void seen.push(...event.Records.map(({ body }) => body.split(' ')[0] ?? '')));
    const fn = {
      invoke: (payload: string) => {
        largest = Math.max(largest, Buffer.byteLength(payload));
        return inner.invoke(payload);
      },
    };
    readQueue(queues, queue, fn, { mapping: { batchSize: 1000, batchWindowSeconds: 1 } });
    await until(() => isEmpty(queue));
    expect(largest).toBeGreaterThan(5_900_000);
    expect(largest).toBeLessThanOrEqual(6 * 1024 * 1024);
    expect(seen.map(Number).sort((a, b) => a - b)).toEqual(large.map((_, index) => index));
  });
});

describe('closing an event source', () => {
  it('waits for what runs, deletes it, and receives nothing more', async () => {
    const queues = await startQueues();
    const queue = await queues.createQueue();
    await queue.send('first');
    const release = Promise.withResolvers<void>();
    const { source } = readQueue(
      queues,
      queue,
      invokable(() => release.promise),
    );
    await until(() => source.counters.batches === 1);
    const closed = source.close();
    release.resolve();
    expect(await closed).toBe(true);
    expect(await isEmpty(queue)).toBe(true);
    const { polls } = source.counters;
    await queue.send('second');
    expect((await queue.content()).ready).toHaveLength(1);
    expect(source.counters.polls).toBe(polls);
  });

  it('runs what a window holds, without waiting for its end', async () => {
    const queues = await startQueues();
    const queue = await queues.createQueue();
    await queue.send(...bodies(7));
    const { source, reports } = readQueue(
      queues,
      queue,
      invokable(() => null),
      {
        mapping: { batchSize: 100, batchWindowSeconds: 300 },
      },
    );
    await until(async () => (await queue.content()).inflight.length === 7);
    expect(await source.close()).toBe(true);
    expect(reports.map(({ size }) => size)).toEqual([7]);
    expect(await isEmpty(queue)).toBe(true);
  });

  it('runs what did not fit into the last batch, too', async () => {
    const queues = await startQueues();
    const queue = await queues.createQueue();
    for (let index = 0; index < 30; index += 1) await queue.send('x'.repeat(250_000));
    let closed: Promise<boolean> | undefined;
    const { source, reports } = readQueue(
      queues,
      queue,
      invokable(() => {
        closed ??= source.close();
      }),
      { mapping: { batchSize: 1000, batchWindowSeconds: 300 } },
    );
    await until(() => closed !== undefined);
    expect(await closed).toBe(true);
    expect(reports.map(({ size }) => size).sort()).toEqual([25, 5]);
    expect(await isEmpty(queue)).toBe(true);
  });

  it('ends its wait when a batch does not end', async () => {
    const queues = await startQueues();
    const queue = await queues.createQueue();
    await queue.send('stuck');
    const release = Promise.withResolvers<void>();
    const { source } = readQueue(
      queues,
      queue,
      invokable(() => release.promise),
    );
    await until(() => source.counters.batches === 1);
    expect(await source.close(0.05)).toBe(false);
    release.resolve();
  });
});
