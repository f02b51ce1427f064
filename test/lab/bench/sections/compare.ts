import type { BenchWorld } from '../bench-world.ts';
import type { SubjectName } from '../build/subjects.ts';
import type { Comparison } from '../schedule.ts';
import type { Worker } from '../worker/worker.ts';

/** What one handler did in each round. */
export interface Samples {
  readonly messagesPerSecond: number[];
  /** Microseconds a message. */
  readonly cpu: number[];
  /** DynamoDB calls a message. */
  readonly calls: number[];
  /** Bytes a message. */
  readonly log: number[];
}

export interface ComparisonResult extends Omit<Comparison, 'batches'> {
  readonly samples: Readonly<Partial<Record<SubjectName, Samples>>>;
}

export type Workers = ReadonlyMap<SubjectName, Worker>;

/** Lets all handlers take turns, in an order that moves on by one each round. */
export async function compare(world: BenchWorld, workers: Workers, plan: Comparison): Promise<ComparisonResult> {
  const { batches, ...conditions } = plan;
  const turns = Object.entries(batches).flatMap(([name, count]) => {
    const worker = workers.get(name as SubjectName);
    const into: Samples = { messagesPerSecond: [], cpu: [], calls: [], log: [] };
    return worker === undefined ? [] : [{ name: name as SubjectName, worker, count, into }];
  });
  for (let round = 0; round < plan.rounds; round++) {
    for (let turn = 0; turn < turns.length; turn++) {
      const next = turns[(turn + round) % turns.length];
      if (next === undefined) continue;
      await takeTurn(world, plan, next.worker, next.count, next.into);
    }
  }
  return { ...conditions, samples: Object.fromEntries(turns.map(({ name, into }) => [name, into])) };
}

async function takeTurn(world: BenchWorld, plan: Comparison, worker: Worker, batches: number, into: Samples) {
  await world.stub.behave({ delay: plan.delay, unprocessed: plan.unprocessed });
  const result = await worker.run(world.payload(plan.batchSize), batches);
  const { batchWriteItem, putItem } = await world.stub.behave({});
  if (result.failed > 0) throw new Error(`Expected every message to be stored; ${result.failed} failed.`);
  const messages = batches * plan.batchSize;
  into.messagesPerSecond.push(messages / result.seconds);
  into.cpu.push((result.cpuSeconds * 1e6) / messages);
  into.calls.push((batchWriteItem + putItem) / messages);
  into.log.push(result.logBytes / messages);
}
