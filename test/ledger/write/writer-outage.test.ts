import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SendPuts } from '../../../src/ledger/write/batch-write.ts';
import { TableBreaker } from '../../../src/ledger/write/table-breaker.ts';
import { ledgerRecords } from '../records.ts';
import { invocationOf, named, outcomes, run, writerOf } from './open-writer.ts';

const fails =
  (name: string): SendPuts =>
  async () => {
    throw named(name);
  };

/** Throttles each call as a whole for so many milliseconds, then stores everything. */
function throttledFor(name: string, milliseconds: number): SendPuts {
  const end = Date.now() + milliseconds;
  return async () => {
    if (Date.now() < end) throw named(name);
    return [];
  };
}

describe('LedgerWriter', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  describe('while the table is throttled', () => {
    it.each(['ProvisionedThroughputExceededException', 'ThrottlingException', 'RequestLimitExceeded'])(
      'stores all records of an invocation of 30 s that meets 8 s of %s',
      async (name) => {
        const { writer } = writerOf(throttledFor(name, 8_000), invocationOf(30_000));
        const settled = outcomes(ledgerRecords(100).map((record) => writer.put(record)));
        await run();
        expect(await settled).toEqual(Array(100).fill('stored'));
        expect(writer.stats.unprocessedRetries).toBeGreaterThan(0);
      },
    );

    it('gives up at its deadline, and says what DynamoDB answered', async () => {
      const { writer } = writerOf(throttledFor('ThrottlingException', 60_000), invocationOf(30_000));
      const [record] = ledgerRecords(1);
      const failed = vi.fn();
      if (record !== undefined) void writer.put(record).catch(failed);
      await run(28_000);
      expect(failed.mock.calls[0]?.[0]).toMatchObject({
        code: 'out-of-time',
        message: expect.stringContaining('its time is up after ThrottlingException: injected'),
      });
      expect(vi.getTimerCount()).toBe(0);
    });

    it('keeps the breaker closed', async () => {
      const breaker = new TableBreaker();
      const { writer } = writerOf(throttledFor('ThrottlingException', 1_000), { breaker });
      const settled = outcomes(ledgerRecords(30).map((record) => writer.put(record)));
      await run(500);
      expect(breaker.isOpen).toBe(false);
      await run();
      await settled;
    });
  });

  describe('while the table is down', () => {
    it.each(['InternalServerError', 'AccessDeniedException', 'TimeoutError', 'ResourceNotFoundException'])(
      'probes with one call a batch after %s, and fails the batch with it',
      async (name) => {
        const breaker = new TableBreaker();
        const first = writerOf(fails(name), { breaker });
        const settled = outcomes(ledgerRecords(100).map((record) => first.writer.put(record)));
        await run();
        expect(await settled).toEqual(Array(100).fill('call-failed'));
        expect(first.sizes()).toEqual([25, 25, 25, 25]);
        expect(breaker.isOpen).toBe(true);

        const next = writerOf(fails(name), { breaker });
        const again = outcomes(ledgerRecords(100).map((record) => next.writer.put(record)));
        await run(0);
        expect(await again).toEqual(Array(100).fill('call-failed'));
        expect(next.sizes()).toEqual([25]);
        expect(vi.getTimerCount()).toBe(0);
      },
    );

    it('probes when calls of the same batch have failed, before it tries the others', async () => {
      const { writer, sizes } = writerOf(fails('InternalServerError'));
      const settled = outcomes(ledgerRecords(500).map((record) => writer.put(record)));
      await run();
      expect(new Set(await settled)).toEqual(new Set(['call-failed']));
      expect(sizes()).toHaveLength(8 + 1);
    });

    it('stores the whole batch once the probe is taken', async () => {
      const breaker = new TableBreaker();
      breaker.open();
      const inFlight: number[] = [];
      let running = 0;
      const { writer, sizes } = writerOf(
        async () => {
          running += 1;
          inFlight.push(running);
          await new Promise((resolve) => setTimeout(resolve, 5));
          running -= 1;
          return [];
        },
        { breaker },
      );
      const settled = outcomes(ledgerRecords(100).map((record) => writer.put(record)));
      await run();
      expect(await settled).toEqual(Array(100).fill('stored'));
      expect(sizes()).toEqual([25, 25, 25, 25]);
      expect(inFlight).toEqual([1, 1, 2, 3]);
      expect(breaker.isOpen).toBe(false);
    });

    it.each([
      ['a throttled probe', 'ThrottlingException', 'stored'],
      ['a probe with an item that DynamoDB never takes', 'ValidationException', 'refused-by-dynamodb'],
    ])('takes %s as an answer of a table that works', async (_, name, outcome) => {
      const breaker = new TableBreaker();
      breaker.open();
      let calls = 0;
      const { writer } = writerOf(
        async () => {
          calls += 1;
          if (calls === 1) throw named(name);
          return [];
        },
        { breaker },
      );
      const settled = outcomes(ledgerRecords(1).map((record) => writer.put(record)));
      await run(0);
      expect(breaker.isOpen).toBe(false);
      await run();
      expect(await settled).toEqual([outcome]);
    });

    it('opens the breaker when no call of an invocation was ever answered', async () => {
      const breaker = new TableBreaker();
      const neverAnswers: SendPuts = () => Promise.withResolvers<never>().promise;
      const { writer } = writerOf(neverAnswers, { ...invocationOf(10_000), breaker });
      const settled = outcomes(ledgerRecords(30).map((record) => writer.put(record)));
      await run();
      expect(new Set(await settled)).toEqual(new Set(['out-of-time']));
      expect(breaker.isOpen).toBe(true);
    });

    it('keeps the breaker closed when the last of several calls was cut off by the end', async () => {
      const breaker = new TableBreaker();
      let calls = 0;
      const { writer } = writerOf(
        async (_, signal) => {
          calls += 1;
          if (calls === 1) return [];
          return new Promise<never>((__, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        },
        { ...invocationOf(10_000), breaker },
      );
      const settled = outcomes(ledgerRecords(50).map((record) => writer.put(record)));
      await run();
      expect(new Set(await settled)).toEqual(new Set(['stored', 'out-of-time']));
      expect(breaker.isOpen).toBe(false);
    });
  });

  it('gives a probe that nobody answers up after three seconds', async () => {
    vi.useRealTimers();
    const breaker = new TableBreaker();
    breaker.open();
    const clock = {
      random: () => 0,
      after: () => () => undefined,
      timeout: (milliseconds: number) => AbortSignal.abort(`after ${milliseconds} ms`),
    };
    const { writer } = writerOf(
      async (_, signal) => {
        signal.throwIfAborted();
        return [];
      },
      { breaker, clock },
    );
    const [record] = ledgerRecords(1);
    if (record === undefined) throw new TypeError('Expected a record.');
    await expect(writer.put(record)).rejects.toMatchObject({ code: 'call-failed', cause: 'after 3000 ms' });
  });
});
