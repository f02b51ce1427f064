import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { OpenLedger } from '../../src/cli/connection.ts';
import { ledgerOf, linesOf, runCli } from './cli.ts';
import { answerOfBucket, answerOfTable, BUCKET, MISSING_EVERY } from './synthetic-bucket.ts';
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
 * DynamoDB in process takes minutes to store so many: a table that makes its items up stands in for it. `npm run lab --
 * measure-cli` does the same with the built command at 200,000.
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

setFlagsFromString('--expose-gc');
/** `npm run lab -- measure-cli` does the same with the built command at 200,000. */
const [FEW, MANY] = [10_000, 80_000];

/** A client's `send` that asks nobody but `answer`. */
function sendTo(answer: (input: never) => unknown, onRequest: () => void = () => undefined) {
  return async ({ input }: { readonly input: never }) => {
    onRequest();
    return answer(input);
  };
}

/** Memory in use at its greatest, in bytes, after each garbage collection while `count` objects are reconciled. */
async function greatestUse(count: number) {
  const greatest = { heap: 0, arrays: 0 };
  let requests = 0;
  const onRequest = () => {
    requests += 1;
    if (requests % Math.floor(count / LOOKS) !== 0) return;
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    greatest.heap = Math.max(greatest.heap, heapUsed);
    greatest.arrays = Math.max(greatest.arrays, arrayBuffers);
  };
  const client = { send: sendTo(answerOfTable(count), onRequest) } as never;
  const s3 = { send: sendTo(answerOfBucket(count)) } as never;
  const opened = ledgerOf({ client, tableName: 'synthetic', indexShards: 4 });
  const ledger: OpenLedger = { ...opened, clients: { ...opened.clients, s3: async () => s3 } };
  const { stdout, exitCode } = await runCli(['reconcile', `s3://${BUCKET}`, '--json'], { ledger });
  const summary = JSON.parse(linesOf(stdout).at(-1) ?? '');
  expect({ exitCode, summary }).toMatchObject({
    exitCode: 1,
    summary: { objects: count, missing: count / MISSING_EVERY, gone: 0 },
  });
  return greatest;
}

/** Bucket and table are made up: real emulators would take minutes to fill, and hold it all in this process. */
describe('the memory of a reconciliation', () => {
  it('does not grow with the objects, except for some bytes each outside the heap', async () => {
    const few = await greatestUse(FEW);
    const many = await greatestUse(MANY);
    expect(many.heap).toBeLessThanOrEqual(1.5 * few.heap);
    expect(many.arrays - few.arrays).toBeLessThan(MANY * 40);
  });
});
