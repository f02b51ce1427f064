import stringWidth from 'string-width';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { type LedgerTable, openLedgerTable, recordOf } from '../../ledger/read/reader-table.ts';
import { type CliWorld, ledgerOf, linesOf, OWN_BUCKET, runCli } from '../cli.ts';
import { readCsv } from '../csv-reader.ts';
import { HOSTILE_KEYS, RAW } from '../hostile-keys.ts';

let table: LedgerTable;

beforeEach(async () => {
  table = await openLedgerTable();
});

afterEach(() => table.close());

const list = (args: string, world: CliWorld = {}) =>
  runCli(['list', ...args.split(' ').filter(Boolean)], { ledger: ledgerOf(table), ...world });

/** `count` uploads, a minute apart, the newest first, at the time of the tests. */
function uploads(count: number): LedgerRecord[] {
  const start = Date.parse('2026-11-22T11:59:00Z');
  return Array.from({ length: count }, (_, index) =>
    recordOf(`photos/${index}.jpg`, { timestamp: new Date(start - index * 60_000).toISOString() }),
  );
}

const keysOf = (json: string) =>
  linesOf(json)
    .filter(Boolean)
    .map((line) => JSON.parse(line).s3_key as string);

describe('list', () => {
  it('shows a table that fits 80 columns', async () => {
    await table.put(
      recordOf('photos/summer/2026/a rather long name of a picture, final version.jpg', { uploader: 'alice' }),
      recordOf('日本語/とても長い名前のファイルです、本当に長いです.txt', { timestamp: '2026-11-22T09:00:00.000Z' }),
      recordOf('gone.txt', {
        timestamp: '2026-11-22T08:00:00.000Z',
        status: 'deleted',
        uploader: 'AROAEXAMPLEEXAMPLE:somebody-with-a-long-name',
      }),
      recordOf('other.txt', { timestamp: '2026-11-22T07:00:00.000Z', s3_bucket: 'elsewhere' }),
    );
    const { stdout, exitCode } = await list('', { columns: 80 });
    expect(linesOf(stdout).filter((line) => stringWidth(line) > 80)).toEqual([]);
    expect(exitCode).toBe(0);
    await expect(stdout).toMatchFileSnapshot('../golden/list.terminal.txt');
  });

  it('writes the attributes that are asked for alone, in their order, in each form', async () => {
    await table.put(recordOf('a.txt', { uploader: 'alice', filesize: 7 }));
    const fields = '--fields filesize,s3_key,version_id';
    expect((await list(`${fields} --json`)).stdout).toBe('{"filesize":7,"s3_key":"a.txt"}\n');
    expect((await list(`${fields} --csv`)).stdout).toBe('filesize,s3_key,version_id\n7,a.txt,\n');
    expect((await list(fields, { columns: 60 })).stdout).toMatch(/^FILESIZE +S3_KEY +VERSION_ID\n7 +a\.txt +-\n$/);
  });

  it('says which attributes there are when one is asked for that is none', async () => {
    const { stderr, exitCode } = await list('--fields s3_key,size');
    expect(stderr).toMatch(
      /expected --fields to be names of attributes, .*, out of timestamp, .*, s3_key, .*, got "s3_key,size"$/m,
    );
    expect(exitCode).toBe(2);
  });

  it('looks back from now where --until is in the future, and says from when where it is not', async () => {
    await table.put(recordOf('a.txt', { timestamp: '2026-11-20T00:00:00.000Z' }));
    expect((await list('--until 2026-12-31')).stdout).toContain('a.txt');
    const { stderr } = await list('--until 2026-11-10');
    expect(stderr).toContain('No record found. Searched 30 days back from 2026-11-11 00:00:00 UTC. To search further');
  });

  it('names the spelling of a prefix that is there, when nothing is found', async () => {
    await table.put(recordOf('Bücher/a.txt'.normalize('NFD')));
    const { stderr } = await list(`--prefix ${'Bücher/'.normalize('NFC')}`);
    expect(stderr).toContain(`No record found.`);
    expect(stderr).toContain(`(Unicode NFD, as macOS writes names): --prefix "${'Bücher/'.normalize('NFD')}"`);
    expect((await list('--prefix Bucher/')).stderr).not.toContain('looks the same');
  });

  it.each([40, 60, 132])('fits a terminal of %i columns', async (columns) => {
    await table.put(...HOSTILE_KEYS.map((key) => recordOf(`${key}${'長'.repeat(80)}`, { uploader: key })));
    const { stdout } = await list('', { columns });
    const widths = linesOf(stdout).map((line) => stringWidth(line));
    expect(Math.max(...widths)).toBeLessThanOrEqual(columns);
    expect(widths).toHaveLength(HOSTILE_KEYS.length + 1);
  });

  it('gives a pipe the same rows, with nothing cut and no colour', async () => {
    const key = `long/${'x'.repeat(200)}`;
    await table.put(recordOf(key, { uploader: 'u'.repeat(50) }), recordOf('gone', { status: 'deleted' }));
    const piped = await list('', { wantsColour: true });
    const shown = await list('', { columns: 80, wantsColour: true });
    expect(piped.stdout).toContain(key);
    expect(piped.stdout).toContain('u'.repeat(50));
    expect(piped.stdout).not.toContain('\u001b');
    expect(shown.stdout).toContain('\u001b[');
    expect(linesOf(piped.stdout)).toHaveLength(linesOf(shown.stdout).length);
  });

  it('shows the newest fifty and says that there are more', async () => {
    await table.put(...uploads(51));
    const { stdout, stderr } = await list('--json');
    expect(keysOf(stdout)).toEqual(uploads(50).map((record) => record.s3_key));
    expect(stderr).toBe(
      'These are the newest 50. For more: --limit 500. For all records of the last 7 days: --since 7d.\n',
    );
  });

  it('shows everything of a given range, without a note', async () => {
    await table.put(...uploads(120));
    const { stdout, stderr } = await list('--since 110m --json');
    expect(keysOf(stdout)).toHaveLength(110);
    expect(stderr).toBe('');
  });

  it('shows no more than --limit', async () => {
    await table.put(...uploads(10));
    const { stdout, stderr } = await list('--limit 3 --json');
    expect(keysOf(stdout)).toEqual(['photos/0.jpg', 'photos/1.jpg', 'photos/2.jpg']);
    expect(stderr).toBe('');
  });

  it('says how far back it looked by default', async () => {
    await table.put(recordOf('old', { timestamp: '2026-10-01T00:00:00.000Z' }));
    const { stdout, stderr, exitCode } = await list('');
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 0 });
    expect(stderr).toBe(
      'No record found. Searched 30 days back. To search further: --since 52w, or --since 2025-01-01.\n',
    );
    expect(keysOf((await list('--since 60d --json')).stdout)).toEqual(['old']);
  });

  it('says which bucket the stack records when nothing of another one is found', async () => {
    await table.put(recordOf('new'));
    const hint = 'This stack records the bucket uploads-bucket, and others only if its settings name them.\n';
    const { stderr, exitCode } = await list('--bucket elsewhere --since 1d');
    expect({ stderr, exitCode }).toEqual({ stderr: `No record found.\n${hint}`, exitCode: 0 });
    expect((await list('--bucket uploads-bucket --prefix none --since 1d')).stderr).toBe('No record found.\n');
  });

  it('searches all time for one uploader', async () => {
    await table.put(recordOf('old', { timestamp: '2016-01-01T00:00:00.000Z', uploader: 'alice' }), recordOf('new'));
    const { stdout, stderr } = await list('--uploader alice --json');
    expect(keysOf(stdout)).toEqual(['old']);
    expect(stderr).toBe('');
  });

  it('takes a date as its whole day', async () => {
    for (const timestamp of ['2026-11-09T23:59:59.999Z', '2026-11-10T00:00:00.000Z', '2026-11-10T23:59:59.999Z']) {
      await table.put(recordOf(timestamp, { timestamp }));
    }
    await table.put(recordOf('next', { timestamp: '2026-11-11T00:00:00.000Z' }));
    const { stdout } = await list('--since 2026-11-10 --until 2026-11-10 --json');
    expect(keysOf(stdout)).toEqual(['2026-11-10T23:59:59.999Z', '2026-11-10T00:00:00.000Z']);
  });

  it('applies all of its filters', async () => {
    await table.put(
      recordOf('in/a', { category: 'video', filesize: 20_000_000, s3_bucket: 'elsewhere', status: 'restored' }),
      recordOf('in/b'),
    );
    for (const filter of [
      '--category video',
      '--min-size 20MB',
      '--bucket elsewhere',
      '--status restored',
      '--prefix in/a',
    ]) {
      expect(keysOf((await list(`--json ${filter}`)).stdout), filter).toEqual(['in/a']);
    }
  });

  it('leaves out what it cannot read, and says so', async () => {
    await table.put(recordOf('a'));
    await table.putItem({
      s3_object: { S: 'b/\u001b[2J' },
      upload_id: { S: '1' },
      day_shard: { S: '2026-11-22#00' },
      timestamp: { S: '2026-11-22T10:00:00.000Z' },
    });
    const { stdout, stderr } = await list('--since 1d --json');
    expect(keysOf(stdout)).toEqual(['a']);
    expect(stderr).toMatch(/^Left out 1 item that could not be read; the first: expected the item /);
    expect(stderr).not.toContain('\u001b');
  });
});

describe('the local stack', () => {
  it('is mentioned on a terminal when it was found without --local', async () => {
    const ledger = { ...ledgerOf(table), isLocal: true };
    const note = 'From the local stack that runs here; --stack NAME reads one on AWS.';
    expect((await list('--since 1d', { ledger, columns: 80 })).stderr).toContain(note);
    expect((await list('--since 1d --local', { ledger, columns: 80 })).stderr).not.toContain(note);
    expect((await list('--since 1d', { ledger })).stderr).not.toContain(note);
  });
});

describe('list of hostile keys', () => {
  beforeEach(() => table.put(...HOSTILE_KEYS.map((key) => recordOf(key, { uploader: key }))));

  it.each(['', '--json', '--csv'])('writes one row a key, all escaped (%s)', async (format) => {
    const { stdout } = await list(`--since 1d ${format}`);
    const titles = format === '--json' ? 0 : 1;
    expect(linesOf(stdout)).toHaveLength(HOSTILE_KEYS.length + titles);
    expect(linesOf(stdout).filter((line) => RAW.test(line))).toEqual([]);
  });

  it('writes the exact keys as JSON', async () => {
    const { stdout } = await list('--since 1d --json');
    expect(keysOf(stdout).sort()).toEqual([...HOSTILE_KEYS].sort());
  });

  it('writes no formula into a spreadsheet', async () => {
    const { stdout } = await list('--since 1d --csv');
    for (const separator of [',', ';'] as const) {
      const cells = readCsv(stdout, separator).flat();
      expect(cells.filter((cell) => /^["' ]*[=+\-@＝＋－＠\t\r]/.test(cell) && !cell.startsWith("'"))).toEqual([]);
    }
    const rows = readCsv(stdout, ',');
    expect(new Set(rows.map((row) => row.length)).size).toBe(1);
    expect(rows.map((row) => row[3])).toContain(`'=HYPERLINK("https://example.com","click")`);
  });

  it('escapes invisible characters on a terminal, and shows emoji', async () => {
    const { stdout } = await list('--since 1d', { columns: 120 });
    expect(stdout).toContain('\\u202egpj.exe');
    expect(stdout).toContain('\\x1b[2J\\x1b[1;31mred');
    expect(stdout).toContain('👩‍👩‍👧 family.png');
    expect(linesOf(stdout).filter((line) => stringWidth(line) > 120)).toEqual([]);
  });
});

describe('list --csv', () => {
  it('starts with the names of the attributes, even without records', async () => {
    const { stdout } = await list('--csv');
    expect(stdout).toMatch(/^timestamp,status,s3_bucket,s3_key,filename,filesize,uploader,[a-z_,0-9]+\n$/);
  });

  it('leaves the cells of absent attributes empty', async () => {
    await table.put(recordOf('a'));
    const [names = [], cells = []] = readCsv((await list('--csv')).stdout, ',');
    expect(cells[names.indexOf('uploader')]).toBe('');
    expect(cells[names.indexOf('filesize')]).toBe('1234');
    expect(cells[names.indexOf('s3_bucket')]).toBe(OWN_BUCKET);
  });
});
