import { Session } from 'node:inspector';
import { setFlagsFromString } from 'node:v8';

/** V8's optimizing compilers. Their code does not count the calls of functions. */
const COMPILERS = ['maglev', 'turbofan'];

/**
 * How often blocks of our own code are run while `work` is. V8 counts them, for equal work on every machine alike,
 * once the code has run before. What the engine does within one call (a regular expression, JSON.parse) is not counted.
 */
export function countWork(work: () => void): number {
  const session = new Session();
  session.connect();
  for (const compiler of COMPILERS) setFlagsFromString(`--no-${compiler}`);
  try {
    session.post('Profiler.enable');
    session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    work();
    return takeCounts(session);
  } finally {
    session.post('Profiler.stopPreciseCoverage');
    session.disconnect();
    for (const compiler of COMPILERS) setFlagsFromString(`--${compiler}`);
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
