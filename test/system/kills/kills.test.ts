import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/shared/seeded-random.ts';
import { killBackfill, killReconcile } from './kill-bucket-commands.ts';
import { killRedrive } from './kill-redrive.ts';
import { type KillWorld, openKillWorld } from './kill-world.ts';

/** `npm run lab -- kills` does it a hundred times over. */
const ROUNDS = 3;

let kill: KillWorld;

beforeAll(async () => {
  kill = await openKillWorld();
});
afterAll(() => kill.close());

describe('a command that is killed at any point and run again leaves the ledger and the queues as if it had not been killed', () => {
  it.each([
    { command: 'dlq redrive', killOnce: killRedrive },
    { command: 'backfill', killOnce: killBackfill },
    { command: 'reconcile --repair', killOnce: killReconcile },
  ])('by $command', async ({ killOnce }) => {
    const random = seededRandom(7);
    for (let round = 0; round < ROUNDS; round += 1) {
      expect((await killOnce(kill, random, round)).faults).toEqual([]);
    }
  });
});
