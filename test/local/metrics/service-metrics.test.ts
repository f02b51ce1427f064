import { describe, expect, it, onTestFinished } from 'vitest';
import type { InvocationOutcome } from '../../../src/local/lambda/runtime-api.ts';
import type { MetricSink } from '../../../src/local/metrics/metric-sink.ts';
import { isMeasured, ServiceMetrics } from '../../../src/local/metrics/service-metrics.ts';
import type { QueueContents, StandingMessage } from '../../../src/local/servers/queue-access.ts';
import type { QueueResource, TableResource } from '../../../src/local/template/resources.ts';

const queue = { name: 'uploads', url: 'http://q' } as QueueResource;
const START = Date.UTC(2026, 10, 23);

const message = (sentTimestamp: number, approximateReceiveCount = 1): StandingMessage => ({
  messageId: 'm',
  body: '',
  messageAttributes: {},
  sentTimestamp,
  approximateReceiveCount,
});

/** Emulators whose figures a test sets. Time stands still but for the test. */
function world() {
  const emulators = {
    now: START,
    monotonic: 0,
    contents: { ready: [], delayed: [], inFlight: [] } as QueueContents,
    counters: { throttled: 0, unprocessed: 0 },
    reads: 0,
  };
  const metrics = new ServiceMetrics({
    resources: { queues: [queue], tables: [{ name: 'records' } as TableResource] },
    services: {
      messageCounts: async () => {
        const { ready, delayed, inFlight } = emulators.contents;
        return { visible: ready.length, delayed: delayed.length, inFlight: inFlight.length };
      },
      inspectQueue: async () => {
        emulators.reads += 1;
        return emulators.contents;
      },
    },
    table: { counters: emulators.counters as never },
    clock: {
      now: () => emulators.now,
      monotonic: () => emulators.monotonic,
      // Samples are taken by the test alone.
      sleep: (_, signal) =>
        new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
    },
  });
  onTestFinished(() => metrics.close());
  return { emulators, metrics };
}

function latest(sink: MetricSink, namespace: string, name: string, dimensions: Record<string, string>) {
  return sink.datapoints({ namespace, name, dimensions, statistic: 'Maximum' }).at(-1)?.value;
}

const ofQueue = (sink: MetricSink, name: string) => latest(sink, 'AWS/SQS', name, { QueueName: 'uploads' });
const ofFunction = (sink: MetricSink, name: string) => latest(sink, 'AWS/Lambda', name, { FunctionName: 'consumer' });

describe('the metrics of a queue', () => {
  it('count its messages, and are 0 for an empty one', async () => {
    const { emulators, metrics } = world();
    await metrics.sample();
    expect(ofQueue(metrics.sink, 'ApproximateNumberOfMessagesVisible')).toBe(0);
    expect(ofQueue(metrics.sink, 'ApproximateAgeOfOldestMessage')).toBe(0);
    emulators.contents = { ready: [message(START), message(START)], delayed: [message(START)], inFlight: [] };
    await metrics.sample();
    expect(ofQueue(metrics.sink, 'ApproximateNumberOfMessagesVisible')).toBe(2);
    expect(ofQueue(metrics.sink, 'ApproximateNumberOfMessagesDelayed')).toBe(1);
    expect(ofQueue(metrics.sink, 'ApproximateNumberOfMessagesNotVisible')).toBe(0);
  });

  it('tell the age of the oldest message, visible or in flight, without those received more than three times', async () => {
    const { emulators, metrics } = world();
    emulators.now = START + 60_000;
    const inFlight = [message(START + 30_000), message(START, 4)];
    emulators.contents = { ready: [message(START + 40_000)], delayed: [], inFlight };
    await metrics.sample();
    expect(ofQueue(metrics.sink, 'ApproximateAgeOfOldestMessage')).toBe(30);
  });

  it('take the age of the backlog for that of its oldest message when there are too many to read', async () => {
    const { emulators, metrics } = world();
    await metrics.sample();
    emulators.now = START + 300_000;
    emulators.contents = { ready: Array.from({ length: 6000 }, () => message(START)), delayed: [], inFlight: [] };
    await metrics.sample();
    expect(ofQueue(metrics.sink, 'ApproximateAgeOfOldestMessage')).toBe(300);
    expect(emulators.reads).toBe(0);
  });

  it('count what was deleted', () => {
    const { metrics } = world();
    metrics.countDeleted(queue, 7);
    expect(ofQueue(metrics.sink, 'NumberOfMessagesDeleted')).toBe(7);
  });
});

describe('the metrics of a table', () => {
  it('have a datapoint only when writes were refused, with those since the last look', async () => {
    const { emulators, metrics } = world();
    const refused = () => latest(metrics.sink, 'AWS/DynamoDB', 'WriteThrottleEvents', { TableName: 'records' });
    await metrics.sample();
    expect(refused()).toBeUndefined();
    Object.assign(emulators.counters, { throttled: 2, unprocessed: 3 });
    await metrics.sample();
    expect(refused()).toBe(5);
    emulators.now += 60_000;
    emulators.counters.throttled = 3;
    await metrics.sample();
    expect(refused()).toBe(1);
  });
});

describe('the metrics of a function', () => {
  const outcome = (errorType?: string): InvocationOutcome =>
    errorType === undefined
      ? { outcome: 'response', requestId: 'r', payload: '' }
      : { outcome: 'error', requestId: 'r', errorType, errorMessage: '' };

  async function invoke(errorType?: string) {
    const { emulators, metrics } = world();
    const fn = {
      invoke: async () => {
        emulators.monotonic += 250;
        return outcome(errorType);
      },
    };
    await metrics.meter('consumer', fn).invoke('{}');
    return (name: string) => ofFunction(metrics.sink, name);
  }

  it('count an invocation, with its duration', async () => {
    const figure = await invoke();
    expect(['Invocations', 'Errors', 'Throttles', 'Duration', 'ConcurrentExecutions'].map(figure)).toEqual([
      1, 0, 0, 250, 1,
    ]);
  });

  it('count an invocation that ends in an error', async () => {
    const figure = await invoke('Sandbox.Timedout');
    expect(['Invocations', 'Errors', 'Throttles'].map(figure)).toEqual([1, 1, 0]);
  });

  it('count what Lambda refuses as throttled, and as no invocation', async () => {
    const figure = await invoke('TooManyRequestsException');
    expect(['Invocations', 'Errors', 'Throttles'].map(figure)).toEqual([undefined, undefined, 1]);
  });

  it('tell how many run at once', async () => {
    const { metrics } = world();
    const running: (() => void)[] = [];
    const metered = metrics.meter('consumer', {
      invoke: () => new Promise((resolve) => running.push(() => resolve(outcome()))),
    });
    const both = [metered.invoke('{}'), metered.invoke('{}')];
    for (const end of running) end();
    await Promise.all(both);
    expect(ofFunction(metrics.sink, 'ConcurrentExecutions')).toBe(2);
  });
});

describe('the age of the records of a stream', () => {
  const payload = (...seconds: number[]) =>
    JSON.stringify({
      Records: seconds.map((ApproximateCreationDateTime) => ({ dynamodb: { ApproximateCreationDateTime } })),
    });

  it('is that of the last record of a batch when it is read, and the invocation is measured as well', async () => {
    const { metrics } = world();
    const fn = {
      invoke: async (): Promise<InvocationOutcome> => ({ outcome: 'response', requestId: 'r', payload: '' }),
    };
    await metrics.meterStream('consumer', fn).invoke(payload(START / 1000 - 90, START / 1000 - 30));
    expect(ofFunction(metrics.sink, 'IteratorAge')).toBe(30_000);
    expect(ofFunction(metrics.sink, 'Invocations')).toBe(1);
  });
});

it('measures metrics of AWS that it lists, and takes those of functions as they come', () => {
  expect(isMeasured({ namespace: 'AWS/SQS', name: 'NumberOfMessagesDeleted' })).toBe(true);
  expect(isMeasured({ namespace: 'AWS/SQS', name: 'SentMessageSize' })).toBe(false);
  expect(isMeasured({ namespace: 'AWS/EC2', name: 'CPUUtilization' })).toBe(false);
  expect(isMeasured({ namespace: 'UploadLedger', name: 'UploadsStored' })).toBe(true);
});

it('reports a queue that cannot be read, and looks again', async () => {
  const errors: Error[] = [];
  const thrice = Promise.withResolvers<void>();
  const metrics = new ServiceMetrics({
    resources: { queues: [queue], tables: [] },
    services: { messageCounts: async () => Promise.reject(new Error('gone')), inspectQueue: async () => undefined },
    table: { counters: {} as never },
    clock: { now: () => START, monotonic: () => 0, sleep: async () => undefined },
    onError: (error) => {
      if (errors.push(error) === 3) thrice.resolve();
    },
  });
  await thrice.promise;
  await metrics.close();
  expect(errors.every(({ message: text }) => text === 'gone')).toBe(true);
});
