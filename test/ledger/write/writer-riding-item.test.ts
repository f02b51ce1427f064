import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OtherItem } from '../../../src/ledger/item.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import type { SendPuts } from '../../../src/ledger/write/batch-write.ts';
import { ledgerRecords, recordsAmong } from '../records.ts';
import { invocationOf, named, outcomes, randomClock, run, storesAll, writerOf } from './open-writer.ts';

const ITEM: OtherItem = { s3_object: 'summary', upload_id: 'one', attributes: { s3_object: { S: 'summary' } } };

/** A writer with a riding item, what that was made of, and whether the table has taken it. */
function writerWithItem(send: SendPuts, overrides: Parameters<typeof writerOf>[1] = {}, item?: OtherItem) {
  const madeOf: (readonly LedgerRecord[])[] = [];
  let isStored: Promise<boolean> | undefined;
  const opened = writerOf(send, {
    makeRidingItem: (records, stored) => {
      madeOf.push(records);
      isStored = stored;
      return item;
    },
    ...overrides,
  });
  return { ...opened, madeOf, isStored: () => isStored };
}

const open = (send: SendPuts, overrides: Parameters<typeof writerOf>[1] = {}) => writerWithItem(send, overrides, ITEM);

describe('an item that rides with the records', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([
    [10, [11]],
    [24, [25]],
    [100, [25, 25, 25, 25, 1]],
  ])('is one more item for %i records: calls of %j', async (count, expected) => {
    const { writer, sizes, isStored } = open(storesAll);
    const settled = outcomes(ledgerRecords(count).map((record) => writer.put(record)));
    await run();
    expect(new Set(await settled)).toEqual(new Set(['stored']));
    expect(sizes()).toEqual(expected);
    expect(await isStored()).toBe(true);
  });

  it('is made once, of what was handed in before the first call, each record once', async () => {
    const { writer, sizes, madeOf } = open(storesAll);
    const [first, second, late] = ledgerRecords(3) as [LedgerRecord, LedgerRecord, LedgerRecord];
    const early = outcomes([writer.put(first), writer.put(second), writer.put(first)]);
    await run();
    await early;
    const after = outcomes([writer.put(late)]);
    await run();
    await after;
    expect(madeOf).toEqual([[first, second]]);
    expect(sizes()).toEqual([3, 1]);
  });

  it('is not made when nothing is put, and may be none', async () => {
    const { writer, sizes, madeOf } = writerWithItem(storesAll);
    await run();
    expect(madeOf).toEqual([]);
    const settled = outcomes(ledgerRecords(2).map((record) => writer.put(record)));
    await run();
    await settled;
    expect(sizes()).toEqual([2]);
  });

  it('shares the retries of the records when it comes back unprocessed', async () => {
    let calls = 0;
    const { writer, sizes, isStored } = open(async (items) => {
      calls += 1;
      return calls < 3 ? items.filter((item) => item === ITEM) : [];
    });
    const settled = outcomes(ledgerRecords(5).map((record) => writer.put(record)));
    await run();
    expect(new Set(await settled)).toEqual(new Set(['stored']));
    expect(sizes()).toEqual([6, 1, 1]);
    expect(await isStored()).toBe(true);
  });

  it('is not stored when its call fails, and fails no record of another call', async () => {
    const { writer, isStored } = open(async (items) => {
      if (items.includes(ITEM)) throw named('InternalServerError');
      return [];
    });
    const settled = outcomes(ledgerRecords(30).map((record) => writer.put(record)));
    await run();
    expect((await settled).filter((outcome) => outcome === 'stored')).toHaveLength(25);
    expect(await isStored()).toBe(false);
  });

  it('is stored beside an item that DynamoDB rejects', async () => {
    const { writer, isStored } = open(async (items) => {
      if (recordsAmong(items).some(({ s3_object }) => s3_object.endsWith('/3'))) throw named('ValidationException');
      return [];
    });
    const settled = outcomes(ledgerRecords(10).map((record) => writer.put(record)));
    await run();
    expect((await settled).filter((outcome) => outcome === 'stored')).toHaveLength(9);
    expect(await isStored()).toBe(true);
  });

  it('is given up with the records when time is up', async () => {
    const { writer, isStored } = open(async (items) => items, { ...invocationOf(500), clock: randomClock(0.999) });
    const settled = outcomes(ledgerRecords(2).map((record) => writer.put(record)));
    await run();
    expect(new Set(await settled)).toEqual(new Set(['out-of-time']));
    expect(await isStored()).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });
});
