import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { OpenLedger } from '../../src/cli/connection.ts';
import { ledgerOf, linesOf, runCli } from './cli.ts';
import { answerOfBucket, answerOfTable, BUCKET, MISSING_EVERY } from './synthetic-bucket.ts';
import { syntheticTable } from './synthetic-table.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Samples of the memory in a run. Each collects all garbage, which takes longer than the reading. */
const SAMPLES = 5;

/** Items of a page: a reader holds as many at a time of few records as of many. */
const PAGE = 50;

/** Each day's shard has one page of the few records, and five of the many. */
const [FEW_RECORDS, MANY_RECORDS] = [80 * PAGE, 5 * 80 * PAGE];

/** The pages of a query that a reader may hold. The records between few and many take 16 MB. */
const PAGES_BYTES = 3_000_000;

/** Records the peak of the memory in use, in bytes, over some {@link SAMPLES} of the requests. */
class MemoryMeter {
  readonly peak = { heap: 0, arrays: 0 };
  requests = 0;
  readonly #requestsPerSample: number;

  constructor(expectedRequests: number) {
    this.#requestsPerSample = Math.ceil(expectedRequests / SAMPLES);
  }

  countRequest(): void {
    this.requests += 1;
    if (this.requests % this.#requestsPerSample !== 0) return;
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    this.peak.heap = Math.max(this.peak.heap, heapUsed);
    this.peak.arrays = Math.max(this.peak.arrays, arrayBuffers);
  }
}

/** Peak of the heap while `command` reads `count` records. */
async function peakHeap(command: string, count: number): Promise<number> {
  const meter = new MemoryMeter(count / PAGE);
  const table = syntheticTable(count, PAGE);
  table.onQuery = () => meter.countRequest();
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
  expect({ exitCode, hasRead: meter.requests >= count / PAGE, hasWritten: lines > 0 }).toEqual({
    exitCode: 0,
    hasRead: true,
    hasWritten: true,
  });
  return meter.peak.heap;
}

/** Peak while `count` objects are reconciled. */
async function peakOfReconcile(count: number) {
  const meter = new MemoryMeter(count);
  const answerTo = (answer: (input: never) => unknown) => async (command: { readonly input: never }) =>
    answer(command.input);
  const send = answerTo(answerOfTable(count));
  const client = {
    send: (command: { readonly input: never }) => {
      meter.countRequest();
      return send(command);
    },
  } as never;
  const s3 = { send: answerTo(answerOfBucket(count)) } as never;
  const opened = ledgerOf({ client, tableName: 'synthetic', indexShards: 4 });
  const ledger: OpenLedger = { ...opened, clients: { ...opened.clients, s3: async () => s3 } };
  const { stdout, exitCode } = await runCli(['reconcile', `s3://${BUCKET}`, '--json', '--grace', '0s'], { ledger });
  const summary = JSON.parse(linesOf(stdout).at(-1) ?? '');
  expect({ exitCode, summary }).toMatchObject({
    exitCode: 1,
    summary: { objects: count, missing: count / MISSING_EVERY, gone: 0 },
  });
  return meter.peak;
}

/**
 * The tables and the bucket make their contents up: emulators would take minutes to fill, and hold everything in this process.
 * `npm run lab -- measure-cli` does the same with the built command at 200,000.
 */
describe('the memory of a command', () => {
  it.each(['list --since 10d', 'list --since 10d --json', 'stats --by uploader'])(
    'does not grow with the records that it reads: %s',
    async (command) => {
      const few = await peakHeap(command, FEW_RECORDS);
      const many = await peakHeap(command, MANY_RECORDS);
      expect(many).toBeLessThanOrEqual(1.5 * few);
      // Most of the heap is the test runner's. The reader may add two pages of each shard.
      expect(many - few).toBeLessThan(PAGES_BYTES);
    },
  );

  it('does not grow with the objects that it reconciles, except for some bytes each outside the heap', async () => {
    const [few, many] = [10_000, 40_000];
    const peakOfFew = await peakOfReconcile(few);
    const peakOfMany = await peakOfReconcile(many);
    expect(peakOfMany.heap).toBeLessThanOrEqual(1.5 * peakOfFew.heap);
    expect(peakOfMany.heap - peakOfFew.heap).toBeLessThan(PAGES_BYTES);
    expect(peakOfMany.arrays - peakOfFew.arrays).toBeLessThan(many * 40);
  });
});
