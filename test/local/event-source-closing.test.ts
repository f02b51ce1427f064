import { describe, expect, it } from 'vitest';
import { bodies, invokable, isEmpty, readQueue, until } from './event-source-fixture.ts';
import { startQueues } from './queue-fixture.ts';

describe('closing', () => {
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
