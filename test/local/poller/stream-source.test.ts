import { describe, expect, it, onTestFinished } from 'vitest';
import type { InvokableFunction } from '../../../src/local/lambda/local-function.ts';
import type { BatchReport } from '../../../src/local/poller/invocation.ts';
import { StreamSource, type StreamSourceOptions } from '../../../src/local/poller/stream-source.ts';
import type { StreamRecord } from '../../../src/local/servers/table-stream.ts';
import { manualClock } from '../../builders/manual-clock.ts';
import { failing } from './event-source-fixture.ts';

const streamArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/ledger/stream/1';
const MAPPING = {
  streamArn,
  batchSize: 100,
  batchWindowSeconds: 0,
  filters: [],
  reportsBatchItemFailures: true,
  bisectsOnError: true,
  maximumRetryAttempts: -1,
  maximumRecordAgeSeconds: -1,
} as const;

function record(number: number, image: object = { id: { S: `item ${number}` } }): StreamRecord {
  return {
    eventID: String(number),
    eventName: 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    eventSourceARN: streamArn,
    dynamodb: {
      ApproximateCreationDateTime: 0,
      Keys: { id: { S: `item ${number}` } },
      NewImage: { ...image },
      SequenceNumber: String(number),
      SizeBytes: 1,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  };
}

/** Answers a batch of sequence numbers: with the function's response, or by throwing. */
type Handle = (numbers: readonly number[], invocation: number) => unknown;

/** A stream source whose records are taken by `handle`; its clock jumps over every pause. */
function readStream(
  handle: Handle,
  mapping: Partial<StreamSourceOptions['mapping']> = {},
  options: Partial<StreamSourceOptions> = {},
) {
  const clock = manualClock({ random: () => 1 });
  const batches: (readonly number[])[] = [];
  const reports: BatchReport[] = [];
  const failures: { readonly [field: string]: unknown }[] = [];
  const fn: InvokableFunction = {
    invoke: async (payload) => {
      const { Records } = JSON.parse(payload) as { readonly Records: readonly StreamRecord[] };
      const numbers = Records.map(({ dynamodb }) => Number(dynamodb.SequenceNumber));
      batches.push(numbers);
      const requestId = `request-${batches.length}`;
      try {
        return { outcome: 'response', requestId, payload: JSON.stringify(handle(numbers, batches.length) ?? null) };
      } catch (error) {
        return { outcome: 'error', requestId, errorType: 'Error', errorMessage: String(error) };
      }
    },
  };
  const source = new StreamSource({
    mapping: { ...MAPPING, ...mapping },
    fn,
    functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:publisher',
    sendFailure: async (body) => void failures.push(JSON.parse(body)),
    onBatch: (report) => void reports.push(report),
    clock,
    ...options,
  });
  onTestFinished(() => source.close());
  const take = async (...numbers: number[]) => {
    for (const number of numbers) source.take(record(number));
    await source.drained();
  };
  return { source, clock, batches, reports, failures, take };
}

const failsFrom = (poison: number) => (numbers: readonly number[]) =>
  numbers.includes(poison) ? failing([String(poison)]) : undefined;
const throwsOn = (poison: number) => (numbers: readonly number[]) => {
  if (numbers.includes(poison)) throw new Error('poison');
};

describe('the event source mapping of a stream', () => {
  it('hands over records in their order, a batch at a time', async () => {
    const { batches, take, reports } = readStream(() => undefined, { batchSize: 2 });
    await take(1, 2, 3, 4, 5);
    expect(batches).toEqual([[1, 2], [3, 4], [5]]);
    expect(reports).toMatchObject([{ size: 2, failures: 0, requestId: 'request-1' }, { size: 2 }, { size: 1 }]);
  });

  it('skips what matches none of its filters, without an invocation', async () => {
    const filters = [{ dynamodb: { NewImage: { kind: { S: ['upload'] } } } }, { eventName: ['REMOVE'] }];
    const { source, batches } = readStream(() => undefined, { filters });
    source.take(record(1));
    await source.drained();
    expect(batches).toEqual([]);
    source.take(record(2, { kind: { S: 'upload' } }));
    source.take({ ...record(3), eventName: 'REMOVE' });
    await source.drained();
    expect(batches).toEqual([[2, 3]]);
  });

  it('never hands over more than an invocation takes', async () => {
    const { source, batches } = readStream(() => undefined);
    const large = { text: { S: 'x'.repeat(2_500_000) } };
    for (const number of [1, 2, 3]) source.take(record(number, large));
    await source.drained();
    expect(batches).toEqual([[1, 2], [3]]);
  });

  it('continues at the first record that the function names', async () => {
    const { batches, take } = readStream((numbers, invocation) =>
      invocation === 1 ? failing(['4', '3'].filter((id) => numbers.includes(Number(id)))) : undefined,
    );
    await take(1, 2, 3, 4);
    expect(batches).toEqual([
      [1, 2, 3, 4],
      [3, 4],
    ]);
  });

  it('halves a batch that fails as a whole until the record is found that makes it fail', async () => {
    const { batches, take, failures } = readStream(throwsOn(3), { maximumRetryAttempts: 1 });
    await take(1, 2, 3, 4);
    expect(batches).toEqual([[1, 2, 3, 4], [1, 2], [3, 4], [3], [3], [4]]);
    expect(failures).toMatchObject([{ DDBStreamBatchInfo: { startSequenceNumber: '3', batchSize: 1 } }]);
  });

  it('repeats a batch that fails as a whole, where it does not halve', async () => {
    const { batches, take } = readStream(
      (_, invocation) => {
        if (invocation < 3) throw new Error('not yet');
      },
      { bisectsOnError: false },
    );
    await take(1, 2);
    expect(batches).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
  });

  it.each([
    ['is no object', 'text'],
    ['names a record that was not in the batch', failing(['9'])],
  ])('takes a response for a failure of the whole batch when it %s', async (_, response) => {
    const { batches, take } = readStream((__, invocation) => (invocation === 1 ? response : undefined), {
      bisectsOnError: false,
    });
    await take(1);
    expect(batches).toEqual([[1], [1]]);
  });

  it('ignores the response where partial failures are not on', async () => {
    const { batches, take } = readStream(failsFrom(1), { reportsBatchItemFailures: false });
    await take(1);
    expect(batches).toEqual([[1]]);
  });

  it('holds up the records behind one that fails, and waits longer and longer', async () => {
    const { batches, take, clock } = readStream(
      (numbers, invocation) => (invocation < 5 ? failing([String(numbers[0])]) : undefined),
      { batchSize: 1 },
    );
    await take(1, 2);
    expect(batches).toEqual([[1], [1], [1], [1], [1], [2]]);
    expect(clock.sleeps).toEqual([50, 100, 200, 400]);
  });

  it('tells the on-failure queue where the records are that were tried as often as allowed', async () => {
    const { take, failures, batches } = readStream(failsFrom(2), { maximumRetryAttempts: 2 });
    await take(1, 2, 3);
    expect(batches).toEqual([
      [1, 2, 3],
      [2, 3],
      [2, 3],
    ]);
    expect(failures).toMatchObject([
      {
        requestContext: { condition: 'RetryAttemptsExhausted', requestId: 'request-3', approximateInvokeCount: 3 },
        DDBStreamBatchInfo: { startSequenceNumber: '2', endSequenceNumber: '3', batchSize: 2, streamArn },
      },
    ]);
  });

  it('gives up records that are too old, and hands over the others', async () => {
    const { source, clock, take, failures, batches } = readStream(
      (numbers) => {
        if (numbers.includes(1)) clock.time += 30_000;
        if (numbers.includes(1)) source.take(record(2));
        return failsFrom(1)(numbers);
      },
      { maximumRecordAgeSeconds: 60, batchSize: 1 },
    );
    await take(1);
    expect(failures).toMatchObject([
      { requestContext: { condition: 'RecordAgeExceeded' }, DDBStreamBatchInfo: { startSequenceNumber: '1' } },
    ]);
    expect(batches.filter((numbers) => numbers.includes(1))).toHaveLength(2);
    expect(batches.at(-1)).toEqual([2]);
  });

  it('reports a function that cannot be invoked, and invokes it again', async () => {
    const errors: Error[] = [];
    let calls = 0;
    const invoke: InvokableFunction['invoke'] = async () => {
      calls += 1;
      if (calls === 1) throw new Error('closed');
      return { outcome: 'response', requestId: 'r', payload: 'null' };
    };
    const { take } = readStream(() => undefined, {}, { fn: { invoke }, onError: (error) => errors.push(error) });
    await take(1);
    expect(calls).toBe(2);
    expect(errors).toMatchObject([{ message: 'closed' }]);
  });
});
