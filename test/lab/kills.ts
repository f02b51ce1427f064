/**
 * `npm run lab -- kills [--count N] [--seed S] [--only COMMAND]`: kills each command that changes something at random
 * points, N times over, and proves that run again it ends as if it had never been killed. Exits with 1 when it does
 * not.
 */
import { parseArgs } from 'node:util';
import { seededRandom } from '../../src/shared/seeded-random.ts';
import { killBackfill, killReconcile } from '../system/kills/kill-bucket-commands.ts';
import { killRedrive } from '../system/kills/kill-redrive.ts';
import { openKillWorld } from '../system/kills/kill-world.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const count = Number(values.count);
const kill = await openKillWorld();
try {
  for (const [command, killOnce] of Object.entries({
    'dlq redrive': killRedrive,
    backfill: killBackfill,
    'reconcile --repair': killReconcile,
  })) {
    const random = seededRandom(Number(values.seed));
    let [kills, rounds, failed] = [0, 0, 0];
    if (values.only !== undefined && values.only !== command) continue;
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
