import { describe, expect, it } from 'vitest';
import { KeySet } from '../../../src/ledger/reconcile/key-set.ts';

describe('KeySet', () => {
  it('has all keys that were added, and no others', () => {
    const set = new KeySet();
    for (let number = 0; number < 20_000; number += 2) set.add(`photos/${number}.jpg`);
    const wrong: number[] = [];
    for (let number = 0; number < 20_000; number += 1) {
      if (set.has(`photos/${number}.jpg`) !== (number % 2 === 0)) wrong.push(number);
    }
    expect({ size: set.size, wrong }).toEqual({ size: 10_000, wrong: [] });
  });

  it('counts a key once', () => {
    const set = new KeySet();
    for (const key of ['a', 'b', 'a', '', '']) set.add(key);
    expect(set.size).toBe(3);
    expect(set.has('')).toBe(true);
  });

  it.each([
    ['the second', 'k11802', 'k100088'],
    ['the first, and the slot', 'k1901402', 'k1926684'],
  ])('tells two keys apart whose hashes have one half in common: %s', (_, one, other) => {
    const set = new KeySet();
    set.add(one);
    expect(set.has(other)).toBe(false);
    set.add(other);
    expect([set.size, set.has(one), set.has(other)]).toEqual([2, true, true]);
  });
});
