import type { BenchWorld } from '../bench-world.ts';
import type { Worker } from '../worker/worker.ts';

/** CPU of one warm environment, in microseconds a message, by the number of messages that it is measured over. */
export interface Growth {
  readonly messages: number;
  readonly cpu: readonly number[];
}

const BATCH = 1_000;
const STEPS = [1, 10, 100];
/**
 * Runs of the smallest step in a round. Their mean counts: a median would leave out the batches in which garbage is
 * collected.
 */
const REPEATS = 30;

/** Measures whether a message costs more when there were many before it: batches of 1,000, with no delay. */
export async function measureGrowth(world: BenchWorld, worker: Worker, rounds: number): Promise<readonly Growth[]> {
  const growth = STEPS.map((batches) => ({ messages: batches * BATCH, cpu: [] as number[], batches }));
  await world.stub.behave({});
  for (let round = 0; round < rounds; round++) {
    for (const { batches, cpu } of growth) {
      const repeats = Math.ceil(REPEATS / batches);
      let seconds = 0;
      for (let repeat = 0; repeat < repeats; repeat++) {
        seconds += (await worker.run(world.payload(BATCH), batches)).cpuSeconds;
      }
      cpu.push((seconds * 1e6) / (repeats * batches * BATCH));
    }
  }
  return growth.map(({ messages, cpu }) => ({ messages, cpu }));
}
