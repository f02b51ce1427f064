import { describe, expect, it, vi } from 'vitest';
import { lookAhead } from '../../src/ledger/look-ahead.ts';

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

describe('looking ahead', () => {
  it('gives everything in the order of the keys', async () => {
    const { open } = numbers({ 2: 2, 3: 1, 9: 2, 40: 1 });
    expect(await Array.fromAsync(lookAhead(upTo(40), open, 8))).toEqual([2, 2, 3, 9, 9, 40]);
  });

  it('opens nothing ahead while there is something', async () => {
    const { opened, open } = numbers({ 1: 1, 2: 1, 3: 1 });
    const values = lookAhead(upTo(9), open, 8);
    await values.next();
    await values.next();
    expect(opened).toEqual([1, 2]);
    await values.return(undefined);
  });

  it('opens twice as many at once after each that gave nothing, up to the most', async () => {
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

  it('fails where the fault is, after all that comes before it', async () => {
    async function* open(key: number): AsyncGenerator<number> {
      if (key === 4) throw new Error('refused');
      if (key === 3) yield key;
    }
    const values = lookAhead(upTo(9), open, 8);
    expect((await values.next()).value).toBe(3);
    await expect(values.next()).rejects.toThrow('refused');
  });

  it('keeps a fault to itself of which its reader stops short', async () => {
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
