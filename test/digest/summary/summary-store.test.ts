import { GetItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isLedgerKey, TABLE } from '../../../src/contract/table.ts';
import { type BatchSummary, countHeldBack } from '../../../src/digest/summary/batch-summary.ts';
import { summarise } from '../../../src/digest/summary/summarise.ts';
import { UnreadableSummaryError } from '../../../src/digest/summary/summary-item.ts';
import { foldWindow, putSummary, readSummaryPages } from '../../../src/digest/summary/summary-store.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { type DynamoDBServer, startDynamoDB, TABLE_NAME } from '../../ledger/dynamodb-server.ts';
import { type ObservedClient, observe, sdkError } from '../observed-client.ts';
import { record, records } from '../records.ts';

let server: DynamoDBServer;
let observed: ObservedClient;
/** Each test has an hour to itself, a year apart from the others'. */
let year = 2000;

beforeAll(async () => {
  server = await startDynamoDB();
});
afterAll(() => server.close());
beforeEach(() => {
  year += 1;
  observed = observe(server.client);
});

const at = (rest: string) => `${year}-11-22T${rest}Z`;
const summaryOf = (uploads: number): BatchSummary =>
  summarise(records(uploads), { failed: 0, quarantined: 0, heldBack: [], now: 0 });
const heldBack = summarise([], { failed: 0, quarantined: 0, heldBack: [{ rule: 'big', example: 'a.txt' }], now: 0 });

let requests = 0;
function put(
  time: string,
  summary: BatchSummary,
  options: { remaining?: number; isSecond?: boolean; alertId?: string } = {},
): Promise<void> {
  const { isSecond = false, alertId } = options;
  if (!isSecond) requests += 1;
  return putSummary(summary, {
    client: server.client,
    tableName: TABLE_NAME,
    clock: { ...systemClock, now: () => Date.parse(time), random: () => 0 },
    deadline: Date.parse(time) + (options.remaining ?? 30_000),
    stamp: { time, requestId: `request-${requests}`, isSecond, ...(alertId !== undefined && { alertId }) },
  });
}

const source = () => ({ client: server.client, tableName: TABLE_NAME });
const uploadsBetween = async (since: string, until: string) =>
  (await foldWindow(source(), { since, until })).summary.uploads.count;

describe('putSummary', () => {
  it('makes one item that expires after 35 days and is in no index', async () => {
    await put(at('10:15:30.123'), summaryOf(1));
    const { Item } = await server.client.send(
      new GetItemCommand({
        TableName: TABLE_NAME,
        Key: {
          s3_object: { S: `summary#${year}-11-22T10Z` },
          upload_id: { S: `${year}-11-22T10:15:30.123Z#request-${requests}` },
        },
      }),
    );
    expect(Object.keys(Item ?? {}).sort()).toEqual(['expires_at', 's3_object', 'summary', 'upload_id']);
    expect(Number(Item?.expires_at?.N)).toBe(Math.ceil(Date.parse(at('10:15:30.123')) / 1000) + 35 * 24 * 60 * 60);
    expect([TABLE.byDay.partitionKey, TABLE.byUploader.partitionKey].some((name) => name in (Item ?? {}))).toBe(false);
  });

  it('retries while the table is throttled', async () => {
    let refusals = 5;
    observed.before = () => {
      if (refusals-- > 0) throw sdkError('ThrottlingException', 400);
    };
    await put(at('10:00:00.000'), summaryOf(3));
    expect(await uploadsBetween(at('09:00:00.000'), at('11:00:00.000'))).toBe(3);
  });

  it('fails when time is up, so that the batch comes back', async () => {
    observed.before = () => {
      throw sdkError('InternalServerError', 500);
    };
    await expect(put(at('10:00:00.000'), summaryOf(1), { remaining: 0 })).rejects.toThrow('InternalServerError');
    expect(observed.commands).toHaveLength(1);
  });

  it('fails at once when DynamoDB rejects it for good', async () => {
    observed.before = () => {
      throw sdkError('AccessDeniedException', 400);
    };
    await expect(put(at('10:00:00.000'), summaryOf(1))).rejects.toThrow('AccessDeniedException');
    expect(observed.commands).toHaveLength(1);
  });

  it('stores an item that no reader takes for a record', async () => {
    await put(at('10:15:30.123'), summaryOf(1));
    const { Items = [] } = await server.client.send(new ScanCommand({ TableName: TABLE_NAME }));
    const keys = Items.map((item) => item.s3_object?.S ?? '');
    expect(keys.filter(isLedgerKey)).toEqual([]);
    expect(keys.length).toBeGreaterThan(0);
    const lookalike = record({ s3_bucket: 'summary#2026-11-22T10Z', s3_key: 'x' }).s3_object;
    expect(isLedgerKey(lookalike)).toBe(true);
  });
});

describe('foldWindow', () => {
  it('counts a batch once that has two summaries, and adds both up', async () => {
    const time = at('10:15:30.123');
    await put(time, summaryOf(3));
    await put(time, summaryOf(1), { isSecond: true });
    await put(time, summaryOf(1));
    const { summary, batches } = await foldWindow(source(), { since: at('10:00:00.000'), until: at('11:00:00.000') });
    expect({ batches, uploads: summary.uploads.count }).toEqual({ batches: 2, uploads: 5 });
  });

  it('counts no batch for an alert that could not be sent, and adds up what each tells', async () => {
    const time = at('10:15:30.123');
    await put(time, summaryOf(3));
    for (const alertId of ['alert-1', 'alert-2']) await put(time, heldBack, { alertId });
    const { summary, batches } = await foldWindow(source(), { since: at('10:00:00.000'), until: at('11:00:00.000') });
    expect({ batches, uploads: summary.uploads.count, heldBack: countHeldBack(summary) }).toEqual({
      batches: 1,
      uploads: 3,
      heldBack: 2,
    });
  });

  it('reads what is stamped after the start, up to and including the end', async () => {
    await put(at('10:00:00.000'), summaryOf(1));
    await put(at('10:00:00.001'), summaryOf(10));
    await put(at('10:15:00.000'), summaryOf(100));
    await put(at('10:15:00.001'), summaryOf(1000));
    expect(await uploadsBetween(at('10:00:00.000'), at('10:15:00.000'))).toBe(110);
  });

  it('reads across hours and days', async () => {
    await put(at('22:59:59.999'), summaryOf(1));
    await put(at('23:00:00.000'), summaryOf(10));
    await put(`${year}-11-24T00:00:00.000Z`, summaryOf(100));
    expect(await uploadsBetween(at('22:00:00.000'), `${year}-11-24T12:00:00.000Z`)).toBe(111);
  });

  it('gives the same as several windows that follow one another', async () => {
    const times = ['10:00:00.000', '10:59:59.999', '11:00:00.000', '11:30:00.000', '12:00:00.000'];
    for (const time of times) await put(at(time), summaryOf(1));
    const ends = ['09:00:00.000', '10:59:59.999', '11:00:00.000', '12:00:00.000'].map(at);
    const parts = await Promise.all(ends.slice(1).map((end, before) => uploadsBetween(ends[before] ?? '', end)));
    expect(parts).toEqual([2, 1, 2]);
  });

  it('reads one item a batch and one query an hour', async () => {
    for (const minute of [10, 11, 12]) await put(at(`10:${minute}:00.000`), summaryOf(50));
    const { batches, queries } = await foldWindow(source(), { since: at('10:05:00.000'), until: at('12:05:00.000') });
    expect({ batches, queries }).toEqual({ batches: 3, queries: 3 });
    expect(observed.commands.filter((command) => command === 'QueryCommand')).toHaveLength(3);
  });

  it('continues where DynamoDB ends a page', async () => {
    const wide = summarise(
      records(100, (n) => ({ uploader: `${n}${'u'.repeat(300)}`, s3_key: `${n}${'k'.repeat(1000)}` })),
      { failed: 0, quarantined: 0, heldBack: [], now: 0 },
    );
    const times = Array.from({ length: 180 }, (_, n) => at(`10:00:00.${String(n).padStart(3, '0')}`));
    await Promise.all(times.map((time) => put(time, wide)));
    const { summary, batches, queries } = await foldWindow(source(), {
      since: at('09:59:00.000'),
      until: at('10:30:00.000'),
    });
    expect(batches).toBe(180);
    expect(summary.uploads.count).toBe(18_000);
    // An hour before, and two pages of up to 1 MB.
    expect(queries).toBe(3);
  });

  it('reads its pages in order of time', async () => {
    for (const [hour, uploads] of [
      [12, 3],
      [10, 1],
      [11, 2],
    ])
      await put(at(`${hour}:00:00.000`), summaryOf(uploads ?? 0));
    const seen: number[] = [];
    for await (const { summaries } of readSummaryPages(source(), {
      since: at('09:00:00.000'),
      until: at('13:00:00.000'),
    })) {
      seen.push(...summaries.map(({ uploads }) => uploads.count));
    }
    expect(seen).toEqual([1, 2, 3]);
  });

  it('fails when a query fails, once, whatever is read ahead', async () => {
    let queries = 0;
    observed.before = () => {
      queries += 1;
      if (queries > 2) throw sdkError('InternalServerError', 500);
    };
    await expect(uploadsBetween(at('00:00:00.000'), at('20:00:00.000'))).rejects.toThrow('InternalServerError');
  });

  it('fails on a summary that it cannot read instead of leaving it out', async () => {
    const time = at('10:00:00.000');
    await server.client.send(
      new PutItemCommand({
        TableName: TABLE_NAME,
        Item: {
          s3_object: { S: `summary#${time.slice(0, 13)}Z` },
          upload_id: { S: `${time}#x` },
          summary: { S: '{"v":9}' },
        },
      }),
    );
    await expect(uploadsBetween(at('09:00:00.000'), at('11:00:00.000'))).rejects.toThrow(UnreadableSummaryError);
  });
});
