import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { historyOf } from '../../../src/ledger/read/history.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { type LedgerTable, openLedgerTable, recordOf } from './reader-table.ts';

let table: LedgerTable;

beforeAll(async () => {
  table = await openLedgerTable();
});

afterAll(() => table.close());

const CREATED = '0067B2F0A41C5D3E7F00000000000000';
const LATER = '0067B2F0B41C5D3E7F00000000000000';

/** Puts the records of one new object in reverse, and reads its history from both ends. */
async function read(key: string, parts: readonly Partial<LedgerRecord>[]) {
  const records = parts.map((part) => recordOf(key, part));
  await table.put(...records.toReversed());
  const forwards = await Array.fromAsync(historyOf(table, 'uploads-bucket', key));
  const backwards = await Array.fromAsync(historyOf(table, 'uploads-bucket', key, { order: 'newest-first' }));
  return { records, forwards, backwards: backwards.toReversed() };
}

const put = { event_name: 'ObjectCreated:Put', upload_id: CREATED, timestamp: '2026-11-02T10:00:00.000Z' };
const laterPut = { ...put, upload_id: LATER, timestamp: '2026-11-04T10:00:00.000Z' };
const restore = (timestamp: string, sequencer = CREATED): Partial<LedgerRecord> => ({
  event_name: 'ObjectRestore:Completed',
  upload_id: `.${timestamp}/${sequencer}/ObjectRestore:Completed`,
  timestamp,
});
const expiry = (timestamp: string, sequencer = CREATED): Partial<LedgerRecord> => ({
  event_name: 'LifecycleExpiration:Delete',
  upload_id: `.${timestamp}/${sequencer}/LifecycleExpiration:Delete`,
  timestamp,
});

describe('the history of an object', () => {
  it.each([
    ['restores and the expiry at their times', [put, restore('2026-11-03T00:00:00.000Z'), expiry(laterPut.timestamp)]],
    ['an expiry after its creation, also of the same time', [put, expiry(put.timestamp)]],
    ['an expiry before the next upload, also of the same time', [put, expiry(laterPut.timestamp), laterPut]],
    ['what has no sequencer after what has one, of the same time', [put, { ...put, upload_id: '.x/uploaded//' }]],
    [
      'the expiries of two versions in the order of the versions, of the same time',
      [put, laterPut, expiry('2026-12-01T00:00:00.000Z'), expiry('2026-12-01T00:00:00.000Z', LATER)],
    ],
  ] as const)('has %s', async (name, parts) => {
    const { records, forwards, backwards } = await read(name, parts);
    expect(forwards).toEqual(records);
    expect(backwards).toEqual(records);
  });

  it('has records of expiries and restores that are stored under the bare sequencer at their times', async () => {
    const { records, forwards, backwards } = await read('old records', [
      laterPut,
      { ...restore('2026-11-05T00:00:00.000Z'), upload_id: CREATED },
      { ...put, upload_id: '0067B2F0C41C5D3E7F00000000000000', timestamp: '2026-11-06T00:00:00.000Z' },
      { ...expiry('2026-11-07T00:00:00.000Z'), upload_id: '0067B2F0A31C5D3E7F00000000000000' },
      expiry('2026-11-08T00:00:00.000Z', LATER),
    ]);
    expect(forwards).toEqual(records);
    expect(backwards).toEqual(records);
  });

  it('has all of them where there are many pages', async () => {
    const time = (minute: number) => new Date(Date.UTC(2026, 10, 1) + minute * 60_000).toISOString();
    const sequencer = (number: number) => `${number.toString(16).toUpperCase().padStart(18, '0')}00000000000000`;
    const parts = Array.from({ length: 900 }, (_, index): Partial<LedgerRecord> => {
      const version = Math.floor(index / 3);
      if (index % 3 === 0) return { ...put, upload_id: sequencer(version), timestamp: time(index) };
      if (index % 3 === 1) return restore(time(index), sequencer(version));
      // Of a version long before: the creation's record is the one that this replaced.
      return { ...expiry(time(index)), upload_id: sequencer(1000 - version) };
    });
    const { records, forwards, backwards } = await read('many', parts);
    expect(forwards).toEqual(records);
    expect(backwards).toEqual(records);
  });
});
