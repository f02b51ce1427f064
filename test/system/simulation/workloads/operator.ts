import { pick } from '../../../../src/shared/seeded-random.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../src/shared/time.ts';
import { COMMANDS, type CommandName, type Operator } from '../plans/workload-specs.ts';
import { backfillBucket, reconcileBucket, redriveDeadLetters } from '../product.ts';
import { Life } from '../services/process-life.ts';
import type { World } from '../world.ts';
import type { Stage } from './stage.ts';

/** As the commands do by default. */
const RUN: Readonly<Record<CommandName, (world: World, life: Life) => Promise<unknown>>> = {
  reconcile: (world, life) => reconcileBucket(world, { repair: false, life }),
  repair: (world, life) => reconcileBucket(world, { repair: true, life }),
  backfill: backfillBucket,
  redrive: redriveDeadLetters,
};

/** Share of the commands whose process dies, and milliseconds within which it does. */
const KILLED = 0.1;
const KILLED_WITHIN_MS = MINUTE_MS;
/** Longest that anybody waits for a command. */
const PATIENCE_MS = 2 * HOUR_MS;

export async function operate(stage: Stage, { perDay, commands }: Operator): Promise<void> {
  const { world, endsAt } = stage;
  const { clock } = world;
  const [first = 'reconcile', ...others] = commands ?? COMMANDS;
  for (;;) {
    await clock.sleep(untilNextMoment(stage, perDay));
    if (clock.now() >= endsAt) return;
    await runCommand(world, pick(clock.random, [first, ...others]));
  }
}

/** Half of the time the operator comes because something is, or was just, down; else at any time. */
function untilNextMoment({ world, startsAt }: Stage, perDay: number): number {
  const { clock } = world;
  const wait = -Math.log(1 - clock.random()) * (DAY_MS / perDay);
  const chance = clock.random();
  const next = (world.options.outages ?? [])
    .map(({ atHours, hours }) => startsAt + (atHours + hours * chance * 1.5) * HOUR_MS - clock.now())
    .find((milliseconds) => milliseconds > 0 && milliseconds < wait);
  return next ?? wait;
}

/** Runs it to its end, to its death, or until the operator has had enough. Errors are what the operator sees, and no more. */
export async function runCommand(world: World, name: CommandName): Promise<void> {
  const { clock } = world;
  const life = new Life();
  const isKilled = clock.random() < KILLED;
  world.trace('command', name);
  await Promise.race([
    RUN[name](world, life).catch((error: unknown) => world.countFault(`command failed: ${nameOf(error)}`)),
    clock.sleep(isKilled ? clock.random() * KILLED_WITHIN_MS : PATIENCE_MS),
  ]);
  life.end();
  world.trace('command over', name);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error);
}
