import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LedgerRecord } from '../../src/ledger/ledger-record.ts';
import type { SendPuts } from '../../src/ledger/send-puts.ts';
import { type LedgerWriterOptions, openLedgerWriter } from '../../src/ledger/writer.ts';
import { ledgerRecord, ledgerRecords } from './records.ts';

const storesAll: SendPuts = async () => [];

function named(name: string): Error {
  return Object.assign(new Error('injected'), { name });
}

function writerOf(send: SendPuts, overrides: Partial<LedgerWriterOptions> = {}) {
  const sent = vi.fn(send);
  const writer = openLedgerWriter({ send: sent, remainingMilliseconds: () => 30_000, random: () => 0.5, ...overrides });
  const sizes = () => sent.mock.calls.map(([records]) => records.length);
  return { writer, sent, sizes };
}

/** `stored`, or the code of the error, for each record. */
function outcomes(puts: readonly Promise<unknown>[]): Promise<string[]> {
  return Promise.all(
    puts.map((put) =>
      put.then(
        () => 'stored',
        (error) => error.code,
      ),
    ),
  );
}

/** Lets everything happen that needs no answer from outside. */
const run = (milliseconds = 60_000) => vi.advanceTimersByTimeAsync(milliseconds);

describe('the ledger writer', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('puts what is handed in together into calls of 25', async () => {
    const { writer, sizes } = writerOf(storesAll);
    const settled = outcomes(ledgerRecords(60).map((record) => writer.put(record)));
    await run();
    expect(new Set(await settled)).toEqual(new Set(['stored']));
    expect(sizes()).toEqual([25, 25, 10]);
    expect(writer.stats).toEqual({ calls: 3, unprocessedRetries: 0, duplicatesCollapsed: 0 });
  });

  it('waits for puts that are handed in after other asynchronous work of the same turn', async () => {
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

  it('pools what comes back unprocessed into one later call', async () => {
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

  it('waits longer with each refusal, never longer than its bound', async () => {
    const times: number[] = [];
    const { writer } = writerOf(async (records) => {
      times.push(Date.now());
      return times.length < 10 ? records : [];
    });
    const settled = outcomes([writer.put(ledgerRecord())]);
    await run();
    expect(await settled).toEqual(['stored']);
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(waits).toEqual([25, 50, 100, 200, 400, 800, 1600, 2500, 2500]);
  });

  it('rejects the puts of a call that failed, and no others', async () => {
    let calls = 0;
    const { writer } = writerOf(async () => {
      calls += 1;
      if (calls === 2) throw named('ThrottlingException');
      return [];
    });
    const settled = outcomes(ledgerRecords(75).map((record) => writer.put(record)));
    await run();
    const result = await settled;
    expect(result.slice(0, 25)).toEqual(Array(25).fill('stored'));
    expect(result.slice(25, 50)).toEqual(Array(25).fill('call-failed'));
    expect(result.slice(50)).toEqual(Array(25).fill('stored'));
  });

  it('singles out the item that DynamoDB does not accept and stores its companions', async () => {
    const { writer, sent } = writerOf(async (records) => {
      if (records.some(({ filename }) => filename === 'bad')) throw named('ValidationException');
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

  it('takes an answer without a list for a failure', async () => {
    const { writer } = writerOf(async () => undefined as never);
    const settled = outcomes([writer.put(ledgerRecord())]);
    await run();
    expect(await settled).toEqual(['call-failed']);
  });

  it('takes an answer that names a stranger for a failure', async () => {
    const { writer } = writerOf(async () => [{ s3_object: 'b/other', upload_id: '1' }]);
    const settled = outcomes([writer.put(ledgerRecord())]);
    await run();
    expect(await settled).toEqual(['call-failed']);
  });

  it('rejects all that is unsettled shortly before the invocation ends, and aborts what is in flight', async () => {
    const killed = Date.now() + 10_000;
    const { writer, sent } = writerOf(() => Promise.withResolvers<never>().promise, {
      remainingMilliseconds: () => killed - Date.now(),
    });
    const settled = outcomes(ledgerRecords(300).map((record) => writer.put(record)));
    await run(7_999);
    expect(sent.mock.calls.map(([, signal]) => signal.aborted)).toEqual(Array(8).fill(false));
    await run(1);
    expect(await settled).toEqual(Array(300).fill('out-of-time'));
    expect(sent.mock.calls.map(([, signal]) => signal.aborted)).toEqual(Array(8).fill(true));
    expect(await outcomes([writer.put(ledgerRecord({ s3_object: 'b/late' }))])).toEqual(['out-of-time']);
    await run();
    expect(sent).toHaveBeenCalledTimes(8);
  });

  it('ignores what a call answers after the end', async () => {
    const killed = Date.now() + 10_000;
    const { writer, sent } = writerOf(
      (records) => new Promise((resolve) => setTimeout(() => resolve(records), 9_000)),
      { remainingMilliseconds: () => killed - Date.now() },
    );
    const settled = outcomes([writer.put(ledgerRecord())]);
    await run();
    expect(await settled).toEqual(['out-of-time']);
    expect(sent).toHaveBeenCalledTimes(1);
  });

  it('leaves most of a short invocation to the writing', async () => {
    const { writer } = writerOf(async () => [], { remainingMilliseconds: () => 1_000 });
    const settled = outcomes([writer.put(ledgerRecord())]);
    await run(0);
    expect(await settled).toEqual(['stored']);
  });

  it('does not start a wait that would outlast the invocation', async () => {
    const killed = Date.now() + 500;
    const { writer } = writerOf(async (records) => records, {
      remainingMilliseconds: () => killed - Date.now(),
      random: () => 0.999,
    });
    const settled = outcomes([writer.put(ledgerRecord())]);
    await run(399);
    expect(await settled).toEqual(['out-of-time']);
  });

  it('leaves no timer behind', async () => {
    const { writer } = writerOf(storesAll);
    const settled = outcomes(ledgerRecords(30).map((record) => writer.put(record)));
    await run(0);
    await settled;
    expect(vi.getTimerCount()).toBe(0);
  });
});
