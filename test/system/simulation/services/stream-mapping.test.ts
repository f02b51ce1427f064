import type { DynamoDBBatchResponse } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { HOUR_MS, SECOND_MS } from '../../../../src/shared/time.ts';
import { StoredItem } from './dynamodb/stored-item.ts';
import { SimulatedStream } from './dynamodb/table-stream.ts';
import type { InvocationFault } from './invocation.ts';
import { SimulatedQueue } from './simulated-sqs.ts';
import { SimulatedStreamMapping } from './stream-mapping.ts';
import { VirtualClock } from './virtual-clock.ts';

const TIMEOUT_MS = 30 * SECOND_MS;

interface Options {
  /** Answers the ids of a batch. */
  readonly answer?: (ids: readonly string[]) => Promise<DynamoDBBatchResponse> | DynamoDBBatchResponse;
  readonly faults?: readonly InvocationFault[];
  readonly maxRecordAgeMs?: number;
}

function start({
  answer = () => ({ batchItemFailures: [] }),
  faults = [],
  maxRecordAgeMs = 23 * HOUR_MS,
}: Options = {}) {
  const clock = new VirtualClock(0, 1);
  const stream = new SimulatedStream(clock);
  const failures = new SimulatedQueue('failures', { clock, visibilityMs: SECOND_MS });
  /** The ids of each batch, with the number of the environment that got it. */
  const batches: { readonly environment: number; readonly ids: readonly string[] }[] = [];
  const left = [...faults];
  let environments = 0;
  const mapping = new SimulatedStreamMapping({
    clock,
    stream,
    filters: [{ eventName: ['INSERT'] }],
    batchSize: 2,
    bisectBatchOnError: true,
    maxRecordAgeMs,
    timeoutMs: TIMEOUT_MS,
    failures,
    createEnvironment: () => {
      environments += 1;
      const environment = environments;
      return {
        handle: async ({ Records }) => {
          const ids = Records.map(({ dynamodb }) => dynamodb?.Keys?.upload_id?.S ?? '');
          batches.push({ environment, ids });
          return answer(ids);
        },
      };
    },
    fault: () => left.shift(),
  });
  const put = (object: string, ...ids: readonly string[]) => {
    for (const id of ids) {
      const item = { s3_object: { S: object }, upload_id: { S: id } };
      stream.append({ kind: 'INSERT', stored: new StoredItem(item, 0, 0) });
    }
  };
  return { clock, mapping, failures, batches, put };
}

describe('the simulated mapping of a stream', () => {
  it('handles the records of one object in their order, one batch at a time', async () => {
    let running = 0;
    let peak = 0;
    const { clock, batches, put, mapping } = start({
      answer: async () => {
        running += 1;
        peak = Math.max(peak, running);
        await clock.sleep(SECOND_MS);
        running -= 1;
        return { batchItemFailures: [] };
      },
    });
    put('one', '1', '2', '3', '4', '5');
    expect(mapping.waiting).toBe(5);
    await clock.runUntil(10 * SECOND_MS);
    expect(batches.map(({ ids }) => ids)).toEqual([['1', '2'], ['3', '4'], ['5']]);
    expect([peak, mapping.waiting]).toEqual([1, 0]);
  });

  it('does not let the records of other shards wait for a batch that fails', async () => {
    const { clock, batches, put, mapping } = start({
      answer: ([id = '']) => ({ batchItemFailures: id === 'bad' ? [{ itemIdentifier: 'unknown' }] : [] }),
    });
    put('one', 'bad');
    for (let object = 0; object < 20; object += 1) put(`object-${object}`, 'good');
    await clock.runUntil(10 * SECOND_MS);
    const good = batches.flatMap(({ ids }) => (ids.includes('bad') ? [] : ids));
    expect(good.length).toBeGreaterThan(10);
    expect(mapping.waiting).toBe(21 - good.length);
  });

  it('uses an environment again, but none in which an invocation was killed or took too long', async () => {
    const { clock, batches, put } = start({ faults: ['killed'], answer: () => new Promise(() => undefined) });
    put('one', '1');
    await clock.runUntil(2 * TIMEOUT_MS);
    expect(batches.map(({ environment }) => environment)).toEqual(batches.map((_, at) => at + 1));
    expect(batches.length).toBeGreaterThan(2);
    const calm = start();
    calm.put('one', '1', '2', '3', '4');
    await calm.clock.runUntil(SECOND_MS);
    expect(calm.batches.map(({ environment }) => environment)).toEqual([1, 1]);
  });

  it('loses, without a word, what nobody has read for 24 hours', async () => {
    const answer = (ids: readonly string[]) => ({
      batchItemFailures: ids.includes('1') ? [{ itemIdentifier: '' }] : [],
    });
    const { clock, batches, failures, put, mapping } = start({ answer, maxRecordAgeMs: 25 * HOUR_MS });
    put('one', '1', '2', '3');
    clock.after(20 * HOUR_MS, () => put('one', '4'));
    await clock.runUntil(26 * HOUR_MS);
    expect(batches.at(-1)?.ids).toEqual(['4']);
    expect(batches.some(({ ids }) => ids.includes('3'))).toBe(false);
    // The two that it held, in halves.
    expect([failures.size, mapping.waiting]).toEqual([2, 0]);
  });
});
