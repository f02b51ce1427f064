import { describe, expect, it } from 'vitest';
import { coverageOf, isRecordedKey, recordsDeletes } from '../../../src/ledger/reconcile/recorded-scope.ts';

describe('a recorded key', () => {
  it('begins and ends as the stack says', () => {
    const scope = { prefix: 'in/', suffix: '.pdf' };
    expect(['in/a.pdf', 'in/a.txt', 'out/a.pdf'].map((key) => isRecordedKey(key, scope))).toEqual([true, false, false]);
    expect(isRecordedKey('anything', {})).toBe(true);
  });
});

describe('whether the stack records the event that made an object', () => {
  const of = (events: readonly string[], eTag?: string) => coverageOf({ key: 'a', ...(eTag && { eTag }) }, { events });

  it('is known when it records all creations, or none', () => {
    expect(coverageOf({ key: 'a' }, {})).toBe('recorded');
    expect(of(['ObjectCreated:*'])).toBe('recorded');
    expect(of(['ObjectRemoved:*'])).toBe('excluded');
    const all = ['Put', 'Post', 'Copy', 'CompleteMultipartUpload'].map((kind) => `ObjectCreated:${kind}`);
    expect(of(all)).toBe('recorded');
  });

  it('shows in the eTag where the object is made of parts', () => {
    expect(of(['ObjectCreated:CompleteMultipartUpload'], 'aaa-2')).toBe('recorded');
    expect(of(['ObjectCreated:CompleteMultipartUpload'], 'aaa')).toBe('excluded');
    expect(of(['ObjectCreated:Put'], 'aaa-2')).toBe('excluded');
  });

  it('is unclear when the object may have been made by another event', () => {
    expect(of(['ObjectCreated:Put'], 'aaa')).toBe('unclear');
    expect(of(['ObjectCreated:Put'])).toBe('unclear');
  });
});

describe('a stack that records deletes', () => {
  it('records expirations as well', () => {
    for (const hasVersions of [false, true]) {
      expect(recordsDeletes({}, hasVersions)).toBe(true);
      expect(recordsDeletes({ events: ['ObjectRemoved:*', 'LifecycleExpiration:*'] }, hasVersions)).toBe(true);
      expect(recordsDeletes({ events: ['ObjectCreated:*', 'ObjectRemoved:*'] }, hasVersions)).toBe(false);
      expect(recordsDeletes({ events: ['ObjectCreated:*'] }, hasVersions)).toBe(false);
    }
  });

  it('records delete markers as well, where objects have versions', () => {
    const events = ['ObjectRemoved:Delete', 'LifecycleExpiration:Delete'];
    expect(recordsDeletes({ events }, false)).toBe(true);
    expect(recordsDeletes({ events }, true)).toBe(false);
    const markers = events.map((name) => `${name}MarkerCreated`);
    expect(recordsDeletes({ events: markers }, true)).toBe(false);
    expect(recordsDeletes({ events: [...events, ...markers] }, true)).toBe(true);
  });
});
