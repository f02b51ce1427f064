import { describe, expect, it } from 'vitest';
import { RecentlySeen } from '../../../src/ledger/read/recently-seen.ts';
import { ledgerRecord } from '../records.ts';

const at = (second: number) => `2026-11-22T10:00:${String(second).padStart(2, '0')}.000Z`;
const record = (key: string, second: number) => ledgerRecord({ s3_object: key, timestamp: at(second) });

describe('RecentlySeen', () => {
  it('tells records apart by both parts of their key', () => {
    const seen = new RecentlySeen(10);
    expect(seen.add(ledgerRecord({ s3_object: 'b', upload_id: 'a' }))).toBe(true);
    expect(seen.add(ledgerRecord({ s3_object: 'b', upload_id: 'a' }))).toBe(false);
    expect(seen.add(ledgerRecord({ s3_object: 'ab', upload_id: '' }))).toBe(true);
    expect(seen.add(ledgerRecord({ s3_object: '', upload_id: 'ab' }))).toBe(true);
  });

  it('does not take what it forgot for new', () => {
    const seen = new RecentlySeen(10);
    seen.add(record('a', 1));
    seen.forgetBefore(at(2));
    expect(seen.add(record('a', 1))).toBe(false);
    expect(seen.add(record('b', 2))).toBe(true);
  });

  it('still knows records at the floor, which never sinks', () => {
    const seen = new RecentlySeen(10);
    seen.add(record('a', 2));
    seen.forgetBefore(at(2));
    seen.forgetBefore(at(1));
    expect(seen.floor).toBe(at(2));
    expect(seen.add(record('a', 2))).toBe(false);
  });

  it('has a newest time, and no floor while all of it is known', () => {
    const seen = new RecentlySeen(3);
    expect(seen.newest).toBe('');
    for (const second of [1, 3, 2]) seen.add(record(`${second}`, second));
    expect([seen.newest, seen.floor]).toEqual([at(3), '']);
  });

  it('keeps the newer half when there are too many', () => {
    const seen = new RecentlySeen(4);
    for (const second of [1, 5, 3, 2, 4]) seen.add(record(`${second}`, second));
    expect(seen.floor).toBe(at(4));
    expect([4, 5].map((second) => seen.add(record(`${second}`, second)))).toEqual([false, false]);
    expect([6, 7].map((second) => seen.add(record(`${second}`, second)))).toEqual([true, true]);
    expect(seen.floor).toBe(at(4));
  });

  it('stays bounded when all records have one time', () => {
    const seen = new RecentlySeen(4);
    const news = Array.from({ length: 20 }, (_, index) => seen.add(record(`${index}`, 7)));
    expect(news.filter(Boolean)).toHaveLength(6);
    expect(seen.floor).toBe('2026-11-22T10:00:07.001Z');
  });
});
