import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLedger } from '../../src/client/client.ts';
import { INDEX_SHARDS, type LedgerTable, openLedgerTable, recordOf } from '../ledger/read/reader-table.ts';

let table: LedgerTable;

beforeEach(async () => {
  table = await openLedgerTable();
});

afterEach(() => table.close());

function openLedger() {
  const { client, tableName } = table;
  const now = () => Date.parse('2026-11-22T12:00:00Z');
  return createLedger({ client, tableName, indexShards: INDEX_SHARDS }, { now });
}

/** The `sequence`-th event of the object `report.pdf`. */
function eventOf(sequence: number, event_name: string, version_id?: string) {
  const status = event_name.startsWith('ObjectCreated') ? ('uploaded' as const) : ('deleted' as const);
  return recordOf('report.pdf', {
    status,
    event_name,
    upload_id: String(sequence).padEnd(32, '0'),
    timestamp: `2026-11-22T10:00:0${sequence}.000Z`,
    ...(version_id !== undefined && { version_id }),
  });
}

describe('an object', () => {
  it('is unknown without a record', async () => {
    expect(await openLedger().object('uploads-bucket', 'report.pdf')).toBeUndefined();
  });

  it('has a state, a history and versions', async () => {
    const [first, second, marker] = [
      eventOf(1, 'ObjectCreated:Put', 'v1'),
      eventOf(2, 'ObjectCreated:Put', 'v2'),
      eventOf(3, 'ObjectRemoved:DeleteMarkerCreated', 'v3'),
    ];
    await table.put(first, second, marker);
    const version = { isCurrent: false, isDeleted: false };
    expect(await openLedger().object('uploads-bucket', 'report.pdf')).toEqual({
      exists: false,
      record: marker,
      history: [marker, second, first],
      versions: [
        { ...version, versionId: 'v3', isCurrent: true, records: [marker] },
        { ...version, versionId: 'v2', records: [second] },
        { ...version, versionId: 'v1', records: [first] },
      ],
      isCut: false,
    });
  });

  it('is back when its delete marker is deleted, and its versions tell which are gone', async () => {
    const removed = eventOf(4, 'ObjectRemoved:Delete', 'v3');
    const marker = eventOf(3, 'ObjectRemoved:DeleteMarkerCreated', 'v3');
    await table.put(eventOf(1, 'ObjectCreated:Put', 'v1'), eventOf(2, 'ObjectCreated:Put', 'v2'), marker, removed);
    const object = await openLedger().object('uploads-bucket', 'report.pdf');
    expect(object).toMatchObject({ exists: true, record: { version_id: 'v2' } });
    expect(object?.versions).toMatchObject([
      { versionId: 'v3', isCurrent: false, isDeleted: true, records: [removed, marker] },
      { versionId: 'v2', isCurrent: true, isDeleted: false },
      { versionId: 'v1', isCurrent: false, isDeleted: false },
    ]);
  });

  it('has one version in a bucket without versions', async () => {
    await table.put(eventOf(1, 'ObjectCreated:Put'), eventOf(2, 'ObjectCreated:Put'));
    const versions = (await openLedger().object('uploads-bucket', 'report.pdf'))?.versions;
    expect(versions).toMatchObject([{ isCurrent: true, isDeleted: false, records: [{}, {}] }]);
    expect(versions?.[0]).not.toHaveProperty('versionId');
  });

  it('needs a bucket and a key', async () => {
    await expect(openLedger().object('', 'k')).rejects.toThrow(/^object: bucket: expected a text that is not empty/);
  });
});

describe('usage', () => {
  beforeEach(() =>
    table.put(
      recordOf('a', { uploader: 'alice', filesize: 10, timestamp: '2026-11-22T09:00:00.000Z' }),
      recordOf('b', { uploader: 'alice', filesize: 5, timestamp: '2026-11-20T09:00:00.000Z' }),
      recordOf('c', { uploader: 'bob', filesize: 1, timestamp: '2026-11-20T09:00:00.000Z' }),
    ),
  );

  it('counts by name, with most uploads first', async () => {
    expect(await openLedger().usage({ by: 'uploader' })).toMatchObject([
      { name: 'alice', uploads: 2, bytes: 15 },
      { name: 'bob', uploads: 1, bytes: 1 },
    ]);
  });

  it('counts by day without gaps, of one uploader too', async () => {
    const range = { since: new Date('2026-11-20T00:00:00Z'), until: new Date('2026-11-23T00:00:00Z') };
    const days = await openLedger().usage({ by: 'day', uploader: 'alice', ...range });
    expect(days.map(({ name, uploads }) => [name, uploads])).toEqual([
      ['2026-11-22', 1],
      ['2026-11-21', 0],
      ['2026-11-20', 1],
    ]);
  });

  it('is of the last 30 days, by hour of the last day', async () => {
    expect(await openLedger().usage({ by: 'day' })).toHaveLength(31);
    expect(await openLedger().usage({ by: 'hour' })).toHaveLength(24);
  });

  it('refuses a grouping that there is not', async () => {
    const by = 'week' as 'day';
    await expect(openLedger().usage({ by })).rejects.toThrow(/^usage: by: expected one of hour, day, uploader/);
  });
});
