import type { SubjectName } from './build/subjects.ts';

/** Invocations of one handler in one round, by name; a handler that is not named does not take part. */
export type Batches = Readonly<Partial<Record<SubjectName, number>>>;

/** One comparison: rounds in which every handler takes its turn. */
export interface Comparison {
  readonly batchSize: number;
  /** Milliseconds that the stub takes to answer. */
  readonly delay: number;
  /** Part of the puts that come back unprocessed. */
  readonly unprocessed: number;
  readonly rounds: number;
  readonly batches: Batches;
}

/** How much is measured. */
export interface Schedule {
  /** Messages that each handler gets before anything is measured, so that the compiler is done with it. */
  readonly warmUp: Readonly<Record<SubjectName, number>>;
  /** The comparison that most ratios come from: first. */
  readonly comparisons: readonly Comparison[];
  readonly growthRounds: number;
  readonly memoryRounds: number;
  /** Invocations after the first, in the same process. */
  readonly moreInvocations: number;
  readonly coldRounds: number;
}

const WARM_UP = {
  naive: 600,
  'naive-python': 300,
  peer: 6_000,
  'batch-peer': 30_000,
  floor: 40_000,
  ours: 40_000,
  'with-digests': 40_000,
} as const;
const MAIN = { naive: 1, 'naive-python': 1, peer: 4, 'batch-peer': 30, floor: 40, ours: 40, 'with-digests': 40 };
const WITHOUT_NAIVE = { peer: 3, floor: 30, ours: 30, 'with-digests': 30 };
const OURS = { floor: 1, ours: 1, 'with-digests': 1 };
const REFUSED = { 'batch-peer': 10, floor: 30, ours: 30, 'with-digests': 30 };

function comparison(batchSize: number, rounds: number, batches: Batches, stub: Partial<Comparison> = {}): Comparison {
  return { batchSize, rounds, batches, delay: 5, unprocessed: 0, ...stub };
}

export const FULL: Schedule = {
  warmUp: WARM_UP,
  comparisons: [
    comparison(100, 15, MAIN),
    comparison(10, 15, { naive: 5, peer: 30, 'batch-peer': 100, floor: 150, ours: 150, 'with-digests': 150 }),
    comparison(1_000, 7, { peer: 1, 'batch-peer': 4, floor: 8, ours: 8, 'with-digests': 8 }),
    comparison(3_200, 7, { peer: 1, 'batch-peer': 2, floor: 4, ours: 4, 'with-digests': 4 }),
    comparison(100, 7, MAIN, { delay: 0 }),
    comparison(100, 7, MAIN, { delay: 10 }),
    comparison(100, 7, REFUSED, { unprocessed: 0.1 }),
    comparison(1_000, 7, { floor: 8, ours: 8, 'with-digests': 8 }, { unprocessed: 0.1 }),
    comparison(3_200, 7, { floor: 4, ours: 4, 'with-digests': 4 }, { unprocessed: 0.1 }),
  ],
  growthRounds: 5,
  memoryRounds: 5,
  moreInvocations: 4,
  coldRounds: 25,
};

export const QUICK: Schedule = {
  warmUp: WARM_UP,
  comparisons: [
    comparison(100, 5, MAIN),
    comparison(10, 5, { peer: 15, 'batch-peer': 60, floor: 80, ours: 80, 'with-digests': 80 }),
    comparison(1_000, 2, OURS),
    comparison(3_200, 2, OURS),
    comparison(100, 2, WITHOUT_NAIVE, { delay: 0 }),
    comparison(100, 2, WITHOUT_NAIVE, { delay: 10 }),
    comparison(100, 3, REFUSED, { unprocessed: 0.1 }),
    comparison(1_000, 2, OURS, { unprocessed: 0.1 }),
    comparison(3_200, 2, OURS, { unprocessed: 0.1 }),
  ],
  growthRounds: 1,
  memoryRounds: 1,
  moreInvocations: 0,
  coldRounds: 5,
};
