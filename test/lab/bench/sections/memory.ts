import type { BenchWorld } from '../bench-world.ts';
import { FULL_PAYLOAD } from '../payload/payload-file.ts';

const SUBJECTS = ['peer', 'floor', 'ours', 'with-digests'] as const;

/** Peak resident memory in bytes, of a new process each time. */
export interface PeakMemory {
  /** Of one invocation with a full payload. */
  readonly one: number[];
  /** Of as many more in a row: they find what the first has left behind. */
  readonly more: number[];
}

export type Memory = Readonly<Record<(typeof SUBJECTS)[number], PeakMemory>>;

/** Measures the memory of environments that get payloads of full 6 MB. */
export async function measureMemory(world: BenchWorld, rounds: number, moreInvocations: number): Promise<Memory> {
  const memory: Memory = { peer: nothing(), floor: nothing(), ours: nothing(), 'with-digests': nothing() };
  const payload = world.payload(FULL_PAYLOAD);
  await world.stub.behave({ delay: 5 });
  for (let round = 0; round < rounds; round++) {
    for (const name of SUBJECTS) {
      await using worker = world.startWorker(world.get(name));
      memory[name].one.push((await worker.run(payload, 1)).peakBytes);
      memory[name].more.push((await worker.run(payload, moreInvocations)).peakBytes);
    }
  }
  return memory;
}

function nothing(): PeakMemory {
  return { one: [], more: [] };
}
