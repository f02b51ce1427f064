import type { World } from '../world.ts';

/** Where a workload runs, and for how long. */
export interface Stage {
  readonly world: World;
  /** Epoch milliseconds. */
  readonly startsAt: number;
  readonly endsAt: number;
}

/** Waits as chance has it: this long on average, with no memory of the wait before. Resolves with whether there is time left. */
export async function waitAbout({ world: { clock }, endsAt }: Stage, milliseconds: number): Promise<boolean> {
  await clock.sleep(-Math.log(1 - clock.random()) * milliseconds);
  return clock.now() < endsAt;
}
