import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FollowOptions } from '../../../src/ledger/read/follow.ts';
import { ledgerReader } from '../../../src/ledger/read/reader.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { type LedgerTable, openLedgerTable, recordOf } from './reader-table.ts';

let table: LedgerTable;

beforeEach(async () => {
  table = await openLedgerTable();
});

afterEach(() => table.close());

const at = (time: string) => new Date(`2026-11-22T${time}Z`);
const upload = (key: string, time: string) => recordOf(key, { timestamp: at(time).toISOString() });

/**
 * Follows the ledger while each of `steps` happens in one of the pauses; then stops.
 *
 * @returns The keys of the records, those from before the first step first.
 */
async function follow(
  steps: readonly (() => Promise<unknown>)[],
  options: Partial<FollowOptions> = {},
): Promise<string[]> {
  const stop = new AbortController();
  const waiting = [...steps];
  const keys: string[] = [];
  const pause = async () => {
    keys.push('|');
    const step = waiting.shift();
    if (step === undefined) return stop.abort();
    await step();
  };
  const defaults = { now: () => at('12:00:00'), lateMilliseconds: 120_000, signal: stop.signal };
  const records: AsyncIterable<LedgerRecord> = ledgerReader(table).follow({ ...defaults, pause, ...options });
  try {
    for await (const record of records) keys.push(record.s3_key);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
  return keys;
}

describe('LedgerReader.follow', () => {
  it('gives each new record once, in the order of time within one read', async () => {
    await table.put(upload('before', '11:59:00'));
    const keys = await follow([
      () => table.put(upload('b', '12:00:02'), upload('a', '12:00:01'), upload('c', '12:00:02')),
      async () => undefined,
      () => table.put(upload('d', '12:00:03')),
    ]);
    expect(keys.join(' ')).toMatch(/^\| a (b c|c b) \| \| d \|$/);
  });

  it('begins with the last ones that were there, oldest of them first', async () => {
    await table.put(upload('x', '09:00:00'), upload('y', '10:00:00'), upload('z', '11:00:00'));
    const keys = await follow([() => table.put(upload('new', '12:00:00'))], { last: 2 });
    expect(keys).toEqual(['y', 'z', '|', 'new', '|']);
  });

  it('searches for the last ones as far back as given', async () => {
    await table.put(recordOf('old', { timestamp: '2026-11-01T00:00:00.000Z' }));
    expect(await follow([], { last: 1 })).toEqual(['|']);
    expect(await follow([], { last: 1, lastSince: new Date('2026-10-30T00:00:00Z') })).toEqual(['old', '|']);
  });

  it('gives a record that comes late, unless it is later than allowed', async () => {
    await table.put(upload('before', '12:00:00'));
    const keys = await follow([
      () => table.put(upload('late', '11:58:00')),
      () => table.put(upload('too late', '11:57:59')),
    ]);
    expect(keys).toEqual(['|', 'late', '|', '|']);
  });

  it('goes on over midnight', async () => {
    let now = at('23:59:59');
    const keys = await follow(
      [
        () => table.put(upload('last of the day', '23:59:59.900')),
        () => {
          now = new Date('2026-11-23T00:00:01Z');
          return table.put(recordOf('first of the day', { timestamp: '2026-11-23T00:00:00.100Z' }));
        },
        () => table.put(upload('late', '23:59:58')),
      ],
      { now: () => now },
    );
    expect(keys).toEqual(['|', 'last of the day', '|', 'first of the day', '|', 'late', '|']);
  });

  it('gives new records on a machine whose clock is fast', async () => {
    await table.put(upload('before', '12:00:00'));
    const keys = await follow([() => table.put(upload('new', '12:00:01'))], { now: () => at('13:30:00') });
    expect(keys).toEqual(['|', 'new', '|']);
  });

  it('gives new records although there is one of the future', async () => {
    await table.put(upload('future', '12:59:00'));
    const keys = await follow([() => table.put(upload('new', '12:00:00'))]);
    expect(keys).toEqual(['|', 'new', '|']);
  });

  it('gives each record once when more come than it can remember', async () => {
    const burst = Array.from({ length: 120 }, (_, index) => upload(`${index}`, `12:00:${10 + Math.floor(index / 4)}`));
    const keys = await follow(
      [() => table.put(...burst), async () => undefined, () => table.put(upload('new', '12:00:50'))],
      {
        maxRemembered: 20,
      },
    );
    const expected = [...burst.map((record) => record.s3_key), '|', '|', '|', 'new', '|'];
    expect(keys.toSorted()).toEqual(expected.toSorted());
    expect(keys.at(-2)).toBe('new');
  });

  it('leaves out records that do not meet the filters', async () => {
    const step = () => table.put(upload('in/a', '12:00:00'), upload('out/b', '12:00:00'));
    expect(await follow([step], { filters: { prefix: 'in/' } })).toEqual(['|', 'in/a', '|']);
  });
});
