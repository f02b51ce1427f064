import { Session } from 'node:inspector/promises';

/** Bytes between two samples. */
const INTERVAL = 2_048;

interface Node {
  readonly selfSize: number;
  readonly children: readonly Node[];
}

/**
 * Bytes that `run` allocates on the heap, whether they are collected meanwhile or not; by samples, good to a few
 * percent.
 */
export async function allocatedBytes(run: () => Promise<unknown>): Promise<number> {
  const session = new Session();
  session.connect();
  try {
    await session.post('HeapProfiler.startSampling', {
      samplingInterval: INTERVAL,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
    await run();
    const { profile } = await session.post('HeapProfiler.stopSampling');
    return sum(profile.head);
  } finally {
    session.disconnect();
  }
}

function sum({ selfSize, children }: Node): number {
  return children.reduce((bytes, child) => bytes + sum(child), selfSize);
}
