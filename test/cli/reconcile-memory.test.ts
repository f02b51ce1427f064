import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { OpenLedger } from '../../src/cli/connection.ts';
import { toItem } from '../../src/ledger/item.ts';
import { recordOf } from '../ledger/reader-table.ts';
import { ledgerOf, linesOf, runCli } from './cli.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const BUCKET = 'uploads-bucket';

/** One object of so many has no record. */
const MISSING_EVERY = 5000;

const LOOKS = 5;

const keyOf = (index: number) => `photos/${String(index).padStart(9, '0')}.jpg`;
const hasRecord = (index: number) => index % MISSING_EVERY !== 0;

function itemOf(index: number) {
  return toItem(recordOf(keyOf(index), { timestamp: '2026-11-01T10:00:00.000Z', etag: `e${index}` }));
}

/** DynamoDB as far as a reconciliation asks it, of `count` objects that it makes up. */
function answerOfTable(count: number, onRequest: () => void) {
  return async (command: { input: Record<string, unknown> }) => {
    onRequest();
    if (command.constructor.name === 'QueryCommand') {
      const values = command.input.ExpressionAttributeValues as { readonly ':object': { readonly S: string } };
      const index = Number(/(\d+)\.jpg$/.exec(values[':object'].S)?.[1]);
      return { Items: hasRecord(index) ? [itemOf(index)] : [] };
    }
    const start = Number((command.input.ExclusiveStartKey as { position: { N: string } } | undefined)?.position.N ?? 0);
    const end = Math.min(start + 1000, count);
    const indexes = Array.from({ length: end - start }, (_, offset) => start + offset);
    const Items = indexes.filter(hasRecord).map(itemOf);
    return { Items, ...(end < count && { LastEvaluatedKey: { position: { N: String(end) } } }) };
  };
}

/** S3's listing of `count` objects that it makes up. */
function answerOfBucket(count: number) {
  return async ({ input }: { input: { readonly ContinuationToken?: string } }) => {
    const start = Number(input.ContinuationToken ?? 0);
    const end = Math.min(start + 1000, count);
    const Contents = Array.from({ length: end - start }, (_, offset) => ({
      Key: encodeURIComponent(keyOf(start + offset)),
      Size: 1234,
      ETag: `"e${start + offset}"`,
      LastModified: new Date('2026-11-01T10:00:00Z'),
    }));
    return { Contents, IsTruncated: end < count, NextContinuationToken: String(end) };
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
  const client = { send: answerOfTable(count, onRequest) } as never;
  const s3 = { send: answerOfBucket(count) } as never;
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
  it('does not grow with the objects, but for some bytes each outside the heap', async () => {
    const few = await greatestUse(20_000);
    const many = await greatestUse(200_000);
    expect(many.heap).toBeLessThanOrEqual(1.5 * few.heap);
    expect(many.arrays - few.arrays).toBeLessThan(200_000 * 40);
  });
});
