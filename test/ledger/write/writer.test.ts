import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { ledgerRecord, ledgerRecords, recordsAmong } from '../records.ts';
import { named, outcomes, run, storesAll, writerOf } from './open-writer.ts';

describe('LedgerWriter', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('sends puts of one turn in calls of 25', async () => {
    const { writer, sizes } = writerOf(storesAll);
    const settled = outcomes(ledgerRecords(60).map((record) => writer.put(record)));
    await run();
    expect(new Set(await settled)).toEqual(new Set(['stored']));
    expect(sizes()).toEqual([25, 25, 10]);
    expect(writer.stats).toEqual({ calls: 3, unprocessedRetries: 0, duplicatesCollapsed: 0 });
  });

  it('waits for puts that follow other asynchronous work of the same turn', async () => {
    const { writer, sizes } = writerOf(storesAll);
    const late = ledgerRecords(30).map(async (record, index) => {
      for (let hop = 0; hop < index; hop += 1) await null;
      await writer.put(record);
    });
    await run();
    await Promise.all(late);
    expect(sizes()).toEqual([25, 5]);
  });

  it('keeps at most eight calls in flight', async () => {
    let inFlight = 0;
    let most = 0;
    const { writer, sizes } = writerOf(async () => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inFlight -= 1;
      return [];
    });
    const settled = outcomes(ledgerRecords(500).map((record) => writer.put(record)));
    await run();
    await settled;
    expect(sizes()).toHaveLength(20);
    expect(most).toBe(8);
  });

  it('sends a key once in an invocation and settles its duplicates with it', async () => {
    const { writer, sizes } = writerOf(storesAll);
    const first = writer.put(ledgerRecord());
    const second = writer.put(ledgerRecord({ filename: 'other' }));
    await run();
    await Promise.all([first, second]);
    const third = writer.put(ledgerRecord());
    await run();
    await third;
    expect(sizes()).toEqual([1]);
    expect(writer.stats.duplicatesCollapsed).toBe(2);
  });

  it('does not take two keys for one because their parts run together', async () => {
    const { writer, sizes } = writerOf(storesAll);
    const settled = outcomes([
      writer.put(ledgerRecord({ s3_object: 'b/1', upload_id: '23' })),
      writer.put(ledgerRecord({ s3_object: 'b/12', upload_id: '3' })),
    ]);
    await run();
    await settled;
    expect(sizes()).toEqual([2]);
  });

  it('sends a key once, and says which put was its first', async () => {
    const { writer, sizes } = writerOf(storesAll);
    const [record] = ledgerRecords(1) as [LedgerRecord];
    const puts = Promise.all([writer.put(record), writer.put({ ...record })]);
    await run();
    expect(await puts).toEqual([true, false]);
    expect(await writer.put(record)).toBe(false);
    expect(sizes()).toEqual([1]);
  });

  it('sends the unprocessed puts of several calls in one later call', async () => {
    const seen = new Set<string>();
    const { writer, sizes } = writerOf(async (records) => {
      const firstOfCall = records.slice(0, 3).filter(({ s3_object }) => !seen.has(s3_object));
      for (const { s3_object } of firstOfCall) seen.add(s3_object);
      return records[0] !== undefined && records.length === 25 ? firstOfCall : [];
    });
    const settled = outcomes(ledgerRecords(100).map((record) => writer.put(record)));
    await run();
    expect(new Set(await settled)).toEqual(new Set(['stored']));
    expect(sizes()).toEqual([25, 25, 25, 25, 12]);
    expect(writer.stats.unprocessedRetries).toBe(12);
  });

  it('fills up the last call of the fresh puts with leftovers', async () => {
    let refuse = true;
    const { writer, sizes } = writerOf(async (records) => {
      await new Promise((resolve) => setTimeout(resolve, refuse ? 1 : 5));
      const unprocessed = refuse ? records.slice(0, 4) : [];
      refuse = false;
      return unprocessed;
    });
    const settled = outcomes(ledgerRecords(8 * 25 + 10).map((record) => writer.put(record)));
    await run();
    expect(new Set(await settled)).toEqual(new Set(['stored']));
    expect(sizes()).toEqual([25, 25, 25, 25, 25, 25, 25, 25, 14]);
  });

  it.each([
    ['fewer leftovers than a call holds wait for the calls under way, from which others may come', 3, [0, 0, 1_000]],
    ['as many leftovers as a call holds do not wait for the calls under way', 25, [0, 0, 2]],
  ])('%s', async (_, refused, expected) => {
    const times: number[] = [];
    const start = Date.now();
    const { writer } = writerOf(async (records) => {
      times.push(Date.now() - start);
      if (times.length === 1) return records.slice(0, refused);
      if (times.length === 2) await new Promise((resolve) => setTimeout(resolve, 1_000));
      return [];
    });
    const settled = outcomes(ledgerRecords(50).map((record) => writer.put(record)));
    await run();
    expect(new Set(await settled)).toEqual(new Set(['stored']));
    expect(times).toEqual(expected);
  });

  it('waits once for the unprocessed puts of several calls', async () => {
    let calls = 0;
    const { writer, sizes } = writerOf(async (records) => {
      calls += 1;
      if (calls === 2) await new Promise((resolve) => setTimeout(resolve, 1));
      return calls <= 2 ? records.slice(0, 1) : [];
    });
    const settled = outcomes(ledgerRecords(50).map((record) => writer.put(record)));
    await run(1);
    expect(vi.getTimerCount()).toBe(2);
    await run();
    expect(new Set(await settled)).toEqual(new Set(['stored']));
    expect(sizes()).toEqual([25, 25, 2]);
  });

  it('waits longer each time, up to a maximum', async () => {
    const times: number[] = [];
    const { writer } = writerOf(async (records) => {
      times.push(Date.now());
      return times.length < 14 ? records : [];
    });
    const settled = outcomes([writer.put(ledgerRecord())]);
    await run();
    expect(await settled).toEqual(['stored']);
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(waits).toEqual([2, 5, 10, 20, 40, 80, 160, 320, 640, 1280, 2500, 2500, 2500]);
  });

  it('rejects the puts of a call that failed, and no others', async () => {
    let calls = 0;
    const { writer } = writerOf(async () => {
      calls += 1;
      if (calls === 2) throw named('InternalServerError');
      return [];
    });
    const settled = outcomes(ledgerRecords(75).map((record) => writer.put(record)));
    await run();
    const result = await settled;
    expect(result.slice(0, 25)).toEqual(Array(25).fill('stored'));
    expect(result.slice(25, 50)).toEqual(Array(25).fill('call-failed'));
    expect(result.slice(50)).toEqual(Array(25).fill('stored'));
  });

  it('finds the item that DynamoDB does not accept, and stores the others of its call', async () => {
    const { writer, sent } = writerOf(async (records) => {
      if (recordsAmong(records).some(({ filename }) => filename === 'bad')) throw named('ValidationException');
      return [];
    });
    const records = ledgerRecords(50).map((record, index): LedgerRecord => {
      return index === 7 ? { ...record, filename: 'bad' } : record;
    });
    const settled = outcomes(records.map((record) => writer.put(record)));
    await run();
    const result = await settled;
    expect(result[7]).toBe('refused-by-dynamodb');
    expect(result.filter((outcome) => outcome === 'stored')).toHaveLength(49);
    expect(sent.mock.calls.length).toBeLessThan(2 + 2 * Math.ceil(Math.log2(25)) + 1);
  });

  it.each(['ValidationException', 'SerializationException'])(
    'says why DynamoDB refused an item, and that no retry cures it: %s',
    async (name) => {
      const cause = named(name);
      const { writer } = writerOf(async () => {
        throw cause;
      });
      const put = writer.put(ledgerRecord());
      const refused = { name: 'RecordRefusedError', code: 'refused-by-dynamodb', cause };
      const message = `Expected DynamoDB to take the record; it answered ${name}: injected`;
      await Promise.all([expect(put).rejects.toMatchObject({ ...refused, message }), run()]);
    },
  );

  it.each([
    [named('InternalServerError'), 'InternalServerError: injected'],
    ['no error at all', 'no error at all'],
    [null, 'null'],
    [{ name: 'ValidationException' }, '[object Object]'],
  ])('says what a call failed with, whatever that was: %s', async (cause, why) => {
    const { writer, sizes } = writerOf(async () => {
      throw cause;
    });
    const puts = ledgerRecords(2).map((record) => writer.put(record));
    const failed = { name: 'RecordNotStoredError', code: 'call-failed', cause };
    const message = `Expected DynamoDB to take the record; the whole call failed with ${why}. The message will be tried again.`;
    const expected = puts.map((put) => expect(put).rejects.toMatchObject({ ...failed, message }));
    await Promise.all([...expected, run()]);
    expect(sizes()).toEqual([2]);
  });

  it('treats an answer without a list as a failure', async () => {
    const { writer } = writerOf(async () => undefined as never);
    const put = writer.put(ledgerRecord());
    const message = expect.stringContaining('got none, so nothing counts as stored');
    await Promise.all([expect(put).rejects.toMatchObject({ code: 'call-failed', message }), run()]);
  });

  it('treats an answer that names another record as a failure', async () => {
    const { writer } = writerOf(async () => [{ s3_object: 'b/other', upload_id: '1' }]);
    const put = writer.put(ledgerRecord());
    const message = expect.stringContaining('got others, so nothing counts as stored');
    await Promise.all([expect(put).rejects.toMatchObject({ code: 'call-failed', message }), run()]);
  });

  it('leaves no timer behind', async () => {
    const { writer } = writerOf(storesAll);
    const settled = outcomes(ledgerRecords(30).map((record) => writer.put(record)));
    await run(0);
    await settled;
    expect(vi.getTimerCount()).toBe(0);
  });
});
