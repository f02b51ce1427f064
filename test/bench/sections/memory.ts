import type { BenchWorld } from '../bench-world.ts';
import type { SubjectName } from '../build/subjects.ts';
import { FULL_PAYLOAD } from '../payload/payload-file.ts';

/** Peak resident memory in bytes, of a new process each. */
export type Memory = Readonly<Partial<Record<SubjectName, readonly number[]>>>;

const SUBJECTS = ['peer', 'floor', 'ours'] as const;
/** One after the other: the second finds what the first has left behind. */
const INVOCATIONS = 3;

/** Measures the memory of environments that get payloads of full 6 MB. */
export async function measureMemory(world: BenchWorld, rounds: number): Promise<Memory> {
  const memory = { peer: [] as number[], floor: [] as number[], ours: [] as number[] };
  await world.stub.behave({ delay: 5 });
  for (let round = 0; round < rounds; round++) {
    for (const name of SUBJECTS) {
      await using worker = world.startWorker(world.get(name));
      const { peakBytes } = await worker.run(world.payload(FULL_PAYLOAD), INVOCATIONS);
      memory[name].push(peakBytes);
    }
  }
  return memory;
}
