import stringWidth from 'string-width';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LedgerTable, openLedgerTable, recordOf } from '../../ledger/read/reader-table.ts';
import { type CliWorld, ledgerOf, linesOf, runCli } from '../cli.ts';
import { HOSTILE_KEYS, RAW } from '../hostile-keys.ts';

let table: LedgerTable;

beforeEach(async () => {
  table = await openLedgerTable();
});

afterEach(() => table.close());

const stats = (args: string, world: CliWorld = {}) =>
  runCli(['stats', ...args.split(' ').filter(Boolean)], { ledger: ledgerOf(table), ...world });

const rowsOf = async (args: string) => linesOf((await stats(`${args} --json`)).stdout).map((line) => JSON.parse(line));

const counts = (uploads: number, bytes: number, deletes = 0, restores = 0, versions_deleted = 0) => ({
  uploads,
  bytes,
  deletes,
  versions_deleted,
  restores,
});

const november = [
  recordOf('a', { timestamp: '2026-11-22T10:00:00.000Z', filesize: 1000, uploader: 'alice' }),
  recordOf('b', { timestamp: '2026-11-22T08:59:59.999Z', filesize: 2000, uploader: 'bob', category: 'video' }),
  recordOf('c', { timestamp: '2026-11-20T00:00:00.000Z', filesize: 4000, uploader: 'bob', s3_bucket: 'elsewhere' }),
  recordOf('d', { timestamp: '2026-11-20T00:00:00.000Z', status: 'deleted', event_name: 'ObjectRemoved:Delete' }),
  recordOf('e', { timestamp: '2026-11-20T00:00:00.000Z', filesize: 8000, status: 'restored' }),
];

describe('stats', () => {
  it('counts by day, newest first, without gaps', async () => {
    await table.put(...november);
    expect(await rowsOf('--since 2026-11-19')).toEqual([
      { by: 'day', group: '2026-11-22', ...counts(2, 3000) },
      { by: 'day', group: '2026-11-21', ...counts(0, 0) },
      { by: 'day', group: '2026-11-20', ...counts(1, 4000, 1, 1) },
      { by: 'day', group: '2026-11-19', ...counts(0, 0) },
    ]);
  });

  it('counts by hour', async () => {
    await table.put(...november);
    expect(await rowsOf('--by hour --since 2026-11-22T08:00 --until 2026-11-22T11:00')).toEqual([
      { by: 'hour', group: '2026-11-22T10', ...counts(1, 1000) },
      { by: 'hour', group: '2026-11-22T09', ...counts(0, 0) },
      { by: 'hour', group: '2026-11-22T08', ...counts(1, 2000) },
    ]);
    // The hour that has begun, and those down to the one a day ago.
    expect(await rowsOf('--by hour')).toHaveLength(24);
  });

  it('lists no day of the future, however far the end is', async () => {
    await table.put(...november);
    const rows = await rowsOf('--until 2027-01-01');
    expect(rows).toHaveLength(31);
    expect([rows.at(0).group, rows.at(-1).group]).toEqual(['2026-11-22', '2026-10-23']);
  });

  it('counts records that are in the future by the local clock', async () => {
    await table.put(recordOf('soon', { timestamp: '2026-11-22T12:30:00.000Z', filesize: 1 }));
    expect((await rowsOf('--by hour'))[0]).toEqual({ by: 'hour', group: '2026-11-22T12', ...counts(1, 1) });
  });

  it('counts by uploader, most uploads first, with a line for the unknown', async () => {
    await table.put(...november);
    expect(await rowsOf('--by uploader')).toEqual([
      { by: 'uploader', group: 'bob', ...counts(2, 6000) },
      { by: 'uploader', group: 'alice', ...counts(1, 1000) },
      { by: 'uploader', group: null, ...counts(0, 0, 1, 1) },
    ]);
  });

  it.each([
    ['category', ['image', 'video']],
    ['bucket', ['uploads-bucket', 'elsewhere']],
  ])('counts by %s', async (by, expected) => {
    await table.put(...november);
    expect((await rowsOf(`--by ${by}`)).map((row) => row.group)).toEqual(expected);
  });

  it('sums up the names that have no line of their own', async () => {
    await table.put(...november);
    expect(await rowsOf('--by uploader --top 1')).toEqual([
      { by: 'uploader', group: 'bob', ...counts(2, 6000) },
      { by: 'uploader', group: null, others: true, ...counts(1, 1000, 1, 1) },
    ]);
  });

  it('counts deleted versions and delete markers apart from deleted objects, as the digest does', async () => {
    const deleted = (key: string, event_name: string, version_id?: string) =>
      recordOf(key, { status: 'deleted', event_name, ...(version_id !== undefined && { version_id }) });
    await table.put(
      deleted('unversioned', 'ObjectRemoved:Delete'),
      deleted('suspended', 'LifecycleExpiration:Delete', 'null'),
      deleted('hidden', 'ObjectRemoved:DeleteMarkerCreated', 'marker'),
      deleted('old', 'ObjectRemoved:Delete', 'v1'),
      deleted('expired', 'LifecycleExpiration:Delete', 'v1'),
    );
    expect(await rowsOf('--by bucket --since 1d')).toEqual([
      { by: 'bucket', group: 'uploads-bucket', ...counts(0, 0, 3, 0, 2) },
    ]);
  });

  it('counts the records that match the filters', async () => {
    await table.put(...november);
    expect(await rowsOf('--by category --uploader bob')).toHaveLength(2);
    expect(await rowsOf('--by bucket --bucket elsewhere')).toEqual([
      { by: 'bucket', group: 'elsewhere', ...counts(1, 4000) },
    ]);
  });

  it.each(['day', 'uploader'])('shows a table with bars that fits 80 columns: by %s', async (by) => {
    await table.put(...november);
    const { stdout } = await stats(`--by ${by} --since 2026-11-19 --top 2`, { columns: 80 });
    expect(linesOf(stdout).filter((line) => stringWidth(line) > 80)).toEqual([]);
    await expect(stdout).toMatchFileSnapshot(`../golden/stats.${by}.txt`);
  });

  it('gives spreadsheets numbers as numbers', async () => {
    await table.put(...november);
    const { stdout } = await stats('--by uploader --csv');
    expect(stdout).toBe(
      'group,uploads,bytes,deletes,versions_deleted,restores\nbob,2,6000,0,0,0\nalice,1,1000,0,0,0\n,0,0,1,0,1\n',
    );
  });

  it.each(['', '--json', '--csv'])('escapes hostile names (%s)', async (format) => {
    await table.put(...HOSTILE_KEYS.map((key) => recordOf(key, { uploader: key })));
    const { stdout } = await stats(`--by uploader --since 1d --top 100 ${format}`, { columns: 80 });
    expect(linesOf(stdout).length).toBeGreaterThanOrEqual(HOSTILE_KEYS.length);
    expect(linesOf(stdout).filter((line) => RAW.test(line))).toEqual([]);
  });

  it('keeps its progress off a pipe, and clears it from a terminal', async () => {
    await table.put(...Array.from({ length: 150 }, (_, index) => recordOf(`${index}`)));
    expect((await stats('')).stderr).toBe('');
    const { stdout, stderr } = await stats('', { columns: 80 });
    expect(stderr).toMatch(/100 records .* left/);
    expect(stdout).not.toMatch(/records/);
    expect((await stats('--json')).stderr).toBe('');
  });

  it('marks where the scale of its bars changes', async () => {
    const days = { '2026-11-22': 2, '2026-11-21': 4, '2026-11-20': 1 };
    const records = Object.entries(days).flatMap(([day, uploads]) =>
      Array.from({ length: uploads }, (_, at) => recordOf(`${day}/${at}`, { timestamp: `${day}T10:00:00.000Z` })),
    );
    await table.put(...records);
    const { stdout } = await stats('--since 2026-11-20');
    const bars = linesOf(stdout).map((line) => /[█▏▎▍▌▋▊▉].*$/.exec(line)?.[0]);
    expect(bars).toEqual([undefined, '█'.repeat(20), `${'█'.repeat(20)} ▲`, '█'.repeat(5), undefined]);
  });
});
