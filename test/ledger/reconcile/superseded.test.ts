import { describe, expect, it } from 'vitest';
import { findSuperseded, SupersededCollector } from '../../../src/ledger/reconcile/superseded.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { ledgerRecord } from '../records.ts';

const at = (time: string) => `2026-11-22T${time}Z`;

let made = 0;
/** What a notification brought. */
function told(overrides: Partial<LedgerRecord> = {}): LedgerRecord {
  made += 1;
  return ledgerRecord({
    upload_id: made.toString(16).padStart(32, '0'),
    etag: 'aaa',
    timestamp: at('10:00:00.250'),
    ...overrides,
  });
}

/** What backfill or reconcile wrote. */
function found(overrides: Partial<LedgerRecord> = {}): LedgerRecord {
  const timestamp = overrides.timestamp ?? at('10:00:00.000');
  return ledgerRecord({
    upload_id: `.${timestamp}/uploaded//aaa`,
    event_name: 'ObjectCreated:*',
    source: 'reconcile',
    etag: 'aaa',
    timestamp,
    ...overrides,
  });
}

const gone = (timestamp: string) => found({ status: 'deleted', event_name: 'ObjectRemoved:*', timestamp });
const deleted = (timestamp: string, overrides: Partial<LedgerRecord> = {}) =>
  told({ status: 'deleted', event_name: 'ObjectRemoved:Delete', timestamp, ...overrides });

/** The times of the superseded records and of those that stay; `?` where only S3 can tell. */
const pairsOf = (...records: readonly LedgerRecord[]) =>
  findSuperseded(records).map(
    ({ found, by, isCertain }) =>
      `${found.timestamp.slice(11, 19)} by ${by.timestamp.slice(11, 19)}${isCertain ? '' : ' ?'}`,
  );

describe('a superseded record', () => {
  it.each(['backfill', 'reconcile'] as const)(
    'is one of %s, when the notification of the upload came after all',
    (source) => {
      expect(pairsOf(found({ source }), told())).toEqual(['10:00:00 by 10:00:00']);
    },
  );

  it('is none of a notification', () => {
    expect(pairsOf(told(), told({ timestamp: at('10:00:01.000') }))).toEqual([]);
    expect(pairsOf(found({ source: 'notification' }), told())).toEqual([]);
  });

  it('is none that was only corrected', () => {
    expect(pairsOf(told({ source: 'reconcile' }), told())).toEqual([]);
  });

  it('has the same content', () => {
    expect(pairsOf(found(), told({ etag: 'bbb' }))).toEqual([]);
    const { etag: _, ...withoutETag } = found();
    expect(pairsOf(withoutETag, told())).toEqual(['10:00:00 by 10:00:00']);
    expect(pairsOf({ ...withoutETag, filesize: 1 }, told())).toEqual([]);
  });

  it('has the same version where both name one, whatever the time', () => {
    const version = found({ version_id: 'v1' });
    expect(pairsOf(version, told({ version_id: 'v1', timestamp: at('23:00:00.000') }))).toHaveLength(1);
    expect(pairsOf(version, told({ version_id: 'v2' }))).toEqual([]);
  });

  it('is of the same time, give or take the difference of two clocks', () => {
    expect(pairsOf(found(), told({ timestamp: at('09:59:50.000') }))).toHaveLength(1);
    expect(pairsOf(found(), told({ timestamp: at('09:59:49.999') }))).toEqual([]);
    expect(pairsOf(found(), told({ timestamp: at('10:00:10.000') }))).toEqual(['10:00:00 by 10:00:10']);
  });

  it('is perhaps one when the notification is some hours later, as it is of a multipart upload', () => {
    expect(pairsOf(found(), told({ timestamp: at('10:00:10.001') }))).toEqual(['10:00:00 by 10:00:10 ?']);
    expect(pairsOf(found(), told({ timestamp: at('16:00:00.000') }))).toEqual(['10:00:00 by 16:00:00 ?']);
    expect(pairsOf(found(), told({ timestamp: at('16:00:00.001') }))).toEqual([]);
  });

  it('is not of an equal upload before or after a change of the object', () => {
    const between = (time: string) => [deleted(at(time)), told({ etag: 'bbb', timestamp: at(time) })];
    for (const change of between('09:59:58.000')) {
      expect(pairsOf(found(), change, told({ timestamp: at('09:59:57.000') }))).toEqual([]);
    }
    for (const change of between('10:00:03.000')) {
      expect(pairsOf(found(), change, told({ timestamp: at('10:00:05.000') }))).toEqual([]);
      const parts = { etag: 'aaa-2' };
      expect(pairsOf(found(parts), change, told({ timestamp: at('10:00:05.000'), ...parts }))).toHaveLength(1);
    }
    // The object is of this second, the change of an earlier part of it.
    expect(pairsOf(found(), deleted(at('10:00:00.100')), told())).toHaveLength(1);
  });

  it('is the nearest of several, and each notification supersedes one', () => {
    const records = [found(), found({ timestamp: at('10:00:04.000') }), told({ timestamp: at('10:00:03.000') })];
    expect(pairsOf(...records)).toEqual(['10:00:04 by 10:00:03']);
    expect(pairsOf(...records, told({ timestamp: at('10:00:00.500') }))).toEqual([
      '10:00:00 by 10:00:00',
      '10:00:04 by 10:00:03',
    ]);
  });

  it('of a delete is superseded by the delete before it that no upload follows', () => {
    expect(pairsOf(told(), deleted(at('10:05:00.000')), gone(at('12:00:00.000')))).toEqual(['12:00:00 by 10:05:00']);
    const again = told({ timestamp: at('11:00:00.000') });
    expect(pairsOf(told(), deleted(at('10:05:00.000')), again, gone(at('12:00:00.000')))).toEqual([]);
  });

  it('of a delete is superseded by one that came while the bucket was read', () => {
    expect(pairsOf(told(), gone(at('10:30:00.000')), deleted(at('11:00:00.000')))).toEqual(['10:30:00 by 11:00:00']);
    const again = told({ timestamp: at('10:45:00.000') });
    expect(pairsOf(told(), gone(at('10:30:00.000')), again, deleted(at('11:00:00.000')))).toEqual([]);
  });

  it('of a delete is not superseded by the delete of an old version', () => {
    const [v1, v2] = [told({ version_id: 'v1' }), told({ version_id: 'v2', timestamp: at('10:01:00.000') })];
    const old = deleted(at('10:05:00.000'), { version_id: 'v1' });
    expect(pairsOf(v1, v2, old, gone(at('12:00:00.000')))).toEqual([]);
    const last = deleted(at('10:05:00.000'), { version_id: 'v2' });
    expect(pairsOf(v2, last, gone(at('12:00:00.000')))).toEqual(['12:00:00 by 10:05:00']);
    const marker = deleted(at('10:05:00.000'), { version_id: 'm', event_name: 'ObjectRemoved:DeleteMarkerCreated' });
    expect(pairsOf(v1, v2, marker, gone(at('12:00:00.000')))).toEqual(['12:00:00 by 10:05:00']);
  });

  it('of a delete marker is superseded by that of its version', () => {
    const marker = { ...gone(at('10:05:00.000')), version_id: 'm1' };
    const made = (version_id: string) =>
      deleted(at('10:05:00.100'), { version_id, event_name: 'ObjectRemoved:DeleteMarkerCreated' });
    expect(pairsOf(marker, made('m1'))).toHaveLength(1);
    expect(pairsOf(marker, made('m2'))).toEqual([]);
    expect(pairsOf(marker, deleted(at('10:05:00.100'), { version_id: 'm1' }))).toEqual([]);
  });

  it('of a version that was deleted for good is superseded by the delete of that version, whenever it was', () => {
    const lost = { source: 'reconcile', event_name: 'ObjectRemoved:Delete', status: 'deleted' } as const;
    const found = told({ ...lost, timestamp: at('12:00:00.000'), version_id: 'v2' });
    expect(pairsOf(found, deleted(at('10:05:00.100'), { version_id: 'v2' }))).toEqual(['12:00:00 by 10:05:00']);
    const expired = deleted(at('10:05:00.100'), { version_id: 'v2', event_name: 'LifecycleExpiration:Delete' });
    expect(pairsOf(found, expired)).toHaveLength(1);
    expect(pairsOf(found, deleted(at('10:05:00.100'), { version_id: 'v1' }))).toEqual([]);
    // The null version can be deleted again and again.
    const ofNull = told({ ...lost, timestamp: at('12:00:00.000') });
    expect(pairsOf(ofNull, deleted(at('11:00:00.000')))).toHaveLength(1);
    expect(pairsOf(ofNull, deleted(at('10:00:00.000')), told({ timestamp: at('11:00:00.000') }))).toEqual([]);
  });
});

describe('the superseded records of a table', () => {
  it('are found object by object', () => {
    const collector = new SupersededCollector();
    for (const s3_object of ['b/1', 'b/2', 'b/3']) {
      if (s3_object !== 'b/2') collector.add(found({ s3_object }));
      collector.add(told({ s3_object }));
    }
    expect(collector.end().map(({ found }) => found.s3_object)).toEqual(['b/1', 'b/3']);
  });

  it('are found where the notification has no sequencer either', () => {
    const collector = new SupersededCollector();
    collector.add(told({ upload_id: `.${at('09:59:59.900')}/uploaded//aaa`, timestamp: at('09:59:59.900') }));
    collector.add(found());
    expect(collector.end()).toHaveLength(1);
  });
});
