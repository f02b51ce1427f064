import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LedgerTable, openLedgerTable, recordOf } from '../../ledger/read/reader-table.ts';
import { ledgerOf, linesOf, runCli } from '../cli.ts';
import { HOSTILE_KEYS, RAW } from '../hostile-keys.ts';

let table: LedgerTable;

beforeEach(async () => {
  table = await openLedgerTable();
});

afterEach(() => table.close());

const show = (object: string, ...args: string[]) =>
  runCli(['show', object, ...args], { ledger: ledgerOf(table), columns: args.includes('--json') ? 0 : 80 });

const first = recordOf('report.pdf', {
  upload_id: '0061',
  timestamp: '2026-11-01T10:00:00.000Z',
  uploader: 'alice',
  uploader_source: 'session-name',
  source_ip: '2001:db8::7',
  content_type: 'application/pdf',
  category: 'document',
  etag: 'd41d8cd98f00b204e9800998ecf8427e',
  version_id: 'null',
  request_id: 'C3D13FE58DE4C810',
  region: 'eu-west-1',
  expires_at: 1_800_000_000,
});
const { filesize: _, ...gone } = recordOf('report.pdf', {
  upload_id: '0062',
  timestamp: '2026-11-02T10:00:00.000Z',
  status: 'deleted',
  event_name: 'ObjectRemoved:Delete',
});

describe('show', () => {
  it('shows the current state, then the history, oldest first', async () => {
    await table.put(gone, first);
    const { stdout, stderr, exitCode } = await show('s3://uploads-bucket/report.pdf');
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    await expect(stdout).toMatchFileSnapshot('../golden/show.deleted.txt');
  });

  it('says that a key is not decoded, where the decoded one has a record', async () => {
    await table.put(recordOf('ü space.txt'));
    const { stderr, exitCode } = await show('s3://uploads-bucket/%C3%BC+space.txt');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('There is one of the decoded key: s3://uploads-bucket/ü space.txt');
    expect((await show('s3://uploads-bucket/%zz')).stderr).not.toContain('decoded');
  });

  it('says which bucket the stack records when there is nothing of another one', async () => {
    const hint = 'This stack records the bucket uploads-bucket, and others only if its settings name them.\n';
    expect((await show('s3://elsewhere/report.pdf')).stderr).toContain(hint);
    expect((await show('s3://uploads-bucket/nothing')).stderr).not.toContain('This stack');
    await table.put(recordOf('report.pdf', { s3_bucket: 'elsewhere' }));
    expect((await show('s3://elsewhere/report.pdf')).stderr).toBe('');
  });

  it('shows every attribute of a record', async () => {
    await table.put(first);
    await expect((await show('s3://uploads-bucket/report.pdf')).stdout).toMatchFileSnapshot(
      '../golden/show.uploaded.txt',
    );
  });

  it('shows the version that is current, and of which version each event tells', async () => {
    const old = { ...first, version_id: 'v1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' };
    const current = recordOf('report.pdf', {
      upload_id: '0062',
      timestamp: '2026-11-02T10:00:00.000Z',
      version_id: 'v2aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    });
    const { filesize: __, ...expiry } = recordOf('report.pdf', {
      upload_id: '.2026-11-20T10:00:00.000Z/0061/LifecycleExpiration:Delete',
      timestamp: '2026-11-20T10:00:00.000Z',
      status: 'deleted',
      event_name: 'LifecycleExpiration:Delete',
      version_id: old.version_id,
    });
    await table.put(old, current, expiry);
    const { stdout } = await show('s3://uploads-bucket/report.pdf');
    await expect(stdout).toMatchFileSnapshot('../golden/show.versions.txt');
  });

  it('shows versions when any event names one, as in a bucket whose versions are suspended', async () => {
    const { filesize: _, ...old } = recordOf('report.pdf', { upload_id: '0062', version_id: 'v1', status: 'deleted' });
    await table.put({ ...first, version_id: 'v1' }, { ...old, event_name: 'ObjectRemoved:Delete' });
    await table.put(recordOf('report.pdf', { upload_id: '0063', version_id: 'null' }));
    const { stdout } = await show('s3://uploads-bucket/report.pdf');
    const versions = linesOf(stdout)
      .slice(-4)
      .map((line) => line.trim().split(/ {2,}/).at(-2));
    expect(versions).toEqual(['VERSION', 'v1', 'v1', 'null']);
  });

  it('shows the whole of a long history', async () => {
    const id = (number: number) => number.toString(16).padStart(16, '0');
    await table.put(...Array.from({ length: 1100 }, (_, number) => recordOf('often', { upload_id: id(number) })));
    const { stdout } = await show('s3://uploads-bucket/often');
    expect(
      linesOf(stdout).filter((line) => line.includes('ObjectCreated:Put') && !line.includes('event ')),
    ).toHaveLength(1100);
  });

  it.each(['NFC', 'NFD'] as const)(
    'names the spelling that is there, when the key was asked for in %s',
    async (form) => {
      const [asked, there] = [form, form === 'NFC' ? 'NFD' : 'NFC'].map((one) => 'Bücher/é.txt'.normalize(one));
      await table.put(recordOf(there ?? ''));
      const { stderr, exitCode } = await show(`s3://uploads-bucket/${asked}`);
      expect(exitCode).toBe(1);
      expect(stderr).toContain('There is no record');
      expect(stderr).toMatch(/a key that looks the same, in (?:de)?composed characters/);
      expect(stderr.endsWith(`: s3://uploads-bucket/${there}\n`)).toBe(true);
    },
  );

  it('writes only the history as JSON', async () => {
    await table.put(gone, first);
    const { stdout } = await show('s3://uploads-bucket/report.pdf', '--json');
    expect(linesOf(stdout).map((line) => JSON.parse(line))).toEqual([first, gone]);
  });

  it('exits with 1 when there is no record', async () => {
    const { stdout, stderr, exitCode } = await show('s3://uploads-bucket/REPORT.pdf\n', '--json');
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 });
    expect(stderr).toBe(
      'There is no record of s3://uploads-bucket/REPORT.pdf\\x0a. Keys are exact, upper and lower case included.\n',
    );
  });

  it('takes each key as it is, and shows it escaped', async () => {
    for (const key of HOSTILE_KEYS) {
      await table.put(recordOf(key, { uploader: key, source_ip: key, event_name: key, request_id: key }));
      const { stdout, exitCode } = await show(`s3://uploads-bucket/${key}`);
      expect(exitCode).toBe(0);
      expect(linesOf(stdout).filter((line) => RAW.test(line))).toEqual([]);
    }
  });
});
