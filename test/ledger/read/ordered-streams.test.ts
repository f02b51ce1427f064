import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { lookAhead, mergeInOrder, type PageSource } from '../../../src/ledger/read/ordered-streams.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { ledgerRecord } from '../records.ts';

const at = (second: number, key = '') =>
  ledgerRecord({ s3_key: key, timestamp: new Date(1.79e12 + second * 1000).toISOString() });

async function* pages(...contents: readonly (readonly LedgerRecord[])[]): AsyncGenerator<readonly LedgerRecord[]> {
  yield* contents;
}

/** Cuts `records` into pages of `size`. */
function inPages(records: readonly LedgerRecord[], size: number): PageSource {
  const count = Math.ceil(records.length / size);
  return pages(...Array.from({ length: count }, (_, index) => records.slice(index * size, (index + 1) * size)));
}

describe('mergeInOrder', () => {
  it('gives everything in order, however it is spread over sources and pages', async () => {
    const seconds = fc.array(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 30 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(seconds, fc.integer({ min: 1, max: 7 }), fc.boolean(), async (lists, size, newestFirst) => {
        const direction = newestFirst ? -1 : 1;
        const sort = (numbers: readonly number[]) => numbers.toSorted((a, b) => direction * (a - b));
        const sources = lists.map((list) =>
          inPages(
            sort(list).map((second) => at(second)),
            size,
          ),
        );
        const merged = await Array.fromAsync(mergeInOrder(sources, newestFirst ? 'newest-first' : 'oldest-first'));
        expect(merged).toEqual(sort(lists.flat()).map((second) => at(second)));
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  it('keeps the order of each source where times are equal, the earlier source first', async () => {
    for (const order of ['newest-first', 'oldest-first'] as const) {
      const sources = [pages([at(1, 'a'), at(1, 'b')], [at(1, 'c')]), pages([at(1, 'd')])];
      const merged = await Array.fromAsync(mergeInOrder(sources, order));
      expect(merged.map((record) => record.s3_key)).toEqual(['a', 'b', 'c', 'd']);
    }
  });

  it('accepts a source that cannot be closed', async () => {
    const next = async () => ({ done: true, value: undefined }) as const;
    expect(await Array.fromAsync(mergeInOrder([{ next }, pages([at(1)])], 'newest-first'))).toEqual([at(1)]);
  });

  it('never reorders one source, even where its times run backwards', async () => {
    const merged = await Array.fromAsync(
      mergeInOrder([pages([at(3, 'a'), at(1, 'b')]), pages([at(2, 'c')])], 'oldest-first'),
    );
    expect(merged.map((record) => record.s3_key)).toEqual(['c', 'a', 'b']);
  });

  it('asks all sources at once, and turns a page only when it is used up', async () => {
    const events: string[] = [];
    async function* watched(name: string): AsyncGenerator<readonly LedgerRecord[]> {
      for (let page = 1; page <= 2; page += 1) {
        events.push(`${name}${page}`);
        yield [at(page, name), at(page, name)];
      }
    }
    const merged = mergeInOrder([watched('a'), watched('b')], 'oldest-first');
    await merged.next();
    events.push('first');
    await merged.next();
    await merged.next();
    expect(events).toEqual(['a1', 'b1', 'first', 'a2']);
  });

  it('closes every source when its reader stops early, and when one fails', async () => {
    const closed: string[] = [];
    async function* watched(name: string, fails = false): AsyncGenerator<readonly LedgerRecord[]> {
      try {
        if (fails) throw new Error('refused');
        yield [at(1)];
      } finally {
        closed.push(name);
      }
    }
    for await (const _ of mergeInOrder([watched('a'), watched('b')], 'newest-first')) break;
    const failing = mergeInOrder([watched('c'), watched('d', true)], 'newest-first');
    await expect(Array.fromAsync(failing)).rejects.toThrow('refused');
    expect(closed.sort()).toEqual(['a', 'b', 'c', 'd']);
  });
});

/** Opens numbers, each giving itself as often as `counts` says, and writes down which were opened and closed. */
function numbers(counts: Readonly<Record<number, number>>) {
  const opened: number[] = [];
  const closed: number[] = [];
  async function* open(key: number): AsyncGenerator<number> {
    opened.push(key);
    try {
      for (let given = 0; given < (counts[key] ?? 0); given += 1) yield key;
    } finally {
      closed.push(key);
    }
  }
  return { opened, closed, open };
}

const upTo = (most: number) => Array.from({ length: most }, (_, index) => index + 1);

describe('lookAhead', () => {
  it('gives everything in the order of the keys', async () => {
    const { open } = numbers({ 2: 2, 3: 1, 9: 2, 40: 1 });
    expect(await Array.fromAsync(lookAhead(upTo(40), open, 8))).toEqual([2, 2, 3, 9, 9, 40]);
  });

  it('opens nothing ahead while there are values', async () => {
    const { opened, open } = numbers({ 1: 1, 2: 1, 3: 1 });
    const values = lookAhead(upTo(9), open, 8);
    await values.next();
    await values.next();
    expect(opened).toEqual([1, 2]);
    await values.return(undefined);
  });

  it('opens twice as many at once after each without values, up to the maximum', async () => {
    const { opened, open } = numbers({ 4: 1 });
    const values = lookAhead(upTo(99), open, 4);
    await values.next();
    expect(opened).toEqual([1, 2, 3, 4, 5, 6, 7]);
    await values.return(undefined);
  });

  it('closes what it opened when its reader stops', async () => {
    const { opened, closed, open } = numbers({ 4: 2, 5: 2, 6: 2 });
    for await (const _ of lookAhead(upTo(99), open, 4)) break;
    expect(closed.sort()).toEqual(opened.sort());
  });

  it('fails at the failed key, after all values before it', async () => {
    async function* open(key: number): AsyncGenerator<number> {
      if (key === 4) throw new Error('refused');
      if (key === 3) yield key;
    }
    const values = lookAhead(upTo(9), open, 8);
    expect((await values.next()).value).toBe(3);
    await expect(values.next()).rejects.toThrow('refused');
  });

  it('ignores a failure that its reader never gets to', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    async function* open(key: number): AsyncGenerator<number> {
      if (key === 4) throw new Error('refused');
      if (key === 3) yield key;
    }
    for await (const _ of lookAhead(upTo(9), open, 8)) break;
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});
