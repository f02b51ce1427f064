/**
 * `npm run lab -- kills [--count N] [--seed S] [--only COMMAND]`: kills each command that changes something at random
 * points, N times over, and proves that run again it ends as if it had never been killed. Exits with 1 when it does
 * not.
 */
import { seededRandom } from '../../src/shared/seeded-random.ts';
import { killBackfill, killReconcile } from '../system/kills/kill-bucket-commands.ts';
import { killRedrive } from '../system/kills/kill-redrive.ts';
import { openKillWorld } from '../system/kills/kill-world.ts';
import { optionsOrExit } from './tool-options.ts';

/** By the names that `--only` takes. */
const COMMANDS = { 'dlq redrive': killRedrive, backfill: killBackfill, 'reconcile --repair': killReconcile };

const { count, seed, only } = optionsOrExit('npm run lab -- kills [--count N] [--seed S] [--only COMMAND]', {
  count: 100,
  seed: 1,
  only: undefined,
});
if (only !== undefined && !(only in COMMANDS)) {
  process.stderr.write(`Expected --only to be one of ${Object.keys(COMMANDS).join(', ')}; got ${only}.\n`);
  process.exit(2);
}
const kill = await openKillWorld();
try {
  for (const [command, killOnce] of Object.entries(COMMANDS)) {
    const random = seededRandom(seed);
    let [kills, rounds, failed] = [0, 0, 0];
    if (only !== undefined && only !== command) continue;
    while (kills < count) {
      const outcome = await killOnce(kill, random, rounds);
      kills += outcome.kills;
      rounds += 1;
      if (outcome.faults.length === 0) continue;
      failed += 1;
      process.exitCode = 1;
      process.stdout.write(`${command}, round ${rounds}: ${outcome.faults.join('\n')}\n`);
    }
    process.stdout.write(`${command}: killed ${kills} times in ${rounds} rounds, ${failed} of them ended wrongly\n`);
  }
} finally {
  await kill.close();
}
