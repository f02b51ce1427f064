import type { BenchWorld } from '../bench-world.ts';
import type { Worker } from '../worker/worker.ts';

/** CPU of one warm environment, in microseconds a message, by the number of messages that it is measured over. */
export interface Growth {
  readonly messages: number;
  readonly cpu: readonly number[];
}

const BATCH = 1_000;
const STEPS = [1, 10, 100];
/** Runs of the smallest step in a round; their median is its value. */
const REPEATS = 7;

/** Measures whether a message costs more when there were many before it: batches of 1,000, with no delay. */
export async function measureGrowth(world: BenchWorld, worker: Worker, rounds: number): Promise<readonly Growth[]> {
  const growth = STEPS.map((batches) => ({ messages: batches * BATCH, cpu: [] as number[], batches }));
  await world.stub.behave({});
  for (let round = 0; round < rounds; round++) {
    for (const { batches, cpu } of growth) {
      const repeats = Math.ceil(REPEATS / batches);
      const values: number[] = [];
      for (let repeat = 0; repeat < repeats; repeat++) {
        const { cpuSeconds } = await worker.run(world.payload(BATCH), batches);
        values.push((cpuSeconds * 1e6) / (batches * BATCH));
      }
      cpu.push(values.toSorted((one, other) => one - other)[Math.floor(repeats / 2)] ?? Number.NaN);
    }
  }
  return growth.map(({ messages, cpu }) => ({ messages, cpu }));
}
