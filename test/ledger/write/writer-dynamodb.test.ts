import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { createBatchWrite } from '../../../src/ledger/write/batch-write.ts';
import { LedgerWriter } from '../../../src/ledger/write/writer.ts';
import { type DynamoDBServer, startDynamoDB, TABLE_NAME } from '../dynamodb-server.ts';
import { ledgerRecord } from '../records.ts';
import { randomClock } from './open-writer.ts';

let server: DynamoDBServer;
let batch = 0;

beforeAll(async () => {
  server = await startDynamoDB();
});
afterAll(() => server.close());
beforeEach(() => {
  batch += 1;
  server.fault = () => undefined;
  server.requests.length = 0;
});

/** `count` records that no other test has written. */
function records(count: number): LedgerRecord[] {
  return Array.from({ length: count }, (_, index) => ledgerRecord({ s3_object: `batch-${batch}/${index}` }));
}

async function putAll(all: readonly LedgerRecord[], remainingMilliseconds = () => 30_000) {
  const send = createBatchWrite(server.client, TABLE_NAME);
  const writer = new LedgerWriter({ send, remainingMilliseconds, clock: randomClock(0) });
  const outcomes = await Promise.all(
    all.map((record) =>
      writer.put(record).then(
        () => 'stored',
        (error) => error.code,
      ),
    ),
  );
  return { outcomes, stats: writer.stats };
}

/** Keys of this test's items that the table holds. */
async function stored(): Promise<string[]> {
  return (await server.storedKeys()).filter((key) => key.startsWith(`batch-${batch}/`));
}

function keysOf(all: readonly LedgerRecord[]): string[] {
  return all.map(({ s3_object, upload_id }) => `${s3_object} ${upload_id}`).sort();
}

describe('LedgerWriter against DynamoDB', () => {
  it('stores each record once, in calls of 25', async () => {
    const all = records(60);
    const { outcomes } = await putAll([...all, ...all]);
    expect(new Set(outcomes)).toEqual(new Set(['stored']));
    expect(await stored()).toEqual(keysOf(all));
    expect(server.requests).toEqual([25, 25, 10]);
  });

  it('stores keys with quotes, backslashes, controls and emoji under exactly those keys', async () => {
    const hostile = ['"', '\\', '\\"', '\u0000', '\n', '\u2028', '🎉', '"}}}]}}', '\\u0041', '__proto__', ' ', 'é'];
    const all = hostile.map((text) =>
      ledgerRecord({ s3_object: `batch-${batch}/${text}`, s3_key: text, filename: text }),
    );
    const { outcomes } = await putAll(all);
    expect(new Set(outcomes)).toEqual(new Set(['stored']));
    expect(await stored()).toEqual(keysOf(all));
  });

  it('sends what was unprocessed again until it is stored', async () => {
    server.fault = ({ index }) => (index < 4 ? { unprocessed: [1, 3, 24] } : undefined);
    const all = records(100);
    const { outcomes, stats } = await putAll(all);
    expect(new Set(outcomes)).toEqual(new Set(['stored']));
    expect(await stored()).toEqual(keysOf(all));
    expect(server.requests).toEqual([25, 25, 25, 25, 12]);
    expect(stats.unprocessedRetries).toBe(12);
  });

  it('stores everything when whole calls are throttled for a while', async () => {
    server.fault = ({ index }) =>
      index % 2 === 1 ? { error: { status: 400, type: 'ThrottlingException' } } : undefined;
    const all = records(100);
    const { outcomes, stats } = await putAll(all);
    expect(new Set(outcomes)).toEqual(new Set(['stored']));
    expect(await stored()).toEqual(keysOf(all));
    expect(stats.unprocessedRetries).toBeGreaterThanOrEqual(50);
  });

  it('reports exactly what is not stored when some calls fail', async () => {
    server.fault = ({ index }) =>
      index % 2 === 1 ? { error: { status: 400, type: 'AccessDeniedException' } } : undefined;
    const all = records(100);
    const { outcomes } = await putAll(all);
    const reportedStored = all.filter((_, index) => outcomes[index] === 'stored');
    expect(reportedStored).toHaveLength(50);
    expect(new Set(outcomes)).toEqual(new Set(['stored', 'call-failed']));
    expect(await stored()).toEqual(keysOf(reportedStored));
  });

  it('reports what an internal error left unstored, and stores it when it comes again', async () => {
    server.fault = () => ({ error: { status: 500, type: 'InternalServerError' } });
    const all = records(30);
    expect(new Set((await putAll(all)).outcomes)).toEqual(new Set(['call-failed']));
    expect(await stored()).toEqual([]);
    server.fault = () => undefined;
    expect(new Set((await putAll(all)).outcomes)).toEqual(new Set(['stored']));
    expect(await stored()).toEqual(keysOf(all));
  });

  it('writes a record again, with equal effect, when the connection was cut after the first write', async () => {
    server.fault = ({ index }) => (index === 0 ? { isCut: true } : undefined);
    const all = records(10);
    expect(new Set((await putAll(all)).outcomes)).toEqual(new Set(['call-failed']));
    expect(await stored()).toEqual(keysOf(all));
    expect(new Set((await putAll(all)).outcomes)).toEqual(new Set(['stored']));
    expect(await stored()).toEqual(keysOf(all));
  });

  it('finds the one item that DynamoDB does not accept', async () => {
    const all = records(25);
    all[13] = ledgerRecord({ s3_object: `batch-${batch}/${'x'.repeat(2100)}` });
    const { outcomes } = await putAll(all);
    expect(outcomes[13]).toBe('refused-by-dynamodb');
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(24);
    expect(await stored()).toEqual(keysOf(all.filter((_, index) => index !== 13)));
  });

  it('gives up on a server that never answers before the invocation ends', async () => {
    server.fault = () => ({ isIgnored: true });
    const { outcomes } = await putAll(records(300), () => 100);
    expect(new Set(outcomes)).toEqual(new Set(['out-of-time']));
  });
});
