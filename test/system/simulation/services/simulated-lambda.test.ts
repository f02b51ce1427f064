import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { SECOND_MS } from '../../../../src/shared/time.ts';
import { type FunctionOptions, SimulatedFunction } from './simulated-lambda.ts';
import { SimulatedQueue } from './simulated-sqs.ts';
import { VirtualClock } from './virtual-clock.ts';

const VISIBILITY_MS = 180 * SECOND_MS;
const TIMEOUT_MS = 30 * SECOND_MS;
const ALL_WENT_WELL: SQSBatchResponse = { batchItemFailures: [] };

function start(handle: FunctionOptions['handle'], options: Partial<FunctionOptions> = {}) {
  const clock = new VirtualClock(0, 1);
  const queue = new SimulatedQueue('uploads', { clock, visibilityMs: VISIBILITY_MS });
  const consumer = new SimulatedFunction({
    clock,
    queue,
    batchSize: 10,
    batchWindowMs: 5 * SECOND_MS,
    timeoutMs: TIMEOUT_MS,
    concurrency: 1,
    handle,
    fault: () => undefined,
    ...options,
  });
  return { clock, queue, consumer };
}

const bodiesOf = ({ Records }: SQSEvent) => Records.map(({ body }) => body);

describe('a function', () => {
  it('gets the messages of a window, and has them deleted when all went well', async () => {
    const batches: string[][] = [];
    const { clock, queue, consumer } = start(async (event) => {
      batches.push(bodiesOf(event));
      return ALL_WENT_WELL;
    });
    for (const at of [0, 2, 4, 6]) clock.after(at * SECOND_MS, () => queue.send(`${at}`));
    await clock.runUntil(20 * SECOND_MS);
    expect(batches).toEqual([['0', '2', '4'], ['6']]);
    expect(queue.size).toBe(0);
    expect(consumer.returns).toBe(0);
  });

  it('gets a full batch before its window is over', async () => {
    let startedAt = Number.POSITIVE_INFINITY;
    const { clock, queue } = start(async () => {
      startedAt = clock.now();
      return ALL_WENT_WELL;
    });
    for (let at = 0; at < 10; at += 1) queue.send(`${at}`);
    await clock.runUntil(TIMEOUT_MS);
    expect(startedAt).toBe(0);
  });

  it('gets those messages again that it reported', async () => {
    const { clock, queue, consumer } = start(async ({ Records }) => ({
      batchItemFailures: Records.filter(({ body }) => body === 'bad').map(({ messageId }) => ({
        itemIdentifier: messageId,
      })),
    }));
    queue.send('good');
    queue.send('bad');
    await clock.runUntil(10 * SECOND_MS);
    expect(queue.all().map(({ body }) => body)).toEqual(['bad']);
    expect(consumer.returns).toBe(1);
    await clock.runUntil(VISIBILITY_MS + 10 * SECOND_MS);
    expect(queue.all()[0]?.receives).toBe(2);
  });

  it.each([
    ['throws', async () => Promise.reject(new Error('broken'))],
    ['names a message that it did not get', async () => ({ batchItemFailures: [{ itemIdentifier: 'other' }] })],
    ['names an empty id', async () => ({ batchItemFailures: [{ itemIdentifier: '' }] })],
  ])('gets the whole batch again when it %s', async (_what, handle) => {
    const { clock, queue, consumer } = start(handle);
    queue.send('a');
    queue.send('b');
    await clock.runUntil(10 * SECOND_MS);
    expect([queue.size, consumer.returns]).toEqual([2, 2]);
  });

  it('is ended after its timeout, and what it does afterwards is not heard', async () => {
    let hasGoneOn = false;
    const { clock, queue, consumer } = start(async (_event, { life, remainingMilliseconds }) => {
      expect(remainingMilliseconds()).toBe(TIMEOUT_MS);
      await life.call(() => clock.sleep(TIMEOUT_MS + 1));
      hasGoneOn = true;
      return ALL_WENT_WELL;
    });
    queue.send('a');
    await clock.runUntil(2 * TIMEOUT_MS);
    expect([queue.size, consumer.failures, hasGoneOn]).toEqual([1, 1, false]);
  });

  it('that does not load leaves its messages to the visibility timeout', async () => {
    const handled: string[][] = [];
    let isBroken = true;
    const handle = async (event: SQSEvent) => {
      handled.push(bodiesOf(event));
      return ALL_WENT_WELL;
    };
    const { clock, queue, consumer } = start(handle, { fault: () => (isBroken ? 'does-not-load' : undefined) });
    queue.send('a');
    await clock.runUntil(VISIBILITY_MS - 1);
    expect([handled, consumer.failures, queue.inFlight]).toEqual([[], 1, 1]);
    isBroken = false;
    await clock.runUntil(VISIBILITY_MS + 10 * SECOND_MS);
    expect(handled).toEqual([['a']]);
  });

  it('runs so many batches at once', async () => {
    let running = 0;
    let most = 0;
    const handle = async () => {
      most = Math.max(most, ++running);
      await clock.sleep(10 * SECOND_MS);
      running -= 1;
      return ALL_WENT_WELL;
    };
    const { clock, queue } = start(handle, { concurrency: 3, batchSize: 1 });
    for (let at = 0; at < 10; at += 1) queue.send(`${at}`);
    await clock.runUntil(100 * SECOND_MS);
    expect([most, queue.size]).toEqual([3, 0]);
  });

  it('stops when what it is doing is done', async () => {
    const { clock, queue, consumer } = start(async () => {
      await clock.sleep(10 * SECOND_MS);
      return ALL_WENT_WELL;
    });
    queue.send('a');
    await clock.runUntil(6 * SECOND_MS);
    expect(consumer.running).toBe(1);
    await clock.run(consumer.stop());
    queue.send('b');
    await clock.runUntil(clock.now() + 100 * SECOND_MS);
    expect([consumer.running, queue.size]).toEqual([0, 1]);
  });
});
