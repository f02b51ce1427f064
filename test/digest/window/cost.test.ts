import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CATEGORIES } from '../../../src/contract/uploads.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { type DynamoDBServer, startDynamoDB } from '../../ledger/dynamodb-server.ts';
import { type ObservedClient, observe } from '../observed-client.ts';
import { records } from '../records.ts';
import { DigestStack } from './digest-stack.ts';

const BATCH = 100;
const MINUTE = 60_000;

let server: DynamoDBServer;
let observed: ObservedClient;
let stack: DigestStack;

beforeAll(async () => {
  server = await startDynamoDB();
});
afterAll(() => server.close());
beforeEach(() => {
  observed = observe(server.client);
  stack = new DigestStack(server);
});

/** Uploads of odd sizes, by 30 people, of all categories, into two buckets. */
function burst(uploads: number): LedgerRecord[] {
  return records(uploads, (at) => ({
    s3_bucket: at % 3 === 0 ? 'acme' : 'beta',
    filesize: 1_000_003 * (at + 1),
    category: CATEGORIES[at % CATEGORIES.length] ?? 'other',
    uploader: `uploader-${at % 30}`,
  }));
}

async function storeInBatches(all: readonly LedgerRecord[], every: number): Promise<void> {
  for (let start = 0; start < all.length; start += BATCH) {
    await stack.batch(all.slice(start, start + BATCH));
    stack.time += every;
  }
}

const bytesOf = (uploads: readonly LedgerRecord[]) => uploads.reduce((sum, { filesize = 0 }) => sum + filesize, 0);
const sumOf = (groups: Iterable<{ count: number; bytes: number }>) =>
  [...groups].reduce((sum, { count, bytes }) => ({ count: sum.count + count, bytes: sum.bytes + bytes }));

describe('a digest over a burst', () => {
  it('has totals that are exact to the byte after 5,000 uploads', async () => {
    const all = burst(5_000);
    await storeInBatches(all, 20);
    stack.time += MINUTE;
    await stack.tick();
    const [digest, ...others] = stack.sent;
    expect(others).toEqual([]);
    const total = { count: 5_000, bytes: bytesOf(all) };
    expect(digest?.summary.uploads).toEqual(total);
    expect(digest?.batches).toBe(50);
    expect(sumOf(digest?.summary.byUploader.values() ?? [])).toEqual(total);
    expect(sumOf(Object.values(digest?.summary.byCategory ?? {}))).toEqual(total);
    const acme = all.filter(({ s3_bucket }) => s3_bucket === 'acme');
    expect(digest?.summary.byBucket.get('acme')).toEqual({ count: acme.length, bytes: bytesOf(acme) });
    expect(digest?.summary.largest.map(({ key }) => key)).toEqual(
      [4999, 4998, 4997, 4996, 4995].map((n) => `key-${n}`),
    );
  });

  it('reads as many items as there were batches, not uploads, after 100,000 uploads', async () => {
    const all = burst(100_000);
    // 1,000 batches in two hours.
    await storeInBatches(all, 7_200);
    stack.time += MINUTE;
    observed.commands.length = 0;
    const outcome = await stack.tick();
    const [digest] = stack.sent;
    expect(digest?.summary.uploads).toEqual({ count: 100_000, bytes: bytesOf(all) });
    expect({ items: digest?.batches, batches: all.length / BATCH }).toEqual({ items: 1_000, batches: 1_000 });
    // One query for each hour of the first day, and one more for each further megabyte.
    const queries = observed.commands.filter((command) => command === 'QueryCommand').length;
    expect(outcome).toMatchObject({ kind: 'sent', queries });
    expect(queries).toBeLessThanOrEqual(30);
  });

  it('makes two writes, however many uploads and batches there are', async () => {
    await storeInBatches(burst(1_000), 20);
    stack.time += MINUTE;
    await stack.tick();
    stack.time += MINUTE;
    await storeInBatches(burst(1_000), 20);
    stack.time += MINUTE;
    observed.commands.length = 0;
    await stack.tick();
    // Claim and move: the first tick of all has also set the start.
    expect(observed.commands.filter((command) => command === 'UpdateItemCommand')).toHaveLength(2);
  });
});
