import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { ledgerOf, runCli } from './cli.ts';
import { syntheticTable } from './synthetic-table.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Looks at the heap so often while the pages go by. Each collects all garbage, which takes longer than the reading. */
const LOOKS = 5;

const BYTES_OF_PAGES = 12_000_000;

/** Heap in use at its greatest, in bytes, after each garbage collection while `command` reads `count` records. */
async function greatestHeap(command: string, count: number): Promise<number> {
  const table = syntheticTable(count);
  let [greatest, queries] = [0, 0];
  const queriesPerLook = Math.ceil(count / 250 / LOOKS);
  table.onQuery = () => {
    queries += 1;
    if (queries % queriesPerLook !== 0) return;
    collectGarbage();
    greatest = Math.max(greatest, process.memoryUsage().heapUsed);
  };
  let lines = 0;
  const { exitCode } = await runCli(command.split(' '), {
    ledger: ledgerOf(table),
    prepare: (stdout) => {
      stdout.onWrite = () => {
        lines += 1;
        return true;
      };
    },
  });
  expect({ exitCode, hasRead: queries > count / 300, hasWritten: lines > 0 }).toEqual({
    exitCode: 0,
    hasRead: true,
    hasWritten: true,
  });
  return greatest;
}

/**
 * DynamoDB in process takes minutes to store so many: a table that makes its items up stands in for it. `npm run measure:cli` does the same
 * with the built command at 200,000.
 */
describe('the memory of a command', () => {
  it.each(['list --since 10d', 'list --since 10d --json', 'stats --by uploader'])(
    'does not grow with the records that it reads: %s',
    async (command) => {
      const few = await greatestHeap(command, 20_000);
      const many = await greatestHeap(command, 80_000);
      expect(many).toBeLessThanOrEqual(1.5 * few);
      // Most of the heap is the test runner's. What the reader may add is two pages of each shard.
      expect(many - few).toBeLessThan(BYTES_OF_PAGES);
    },
  );
});
