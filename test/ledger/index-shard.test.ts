import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayShard, shardNames, shardOf, uploaderShard } from '../../src/ledger/index-shard.ts';
import { objectKeys, SEED } from '../builders/arbitraries.ts';

describe('shardOf', () => {
  it('never changes, since readers and records of years ago depend on it', () => {
    const keys = ['', 'a', 'photos/cat.jpg', 'ünïcode/😀', 'k'.repeat(1024)];
    expect(keys.map((key) => shardOf(key, 8))).toEqual(['01', '00', '07', '01', '04']);
    expect(keys.map((key) => shardOf(key, 1000))).toEqual(['257', '192', '999', '193', '572']);
  });

  it('gives one of the shards that readers ask', () => {
    fc.assert(
      fc.property(objectKeys(), fc.integer({ min: 1, max: 1000 }), (key, shards) => {
        expect(shardNames(shards)).toContain(shardOf(key, shards));
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it.each([
    ['numbered', (index: number) => `photos/IMG_${String(index).padStart(6, '0')}.jpg`],
    ['dated', (index: number) => `${new Date(1.795e12 + index * 60_000).toISOString()}.json`],
    ['hexadecimal', (index: number) => `uploads/${Math.imul(index, 0x9e3779b1).toString(16)}`],
    ['of one letter repeated', (index: number) => 'a'.repeat(index % 1000) + index],
  ])('spreads %s keys evenly', (_, key) => {
    for (const shards of [2, 8, 10, 16]) {
      const counts = new Map<string, number>();
      for (let index = 0; index < 16_000; index++) {
        const shard = shardOf(key(index), shards);
        counts.set(shard, (counts.get(shard) ?? 0) + 1);
      }
      const fair = 16_000 / shards;
      expect(counts.size).toBe(shards);
      for (const count of counts.values()) expect(Math.abs(count - fair) / fair).toBeLessThan(0.15);
    }
  });
});

describe('shard names', () => {
  it('have two digits, or three from the hundredth on', () => {
    expect(shardNames(1)).toEqual(['00']);
    expect(shardNames(3)).toEqual(['00', '01', '02']);
    expect(shardNames(102).slice(-3)).toEqual(['99', '100', '101']);
  });

  it('stay what they are when shards are added, so that no reader loses old records', () => {
    expect(shardNames(1000)).toEqual(expect.arrayContaining([...shardNames(8)]));
  });

  it('come after the day and the uploader', () => {
    expect(dayShard('2026-11-22T10:15:30.123Z', '05')).toBe('2026-11-22#05');
    expect(dayShard('2026-11-22', '05')).toBe('2026-11-22#05');
    expect(uploaderShard('alice', '05')).toBe('alice#05');
  });

  it('keep uploaders apart, a # in the name or not', () => {
    const names = fc.string({ unit: fc.constantFrom('#', '0', '5', 'a'), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(names, names, fc.constantFrom('00', '05'), fc.constantFrom('00', '05'), (a, b, shardA, shardB) => {
        const same = a === b && shardA === shardB;
        expect(uploaderShard(a, shardA) === uploaderShard(b, shardB)).toBe(same);
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });
});
