import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alertsPartition, digestPartition, summaryPartition } from '../../../src/contract/table.ts';
import type { TimeRange } from '../../../src/ledger/read/query.ts';
import { ledgerReader } from '../../../src/ledger/read/reader.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { seededRandom } from '../../../src/shared/seeded-random.ts';
import { type LedgerTable, openLedgerTable, recordOf } from './reader-table.ts';

let table: LedgerTable;

beforeEach(async () => {
  table = await openLedgerTable();
});

afterEach(() => table.close());

const reader = () => ledgerReader(table);
const keys = (records: readonly LedgerRecord[]) => records.map((record) => record.s3_key);
const november: TimeRange = { since: new Date('2026-11-01T00:00:00Z'), until: new Date('2026-12-01T00:00:00Z') };

/** `count` records spread over `days` days of November by a seed, newest first. */
function spreadRecords(count: number, days: number): LedgerRecord[] {
  const random = seededRandom(1);
  const start = Date.parse('2026-11-01T00:00:00Z');
  const times = Array.from({ length: count }, () => start + Math.floor(random() * days * 86_400_000));
  return times
    .map((time, index) => recordOf(`photos/${index}.jpg`, { timestamp: new Date(time).toISOString() }))
    .sort((a, b) => (a.timestamp < b.timestamp ? 1 : -1));
}

describe('LedgerReader.newest', () => {
  it('gives records newest first over all shards, days and pages', async () => {
    const records = spreadRecords(1500, 3);
    await table.put(...records);
    expect(keys(await Array.fromAsync(reader().newest(november)))).toEqual(keys(records));
  });

  it('begins at the start of the range and ends before its end', async () => {
    const times = ['2026-11-10T09:59:59.999Z', '2026-11-10T10:00:00.000Z', '2026-11-11T09:59:59.999Z'];
    await table.put(...times.map((timestamp) => recordOf(timestamp, { timestamp })));
    await table.put(recordOf('end', { timestamp: '2026-11-11T10:00:00.000Z' }));
    const range = { since: new Date('2026-11-10T10:00:00Z'), until: new Date('2026-11-11T10:00:00Z') };
    expect(keys(await Array.fromAsync(reader().newest(range)))).toEqual([times[2], times[1]]);
  });

  it('finds records over a gap of many months', async () => {
    await table.put(recordOf('old', { timestamp: '2026-02-28T12:00:00.000Z' }), recordOf('new'));
    const range = { since: new Date('2026-01-01T00:00:00Z'), until: november.until };
    expect(keys(await Array.fromAsync(reader().newest(range)))).toEqual(['new', 'old']);
  });

  it('finds nothing in a range that ends before S3 was opened', async () => {
    const range = { since: new Date('1970-01-01T00:00:00Z'), until: new Date('2006-01-01T00:00:00Z') };
    expect(await Array.fromAsync(reader().newest(range))).toEqual([]);
  });

  it('leaves out the batch summaries and watermarks of the table', async () => {
    await table.put(recordOf('a'));
    await table.putItem({ s3_object: { S: 'summary#2026-11-22T10:00' }, upload_id: { S: 'request' } });
    expect(keys(await Array.fromAsync(reader().newest(november)))).toEqual(['a']);
  });

  it('can be stopped after the first', async () => {
    await table.put(...spreadRecords(300, 3));
    const records = reader().newest(november);
    expect((await records.next()).done).toBe(false);
    await records.return(undefined);
    expect((await records.next()).done).toBe(true);
  });

  it('ends with the error of DynamoDB when a query is rejected', async () => {
    const missing = ledgerReader({ ...table, tableName: 'other' });
    await expect(Array.fromAsync(missing.newest(november))).rejects.toThrow(
      expect.objectContaining({ name: 'ResourceNotFoundException' }),
    );
  });
});

describe('RecordFilters', () => {
  const wanted = recordOf('in/a.mp4', { category: 'video', filesize: 2000, uploader: 'alice' });
  const others = [
    recordOf('out/a.mp4', { category: 'video', filesize: 2000, uploader: 'alice' }),
    recordOf('in/b.mp4', { category: 'video', filesize: 2000, uploader: 'bob' }),
    recordOf('in/c.mp4', { category: 'video', filesize: 1999, uploader: 'alice' }),
    recordOf('in/d.mp4', { category: 'image', filesize: 2000, uploader: 'alice' }),
    recordOf('in/e.mp4', { category: 'video', filesize: 2000, uploader: 'alice', s3_bucket: 'elsewhere' }),
    recordOf('in/f.mp4', { category: 'video', filesize: 2000, uploader: 'alice', status: 'restored' }),
  ];
  const filters = {
    bucket: 'uploads-bucket',
    prefix: 'in/',
    uploader: 'alice',
    category: 'video',
    status: 'uploaded',
    minBytes: 2000,
  } as const;

  it('leave the records that meet all of them', async () => {
    await table.put(wanted, ...others);
    expect(await Array.fromAsync(reader().newest({ ...november, filters }))).toEqual([wanted]);
  });

  it('work for the records of one uploader', async () => {
    await table.put(wanted, ...others);
    const { uploader, ...rest } = filters;
    expect(await Array.fromAsync(reader().byUploader(uploader, { filters: rest }))).toEqual([wanted]);
  });

  it.each([
    ['bucket', { bucket: 'elsewhere' }, ['in/e.mp4']],
    ['prefix', { prefix: 'out/' }, ['out/a.mp4']],
    ['part of the key', { contains: 'ut/a.' }, ['out/a.mp4']],
    ['part of the key in another case', { contains: 'UT/a.' }, []],
    ['prefix and part of the key', { prefix: 'out/', contains: '.mp' }, ['out/a.mp4']],
    ['uploader', { uploader: 'bob' }, ['in/b.mp4']],
    ['category', { category: 'image' }, ['in/d.mp4']],
    ['status', { status: 'restored' }, ['in/f.mp4']],
    ['an empty prefix and a size', { prefix: '', minBytes: 2001 }, []],
  ] as const)('can be %s alone', async (_, filters, expected) => {
    await table.put(wanted, ...others);
    expect(keys(await Array.fromAsync(reader().newest({ ...november, filters })))).toEqual(expected);
  });
});

describe('LedgerReader.byUploader', () => {
  it('gives records newest first, of all time or within bounds', async () => {
    const times = ['2016-01-01T00:00:00.000Z', '2026-11-10T00:00:00.000Z', '2026-11-22T00:00:00.000Z'];
    await table.put(...times.map((timestamp, index) => recordOf(`${index}`, { timestamp, uploader: 'a#1' })));
    await table.put(recordOf('x', { uploader: 'a' }), recordOf('y'));
    expect(keys(await Array.fromAsync(reader().byUploader('a#1')))).toEqual(['2', '1', '0']);
    expect(keys(await Array.fromAsync(reader().byUploader('a#1', { since: november.since })))).toEqual(['2', '1']);
    const until = new Date('2026-11-22T00:00:00Z');
    expect(keys(await Array.fromAsync(reader().byUploader('a#1', { until })))).toEqual(['1', '0']);
    expect(keys(await Array.fromAsync(reader().byUploader('a#1', { ...november, until })))).toEqual(['1']);
  });
});

describe('LedgerReader.history', () => {
  const event = (upload_id: string, timestamp: string) => recordOf('a', { upload_id, timestamp });
  const backfilled = event('.2026-11-01T10:00:00.000Z/uploaded//x', '2026-11-01T10:00:00.000Z');
  const first = event('0061B3C0DE', '2026-11-02T10:00:00.000Z');
  const second = event('0061B3C0DF', '2026-11-02T10:00:00.000Z');
  const gone = event('00FFFFFFFFFF', '2026-11-03T10:00:00.000Z');
  /** At the time of its deletion the object was restored: the order must be the same from both ends. */
  const restored = event('.2026-11-03T10:00:00.000Z/restored//x', '2026-11-03T10:00:00.000Z');
  const events = [backfilled, first, second, gone, restored];

  it('is ordered by sequencers, and by times where there are none', async () => {
    await table.put(...events.toReversed(), recordOf('ab'));
    expect(await Array.fromAsync(reader().history('uploads-bucket', 'a'))).toEqual(events);
  });

  it('can be read newest first', async () => {
    await table.put(...events);
    const history = reader().history('uploads-bucket', 'a', { order: 'newest-first' });
    expect(await Array.fromAsync(history)).toEqual(events.toReversed());
  });

  it('is empty for an object that was never uploaded', async () => {
    expect(await Array.fromAsync(reader().history('uploads-bucket', 'a'))).toEqual([]);
  });

  it('continues over many pages', async () => {
    const many = Array.from({ length: 700 }, (_, index) =>
      event(index.toString(16).padStart(10, '0').toUpperCase(), new Date(1.78e12 + index).toISOString()),
    );
    await table.put(...many);
    expect(await Array.fromAsync(reader().history('uploads-bucket', 'a'))).toEqual(many);
  });
});

describe('LedgerReader.all', () => {
  it('gives the records of every object, without the summaries, watermarks and counters', async () => {
    const records = spreadRecords(300, 20);
    const withSigns = [recordOf('key#with#signs'), recordOf('key', { s3_object: 'b#x/key', s3_bucket: 'b#x' })];
    await table.put(...records, ...withSigns);
    const time = '2026-11-22T10:00:00.000Z';
    for (const s3_object of [summaryPartition(time), digestPartition('daily'), alertsPartition(time)]) {
      await table.putItem({ s3_object: { S: s3_object }, upload_id: { S: '1' } });
    }
    const found = keys(await Array.fromAsync(reader().all()));
    expect(found.sort()).toEqual(keys([...records, ...withSigns]).sort());
  });
});

describe('an item that should be a record but is not', () => {
  const broken = {
    ...{ s3_object: { S: 'b/k' }, upload_id: { S: '1' } },
    timestamp: { S: '2026-11-22T10:00:00.000Z' },
  };

  it('fails with an error that names it', async () => {
    await table.putItem({ ...broken, day_shard: { S: '2026-11-22#00' } });
    await expect(Array.fromAsync(reader().newest(november))).rejects.toThrow(/b\/k/);
  });

  it('is skipped and reported when the reader shall continue', async () => {
    await table.put(recordOf('a'));
    await table.putItem({ ...broken, day_shard: { S: '2026-11-22#00' } });
    const faults: string[] = [];
    const tolerant = ledgerReader({ ...table, onUnreadable: (error) => faults.push(error.code) });
    expect(keys(await Array.fromAsync(tolerant.newest(november)))).toEqual(['a']);
    expect(faults).toEqual(['not-a-ledger-record']);
  });
});
