import { Session } from 'node:inspector';

/**
 * How often blocks of our own code are run while `work` is. V8 counts them, on every machine alike, but for some
 * 10 %. What the engine does within one call (a regular expression, JSON.parse) is not counted.
 */
export function countWork(work: () => void): number {
  const session = new Session();
  session.connect();
  try {
    session.post('Profiler.enable');
    session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    work();
    return takeCounts(session);
  } finally {
    session.post('Profiler.stopPreciseCoverage');
    session.disconnect();
  }
}

function takeCounts(session: Session): number {
  let count = 0;
  session.post('Profiler.takePreciseCoverage', (error, { result }) => {
    if (error !== null) throw error;
    const ours = result.filter(({ url }) => url.includes('/src/'));
    const ranges = ours.flatMap(({ functions }) => functions.flatMap((fn) => fn.ranges));
    count = ranges.reduce((sum, range) => sum + range.count, 0);
  });
  return count;
}
