import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSEvent } from 'aws-lambda';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type EventSource, startEventSource } from '../../src/local/event-source.ts';
import type { BatchReport, EventSourceOptions } from '../../src/local/event-source-options.ts';
import type { InvocationOutcome } from '../../src/local/execution-environment-outcome.ts';
import { runFunction } from './function-fixture.ts';
import { type QueueFixture, startQueues, type TestQueue } from './queue-fixture.ts';

type Mapping = EventSourceOptions['mapping'];

/** Handles a batch in this process: returns the response, or throws for a failed invocation. */
type Handle = (event: SQSEvent, invocation: number) => unknown;

function invokable(handle: Handle) {
  let invocations = 0;
  return {
    invoke: async (payload: string): Promise<InvocationOutcome> => {
      invocations += 1;
      const requestId = `request-${invocations}`;
      try {
        const result = await handle(JSON.parse(payload) as SQSEvent, invocations);
        return { outcome: 'response', requestId, payload: JSON.stringify(result ?? null) };
      } catch (error) {
        return { outcome: 'error', requestId, errorType: 'Error', errorMessage: String(error) };
      }
    },
  };
}

/** An event source over `queue`, closed when the test ends, with the reports of its batches. */
function readQueue(
  { sqs }: QueueFixture,
  { url, queue }: TestQueue,
  fn: EventSourceOptions['fn'],
  { mapping, ...options }: Partial<Omit<EventSourceOptions, 'mapping'>> & { mapping?: Partial<Mapping> } = {},
): { source: EventSource; reports: BatchReport[]; errors: Error[] } {
  const reports: BatchReport[] = [];
  const errors: Error[] = [];
  const source = startEventSource({
    sqs,
    queueUrl: url,
    queue,
    region: 'us-east-1',
    mapping: { batchSize: 10, batchWindowSeconds: 0, reportBatchItemFailures: true, ...mapping },
    fn,
    onBatch: (report) => reports.push(report),
    onError: (error) => errors.push(error),
    ...options,
  });
  // Not waited for: the emulator, which closes next, ends the last poll sooner than that would end by itself.
  onTestFinished(() => void source.close());
  return { source, reports, errors };
}

const bodies = (count: number) => Array.from({ length: count }, (_, index) => `body ${index}`);
const failing = (ids: string[]) => ({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });
const until = (condition: () => boolean | Promise<boolean>) =>
  vi.waitUntil(condition, { timeout: 30_000, interval: 10 });

async function isEmpty(queue: TestQueue): Promise<boolean> {
  const { ready, inflight } = await queue.content();
  return ready.length + inflight.length === 0;
}

describe('reading a queue', () => {
  it('hands messages over as Lambda does and deletes them', async () => {
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

  it('receives nothing that it cannot run', async () => {
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

  it('costs an idle queue one waiting call at a time', async () => {
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

describe('failures', () => {
  it('leave exactly the messages that the function names, until the visibility timeout has passed', async () => {
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
    expect(reports[0]).not.toHaveProperty('fault');
    await until(() => isEmpty(queue));
    expect(received.filter(({ count }) => count !== '1')).toEqual([{ body: 'body 3', count: '2' }]);
    expect(received).toHaveLength(11);
  });

  it('do not touch the visibility of what they leave', async () => {
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
  ])('leave the whole batch when the function %s', async (_, handle) => {
    const queues = await startQueues();
    const queue = await queues.createQueue();
    await queue.send(...bodies(5));
    const { reports } = readQueue(queues, queue, invokable(handle));
    await until(() => reports.length === 1);
    expect(reports[0]).toMatchObject({ size: 5, failures: 5, fault: expect.any(String) });
    expect((await queue.content()).inflight).toHaveLength(5);
  });

  it('leave the whole batch when the function cannot be invoked, and are told', async () => {
    const queues = await startQueues();
    const queue = await queues.createQueue();
    await queue.send('left');
    const fn = { invoke: () => Promise.reject(new Error('closed')) };
    const { reports, errors } = readQueue(queues, queue, fn);
    await until(() => reports.length === 1);
    expect(reports[0]).toMatchObject({ failures: 1 });
    expect(errors.map(({ message }) => message)).toEqual(['closed']);
  });

  it('are not read from the response when the mapping does not ask for them', async () => {
    const queues = await startQueues();
    const queue = await queues.createQueue();
    await queue.send(...bodies(3));
    const fn = invokable(({ Records }) => failing(Records.map((r) => r.messageId)));
    const { reports } = readQueue(queues, queue, fn, { mapping: { reportBatchItemFailures: false } });
    await until(() => reports.length === 1);
    expect(reports[0]).toMatchObject({ failures: 0 });
    expect(await isEmpty(queue)).toBe(true);
  });

  it('come again sooner on request, and reach the dead-letter queue after the maximum of receives', async () => {
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

  it('of SQS itself are told and survived', async () => {
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
    const faults = reports.map(({ fault }) => fault?.split(':')[0]);
    expect(new Set(faults)).toEqual(new Set(['Runtime.ExitError', 'Sandbox.Timedout', undefined]));
    expect(fn.counters.crashes).toBeGreaterThanOrEqual(1);
    expect(fn.counters.timeouts).toBeGreaterThanOrEqual(1);
  });
});
