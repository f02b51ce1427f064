import { describe, expect, it } from 'vitest';
import { isExpired, isRecent } from '../../../src/ledger/reconcile/bucket-object.ts';

const object = { bucket: 'uploads', key: 'cat.jpg', lastModified: '2026-11-22T10:00:00.000Z' };
const at = (time: string) => new Date(`2026-${time}Z`);

describe('the age of an object', () => {
  it('is recent until its notification can no longer come', () => {
    const minute = 60_000;
    expect(isRecent(object, at('11-22T10:00:59.999'), minute)).toBe(true);
    expect(isRecent(object, at('11-22T10:01:00.000'), minute)).toBe(false);
    expect(isRecent(object, at('11-22T10:00:00.000'), 0)).toBe(false);
  });

  it('says nothing of when an upload in parts ended, which may take eight days', () => {
    const inParts = { ...object, eTag: 'aaa-12' };
    const minute = 60_000;
    expect(isRecent(inParts, at('11-30T10:00:59.999'), minute)).toBe(true);
    expect(isRecent(inParts, at('11-30T10:01:00.000'), minute)).toBe(false);
    expect(isRecent({ ...object, eTag: 'aaa-b' }, at('11-22T10:01:00.000'), minute)).toBe(false);
  });

  it('is not recent when no notification can be on its way', () => {
    for (const eTag of ['aaa', 'aaa-12']) {
      expect(isRecent({ ...object, eTag }, at('11-22T10:00:00.000'), 0)).toBe(false);
    }
  });

  it('has expired when its record would have, to the millisecond', () => {
    expect(isExpired(object, at('11-24T09:59:59.999'), { retentionDays: 2 })).toBe(false);
    expect(isExpired(object, at('11-24T10:00:00.000'), { retentionDays: 2 })).toBe(true);
  });

  it('never expires when records are kept for ever', () => {
    expect(isExpired(object, at('12-31T00:00:00.000'), {})).toBe(false);
  });
});
