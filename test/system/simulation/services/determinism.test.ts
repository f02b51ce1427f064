import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { MINUTE_MS, SECOND_MS } from '../../../../src/shared/time.ts';
import { ledgerRecord } from '../../../ledger/records.ts';
import { SimulatedTable, type TableFault } from './dynamodb/simulated-dynamodb.ts';
import { SimulatedFunction } from './simulated-lambda.ts';
import { SimulatedBucket } from './simulated-s3.ts';
import { SimulatedQueue } from './simulated-sqs.ts';
import { VirtualClock } from './virtual-clock.ts';

const KINDS = ['refused', 'throttled', 'answer-lost', 'late'] as const;

/** A bucket, a queue, a function and a table on one clock for some minutes, and a hash of everything that happened. */
async function runServices(seed: number): Promise<string> {
  const clock = new VirtualClock(0, seed);
  const trace = createHash('sha256');
  const note = (...facts: readonly unknown[]) => trace.update(`${clock.monotonic()} ${facts.join(' ')}\n`);
  const fault = (operation: string): TableFault | undefined => {
    note('call', operation);
    const kind = KINDS[Math.floor(clock.random() * 40)];
    return kind && { kind };
  };
  const table = new SimulatedTable({ clock, fault, latency: () => 1 + clock.random() * 9, indexDelay: () => 100 });
  const dead = new SimulatedQueue('dead', { clock, visibilityMs: SECOND_MS });
  const redrive = { deadLetters: dead, maxReceiveCount: 3 };
  const queue = new SimulatedQueue('uploads', { clock, visibilityMs: 40 * SECOND_MS, ...redrive });
  const onEvent = (_event: unknown, body: string) =>
    void clock.after(clock.random() * SECOND_MS, () => queue.send(body));
  const bucket = new SimulatedBucket({ name: 'bucket', isVersioned: true, clock, onEvent });
  const consumer = new SimulatedFunction({
    clock,
    queue,
    batchSize: 20,
    batchWindowMs: SECOND_MS,
    timeoutMs: 5 * SECOND_MS,
    concurrency: 4,
    fault: () => (clock.random() < 0.05 ? 'killed' : undefined),
    handle: async ({ Records }, { life, requestId }) => {
      const { sendPuts } = table.connect(life);
      const records = Records.map(({ messageId }) => ledgerRecord({ s3_object: `bucket/${messageId}` }));
      // As the writer does.
      await new Promise<void>((resolve) => setImmediate(resolve));
      await sendPuts(records, clock.timeout(3 * SECOND_MS));
      note('done', requestId, records.length);
      return { batchItemFailures: [] };
    },
  });
  const upload = async () => {
    for (let number = 0; number < 500; number += 1) {
      bucket.put(`key-${Math.floor(clock.random() * 100)}`, number, 'AWS:AROAEXAMPLE:alice');
      await clock.sleep(clock.random() * SECOND_MS);
    }
    await clock.sleep(5 * MINUTE_MS);
    await consumer.stop();
    for (const item of table.items()) note(JSON.stringify(item));
    note(queue.size, dead.size, consumer.invocations, consumer.failures, consumer.returns);
  };
  await clock.run(upload());
  return trace.digest('hex');
}

describe('the simulated services', () => {
  it('do the same again with the same seed, and something else with another', async () => {
    const [first, again, other] = [await runServices(1), await runServices(1), await runServices(2)];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it('do the same whatever else the process does: other simulations, timers, files', async () => {
    const alone = [await runServices(3), await runServices(4)];
    let isOver = false;
    const noise = async () => {
      while (!isOver) await Promise.all([delay(1), readFile(new URL(import.meta.url)), new Promise(setImmediate)]);
    };
    const disturbance = noise();
    const together = await Promise.all([runServices(3), runServices(4)]);
    isOver = true;
    await disturbance;
    expect(together).toEqual(alone);
  });
});
