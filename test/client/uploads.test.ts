import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLedger, type LedgerOptions, LedgerQueryError, type UploadsQuery } from '../../src/client/client.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { seededRandom } from '../../src/shared/seeded-random.ts';
import { INDEX_SHARDS, type LedgerTable, openLedgerTable, recordOf } from '../ledger/read/reader-table.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const clock = { now: () => NOW };

let table: LedgerTable;
let queries: number;

beforeEach(async () => {
  table = await openLedgerTable();
  queries = 0;
  table.client.middlewareStack.add(
    (next, { commandName }) =>
      (input) => {
        if (commandName === 'QueryCommand') queries += 1;
        return next(input);
      },
    { step: 'initialize' },
  );
});

afterEach(() => table.close());

function openLedger(options: Partial<LedgerOptions> = {}) {
  const { client, tableName } = table;
  return createLedger({ client, tableName, indexShards: INDEX_SHARDS, ...options }, clock);
}

const keys = (records: readonly LedgerRecord[]) => records.map(({ s3_key }) => s3_key);

/** Uploads of `uploader` over the hours before now, newest first. `step` makes many of one time. */
function uploadsOf(uploader: string, count: number, step: number): LedgerRecord[] {
  const random = seededRandom(7);
  const times = Array.from({ length: count }, () => NOW - Math.ceil((random() * 3_600_000) / step) * step);
  return times
    .sort((a, b) => b - a)
    .map((time, index) => recordOf(`${uploader}/${index}.jpg`, { uploader, timestamp: new Date(time).toISOString() }));
}

/** More than any test has: a cursor that goes nowhere is no endless loop. */
const MAX_PAGES = 20;

async function allPages(query: UploadsQuery): Promise<LedgerRecord[][]> {
  const pages: LedgerRecord[][] = [];
  let cursor: string | undefined;
  do {
    const page = await openLedger()
      .uploads({ ...query, cursor })
      .page();
    pages.push([...page.records]);
    cursor = page.cursor;
  } while (cursor !== undefined && pages.length < MAX_PAGES);
  return pages;
}

describe('the pages of uploads', () => {
  it.each([
    ['spread times', 1],
    ['few times, as a backfill of old objects can write them', 600_000],
    ['one time', 3_600_000],
  ])('hold every record once, at %s', async (_, step) => {
    const records = uploadsOf('alice', 230, step);
    await table.put(...records, ...uploadsOf('bob', 30, step));
    const pages = await allPages({ uploader: 'alice', limit: 50 });
    expect(pages.map(({ length }) => length)).toEqual([50, 50, 50, 50, 30]);
    expect(keys(pages.flat()).sort()).toEqual(keys(records).sort());
    const times = pages.flat().map(({ timestamp }) => timestamp);
    expect(times).toEqual(times.toSorted().reverse());
  });

  it('are the same without an uploader', async () => {
    const records = uploadsOf('alice', 120, 60_000);
    await table.put(...records);
    expect(keys((await allPages({ limit: 50 })).flat()).sort()).toEqual(keys(records).sort());
  });

  it('cost one Query a shard, whether first or later', async () => {
    await table.put(...uploadsOf('alice', 90, 1));
    const { cursor } = await openLedger().uploads({ uploader: 'alice', limit: 50 }).page();
    expect(queries).toBe(INDEX_SHARDS);
    await openLedger().uploads({ uploader: 'alice', limit: 50, cursor }).page();
    expect(queries).toBe(2 * INDEX_SHARDS);
  });

  it('cost one Query a shard and day without an uploader', async () => {
    await table.put(...uploadsOf('alice', 60, 1));
    await openLedger().uploads({ limit: 50 }).page();
    expect(queries).toBe(INDEX_SHARDS);
  });

  it('hold what was uploaded, and deletes and restores when asked', async () => {
    await table.put(recordOf('kept'), recordOf('gone', { status: 'deleted', event_name: 'ObjectRemoved:Delete' }));
    const page = async (query: UploadsQuery) => keys((await openLedger().uploads(query).page()).records);
    expect(await page({})).toEqual(['kept']);
    expect(await page({ status: 'deleted' })).toEqual(['gone']);
    expect((await page({ status: 'any' })).sort()).toEqual(['gone', 'kept']);
  });

  it('meet every condition', async () => {
    await table.put(
      recordOf('invoices/1', { uploader: 'alice', category: 'document' }),
      recordOf('invoices/2', { uploader: 'bob', category: 'document' }),
      recordOf('photos/1', { uploader: 'alice' }),
      recordOf('invoices/3', { uploader: 'alice', category: 'document', s3_bucket: 'other' }),
    );
    const query = { prefix: 'invoices/', bucket: 'uploads-bucket', category: 'document' } as const;
    const found = await openLedger()
      .uploads({ ...query, uploader: 'alice' })
      .page();
    expect(keys(found.records)).toEqual(['invoices/1']);
    expect(keys((await openLedger().uploads(query).page()).records).sort()).toEqual(['invoices/1', 'invoices/2']);
  });

  it('go on only where the same query ended', async () => {
    await table.put(...uploadsOf('alice', 3, 1));
    const { cursor = '' } = await openLedger().uploads({ uploader: 'alice', limit: 2 }).page();
    expect(cursor).not.toBe('');
    const others: UploadsQuery[] = [
      { uploader: 'bob', cursor },
      { uploader: 'alice', prefix: 'x', cursor },
      { uploader: 'alice', cursor: `${cursor}x` },
      { uploader: 'alice', cursor: 'x' },
    ];
    for (const query of others) expect(() => openLedger().uploads(query)).toThrow(/^uploads: cursor: expected what/);
  });
});

describe('the iteration of uploads', () => {
  it('gives all of them newest first, up to a limit', async () => {
    const records = uploadsOf('alice', 300, 1);
    await table.put(...records);
    const ledger = openLedger();
    expect(keys(await Array.fromAsync(ledger.uploads()))).toEqual(keys(records));
    expect(keys(await Array.fromAsync(ledger.uploads({ limit: 7 })))).toEqual(keys(records.slice(0, 7)));
  });

  it('goes on after a page', async () => {
    const records = uploadsOf('alice', 80, 60_000);
    await table.put(...records);
    const { records: first, cursor } = await openLedger().uploads({ limit: 50 }).page();
    const rest = await Array.fromAsync(openLedger().uploads({ cursor }));
    expect(keys([...first, ...rest]).sort()).toEqual(keys(records).sort());
  });

  it('looks back 30 days, and further from since on', async () => {
    await table.put(recordOf('old', { timestamp: '2026-10-01T00:00:00.000Z' }), recordOf('new'));
    expect(keys(await Array.fromAsync(openLedger().uploads()))).toEqual(['new']);
    const since = new Date('2026-09-01T00:00:00Z');
    expect(keys(await Array.fromAsync(openLedger().uploads({ since })))).toEqual(['new', 'old']);
  });

  it('reads nothing before it begins', () => {
    openLedger().uploads({ uploader: 'alice' });
    expect(queries).toBe(0);
  });
});

describe('a query that cannot be answered', () => {
  it('is refused with everything that is wrong with it', () => {
    const query = { uploader: '', since: 'yesterday', limit: 0, status: 'gone', user: 'alice' };
    // As a program in JavaScript may write it.
    const ask = () => openLedger().uploads(query as unknown as UploadsQuery);
    expect(ask).toThrow(LedgerQueryError);
    expect(ask).toThrow(
      'uploads: since: expected a valid Date, got "yesterday"; ' +
        'uploader: expected a text that is not empty, got ""; ' +
        'status: expected one of uploaded, deleted, restored, any, got "gone"; ' +
        'limit: expected a whole number of 1 or more, got 0; ' +
        '"user": expected no such field',
    );
  });

  it('is one of a range that ends before it begins', () => {
    const range = { since: new Date('2026-11-02T00:00:00Z'), until: new Date('2026-11-01T00:00:00Z') };
    expect(() => openLedger().uploads(range)).toThrow(/since: expected a time before until/);
  });

  it('is one of a table that is not there, which is named', async () => {
    const page = openLedger({ tableName: 'other' }).uploads().page();
    await expect(page).rejects.toMatchObject({ code: 'table-not-found', message: expect.stringContaining('"other"') });
  });
});

describe('createLedger', () => {
  it('refuses options that it does not know, and those that cannot be', () => {
    const options = { tableName: '', indexShards: 0, table: 'x' };
    expect(() => createLedger(options)).toThrow(
      'createLedger: tableName: expected a text that is not empty, got ""; ' +
        'indexShards: expected a whole number from 1 to 100, got 0; "table": expected no such field',
    );
  });
});
