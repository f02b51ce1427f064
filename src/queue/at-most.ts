/** Runs a task when its turn comes, and settles with it. */
export type InTurn = <T>(task: () => Promise<T>) => Promise<T>;

/** Lets at most `limit` tasks run at once; the others wait in the order in which they came. */
export function atMost(limit: number): InTurn {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (task) => {
    if (running >= limit) await new Promise<void>((start) => waiting.push(start));
    else running += 1;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
