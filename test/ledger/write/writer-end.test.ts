import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SendPuts } from '../../../src/ledger/write/batch-write.ts';
import { ledgerRecord, ledgerRecords } from '../records.ts';
import { invocationOf, named, outcomes, randomClock, run, storesAll, writerOf } from './open-writer.ts';

const neverAnswers: SendPuts = () => Promise.withResolvers<never>().promise;

describe('LedgerWriter at the end of an invocation', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('rejects all that is unsettled shortly before the invocation ends, and aborts what is in flight', async () => {
    const { writer, sent } = writerOf(neverAnswers, invocationOf(10_000));
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
    const { writer, sent } = writerOf(
      (records) => new Promise((resolve) => setTimeout(() => resolve(records), 9_000)),
      invocationOf(10_000),
    );
    const settled = outcomes([writer.put(ledgerRecord())]);
    await run();
    expect(await settled).toEqual(['out-of-time']);
    expect(sent).toHaveBeenCalledTimes(1);
  });

  it('uses most of a short invocation for writing', async () => {
    const { writer } = writerOf(async () => [], { remainingMilliseconds: () => 1_000 });
    const settled = outcomes([writer.put(ledgerRecord())]);
    await run(0);
    expect(await settled).toEqual(['stored']);
  });

  it('does not start a wait that would outlast the invocation', async () => {
    const { writer } = writerOf(async (records) => records, { ...invocationOf(500), clock: randomClock(0.999) });
    const settled = outcomes([writer.put(ledgerRecord())]);
    await run(399);
    expect(await settled).toEqual(['out-of-time']);
  });

  it('does not start a wait that would end with the invocation', async () => {
    // Of 3.125 ms a fifth is kept back; the first wait is half of 5 ms.
    const { writer } = writerOf(async (records) => records, { remainingMilliseconds: () => 3.125 });
    const settled = vi.fn();
    void writer.put(ledgerRecord()).catch(settled);
    await run(0);
    expect(settled).toHaveBeenCalledOnce();
  });

  it.each([
    [60_000, 58_000],
    [1_000, 800],
  ])('stops an invocation of %i ms after %i', async (length, end) => {
    const { writer } = writerOf(neverAnswers, invocationOf(length));
    const ended = vi.fn();
    const put = writer.put(ledgerRecord()).catch(ended);
    await run(end - 1);
    expect(ended).not.toHaveBeenCalled();
    await run(1);
    await put;
    expect(ended.mock.calls[0]?.[0]).toMatchObject({
      name: 'RecordNotStoredError',
      code: 'out-of-time',
      message:
        'Expected the record to be stored within the invocation; its time is up. The message will be tried again.',
    });
  });

  it('sends nothing more when answers come after the end and make room', async () => {
    for (const late of [async () => [], async () => Promise.reject(named('ValidationException'))]) {
      const { writer, sent } = writerOf(
        () => new Promise((resolve) => setTimeout(() => resolve(late()), 9_000)),
        invocationOf(10_000),
      );
      const settled = outcomes(ledgerRecords(300).map((record) => writer.put(record)));
      await run();
      expect(new Set(await settled)).toEqual(new Set(['out-of-time']));
      expect(sent).toHaveBeenCalledTimes(8);
    }
  });

  it('leaves no timer behind while unprocessed puts wait', async () => {
    const { writer } = writerOf(
      async (records) => {
        if (records.length === 25) return neverAnswers(records, new AbortController().signal);
        return records;
      },
      { ...invocationOf(10_000), clock: randomClock(0.999) },
    );
    const settled = outcomes(ledgerRecords(26).map((record) => writer.put(record)));
    await run(8_000);
    expect(new Set(await settled)).toEqual(new Set(['out-of-time']));
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is kept to by puts that come when all earlier ones are stored', async () => {
    let isDeaf = false;
    const send: SendPuts = (records, signal) => (isDeaf ? neverAnswers : storesAll)(records, signal);
    const { writer } = writerOf(send, invocationOf(10_000));
    const first = outcomes([writer.put(ledgerRecord())]);
    await run(1_000);
    expect(await first).toEqual(['stored']);
    isDeaf = true;
    const second = outcomes([writer.put(ledgerRecord({ s3_object: 'b/second' }))]);
    await run(7_000);
    expect(await second).toEqual(['out-of-time']);
  });
});
