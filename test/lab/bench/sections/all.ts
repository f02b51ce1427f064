import type { BenchWorld } from '../bench-world.ts';
import type { SubjectName } from '../build/subjects.ts';
import type { Schedule } from '../schedule.ts';
import type { Worker } from '../worker/worker.ts';
import { type ColdStartResult, measureColdStarts } from './cold-start.ts';
import { type ComparisonResult, compare } from './compare.ts';
import { type Growth, measureGrowth } from './growth.ts';
import { type Memory, measureMemory } from './memory.ts';
import { checkSameRecords, type StoredBatch } from './same-records.ts';

/** Everything that was measured. */
export interface Measurements {
  readonly comparisons: readonly ComparisonResult[];
  readonly growth: readonly Growth[];
  readonly memory: Memory;
  readonly cold: ColdStartResult;
  readonly stored: StoredBatch;
}

/** Called with what begins. */
export type Progress = (what: string) => void;

/** Takes all measurements, one after the other. @param flags Of Node, for the warm processes. */
export async function measureAll(
  world: BenchWorld,
  plan: Schedule,
  progress: Progress,
  flags: (name: SubjectName) => readonly string[],
): Promise<Measurements> {
  await using processes = new AsyncDisposableStack();
  const workers = new Map<SubjectName, Worker>();
  for (const subject of world.built.subjects) {
    workers.set(subject.name, processes.use(world.startWorker(subject, flags(subject.name))));
  }
  const stored = await checkSameRecords(world, workers);
  progress('warming up');
  await warmUp(world, plan, workers);
  const comparisons: ComparisonResult[] = [];
  for (const comparison of plan.comparisons) {
    const { batchSize, delay, unprocessed } = comparison;
    progress(`batches of ${batchSize}, answers after ${delay} ms, ${unprocessed * 100} % unprocessed`);
    comparisons.push(await compare(world, workers, comparison));
  }
  progress('growth from 1,000 to 100,000 messages');
  const growth = await measureGrowth(world, workers.get('with-digests') as Worker, plan.growthRounds);
  await processes.disposeAsync();
  progress('memory at a full payload');
  const memory = await measureMemory(world, plan.memoryRounds, plan.moreInvocations);
  progress('cold starts');
  const cold = await measureColdStarts(world, plan.coldRounds);
  return { comparisons, growth, memory, cold, stored };
}

/**
 * In batches of 100 and of 10, so that neither is new to the compiler; two processes at a time, as there are two
 * cores at least.
 */
async function warmUp(world: BenchWorld, plan: Schedule, workers: ReadonlyMap<SubjectName, Worker>): Promise<void> {
  await world.stub.behave({});
  const waiting = [...workers];
  const warmNext = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [name, worker] = next;
      const messages = plan.warmUp[name];
      await worker.run(world.payload(100), Math.ceil((messages * 0.8) / 100));
      await worker.run(world.payload(10), Math.ceil((messages * 0.2) / 10));
    }
  };
  await Promise.all([warmNext(), warmNext()]);
}
