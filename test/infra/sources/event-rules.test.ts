import { describe, expect, it } from 'vitest';
import { eventPatterns } from '../../../infra/sources/event-rules.ts';
import { EVENT_TYPES } from '../../../infra/sources/notification-configuration.ts';
import { DEFAULTS } from '../../../src/contract/defaults.ts';

const bucketNames = ['invoices'];
const bucket = { name: bucketNames };

describe('eventPatterns', () => {
  it('makes one pattern of everything that the ledger records', () => {
    expect(eventPatterns({ bucketNames, events: DEFAULTS.events })).toEqual([
      {
        source: ['aws.s3'],
        'detail-type': ['Object Created', 'Object Restore Completed', 'Object Deleted'],
        detail: { bucket },
      },
    ]);
  });

  it('distinguishes deletions by request from those by a lifecycle rule', () => {
    expect(eventPatterns({ bucketNames, events: ['ObjectRemoved:*'] })).toMatchObject([
      { 'detail-type': ['Object Deleted'], detail: { bucket, reason: ['DeleteObject'] } },
    ]);
    expect(eventPatterns({ bucketNames, events: ['LifecycleExpiration:DeleteMarkerCreated'] })).toMatchObject([
      { detail: { reason: ['Lifecycle Expiration'], 'deletion-type': ['Delete Marker Created'] } },
    ]);
  });

  it('names the reason of each kind of creation', () => {
    const patterns = eventPatterns({ bucketNames, events: ['ObjectCreated:Post', 'ObjectCreated:Copy'] });
    expect(patterns).toMatchObject([{ detail: { reason: ['POST Object'] } }, { detail: { reason: ['CopyObject'] } }]);
  });

  it.each(EVENT_TYPES)('knows %s', (event) => {
    expect(eventPatterns({ bucketNames, events: [event] })).toHaveLength(1);
  });

  it.each([
    [{ prefix: 'in/' }, { prefix: 'in/' }],
    [{ suffix: '.pdf' }, { suffix: '.pdf' }],
    [{ prefix: 'in\\', suffix: '.pdf' }, { wildcard: 'in\\\\*.pdf' }],
  ])('matches unencoded keys by prefix, suffix or both: %j', (filter, key) => {
    const [pattern] = eventPatterns({ bucketNames, events: ['ObjectCreated:*'], ...filter });
    expect(pattern?.detail).toEqual({ bucket, object: { key: [key] } });
  });

  it.each([
    ['data/', '/a.json', ['data/a.json']],
    ['aa', 'aaa', ['aaaa', 'aaa']],
    ['in/a.pdf', '.pdf', ['in/a.pdf']],
    ['in', '.pdf', []],
  ])('names the keys in which prefix %s and suffix %s overlap, which no wildcard matches', (prefix, suffix, keys) => {
    const [pattern] = eventPatterns({ bucketNames, events: ['ObjectCreated:*'], prefix, suffix });
    expect(pattern?.detail.object?.key.slice(1)).toEqual(keys);
    for (const key of keys) expect([key.startsWith(prefix), key.endsWith(suffix)]).toEqual([true, true]);
  });
});
