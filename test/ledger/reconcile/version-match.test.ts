import { describe, expect, it } from 'vitest';
import type { BucketObject } from '../../../src/ledger/reconcile/bucket-object.ts';
import { matchVersion } from '../../../src/ledger/reconcile/version-match.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { ledgerRecord } from '../records.ts';

const at = (time: string) => `2026-11-22T${time}Z`;

const object = (overrides: Partial<BucketObject> = {}): BucketObject => ({
  bucket: 'uploads-bucket',
  key: 'photos/cat.jpg',
  size: 1234,
  eTag: 'aaa',
  lastModified: at('10:00:00.000'),
  ...overrides,
});

const uploaded = (overrides: Partial<LedgerRecord> = {}) =>
  ledgerRecord({ etag: 'aaa', timestamp: at('10:00:00.400'), ...overrides });

const deleted = (timestamp: string) => {
  const { filesize: _, ...record } = ledgerRecord({ status: 'deleted', timestamp });
  return record;
};

const kindOf = async (of: BucketObject, ...history: readonly LedgerRecord[]) => (await matchVersion(of, history)).kind;

describe('the record that matches an object', () => {
  it('has the eTag of the object, and a time that is about the same or later', async () => {
    expect(await kindOf(object(), uploaded())).toBe('recorded');
    expect(await kindOf(object(), uploaded({ timestamp: at('09:59:55.000') }))).toBe('recorded');
    expect(await kindOf(object(), uploaded({ timestamp: at('09:59:50.000') }))).toBe('recorded');
    expect(await kindOf(object(), uploaded({ timestamp: at('09:59:49.999') }))).toBe('missing');
  });

  it('may be hours later than the object: a multipart upload has the time of its beginning', async () => {
    expect(await kindOf(object({ eTag: 'abc-7' }), uploaded({ etag: 'abc-7', timestamp: at('15:00:00.000') }))).toBe(
      'recorded',
    );
  });

  it('is found after other records', async () => {
    const history = [deleted(at('11:00:00.000')), uploaded({ etag: 'bbb', timestamp: at('10:30:00.000') }), uploaded()];
    expect(await kindOf(object(), ...history)).toBe('recorded');
    const before = [
      uploaded({ etag: 'bbb', timestamp: at('09:59:58.000') }),
      uploaded({ timestamp: at('09:59:57.000') }),
    ];
    expect(await kindOf(object(), ...before)).toBe('recorded');
  });

  it('is not that of an earlier upload of the same content, when a delete came between', async () => {
    const history = [deleted(at('09:59:58.000')), uploaded({ timestamp: at('09:59:57.000') })];
    expect(await kindOf(object(), ...history)).toBe('missing');
    expect(await kindOf(object(), deleted(at('10:00:00.000')), ...history.slice(1))).toBe('recorded');
  });

  it('is found before the delete of another version', async () => {
    const old = { ...deleted(at('09:59:58.000')), version_id: 'old', event_name: 'LifecycleExpiration:Delete' };
    const history = [old, uploaded({ timestamp: at('09:59:57.000'), version_id: 'current' })];
    expect(await kindOf(object(), ...history)).toBe('recorded');
  });

  it('is not the removal of a delete marker, for the marker', async () => {
    const removal = { ...deleted(at('12:00:00.000')), version_id: 'm', event_name: 'ObjectRemoved:Delete' };
    const marker = object({ isDeleteMarker: true, versionId: 'm' });
    expect(await kindOf(marker, removal)).toBe('missing');
    expect(await kindOf(marker, { ...removal, event_name: 'ObjectRemoved:DeleteMarkerCreated' })).toBe('recorded');
  });

  it('is not a delete or a restore', async () => {
    expect(await kindOf(object(), deleted(at('10:00:00.000')))).toBe('missing');
    expect(await kindOf(object(), uploaded({ status: 'restored' }))).toBe('missing');
  });

  it('is wrong when it says another size', async () => {
    expect(await kindOf(object(), uploaded({ filesize: 1 }))).toBe('wrong');
  });

  it('is of other content when it has another eTag and is no older than the object', async () => {
    expect(await kindOf(object(), uploaded({ etag: 'bbb' }))).toBe('other');
    expect(await kindOf(object(), uploaded({ etag: 'bbb', timestamp: at('10:00:00.000') }))).toBe('other');
    expect(await kindOf(object(), uploaded({ etag: 'bbb', timestamp: at('09:59:59.999') }))).toBe('missing');
    const [later, earlier] = [uploaded({ etag: 'ccc', timestamp: at('11:00:00.000') }), uploaded({ etag: 'bbb' })];
    expect(await matchVersion(object(), [later, earlier])).toEqual({ kind: 'other', record: later });
  });

  it('is known by its version where both sides have one', async () => {
    const version = object({ versionId: 'v1' });
    expect(await kindOf(version, uploaded({ version_id: 'v1', etag: 'aaa' }))).toBe('recorded');
    expect(await kindOf(version, uploaded({ version_id: 'v2', etag: 'aaa' }))).toBe('missing');
    expect(await kindOf(version, uploaded({ version_id: 'v1', etag: 'bbb' }))).toBe('wrong');
    const history = [deleted(at('09:59:58.000')), uploaded({ version_id: 'v1', timestamp: at('09:59:57.000') })];
    expect(await kindOf(version, ...history)).toBe('recorded');
  });

  it('has no version in a bucket without versions, whatever S3 calls it', async () => {
    expect(await kindOf(object({ versionId: 'null' }), uploaded())).toBe('recorded');
    for (const none of ['null', '']) {
      expect(await kindOf(object({ versionId: none }), uploaded({ version_id: 'v1' }))).toBe('recorded');
      expect(await kindOf(object({ versionId: 'v1' }), uploaded({ version_id: none }))).toBe('recorded');
    }
  });

  it('is known by its eTag where one side has no version', async () => {
    expect(await kindOf(object(), uploaded({ version_id: 'v1' }))).toBe('recorded');
    expect(await kindOf(object({ versionId: 'v1' }), uploaded())).toBe('recorded');
    expect(await kindOf(object({ versionId: 'v1' }), uploaded({ etag: 'bbb' }))).toBe('missing');
  });

  it('is not wrong for what one side does not say', async () => {
    const [version, record] = [object({ versionId: 'v1' }), uploaded({ version_id: 'v1' })];
    const { size: _, ...withoutSize } = version;
    const { eTag: __, ...withoutETag } = version;
    for (const one of [withoutSize, withoutETag]) expect(await kindOf(one, record)).toBe('recorded');
    const { filesize: ___, ...recordWithoutSize } = record;
    const { etag: ____, ...recordWithoutETag } = record;
    for (const one of [recordWithoutSize, recordWithoutETag]) expect(await kindOf(version, one)).toBe('recorded');
  });

  it('is known by its size where one side has no eTag', async () => {
    const { etag: _, ...record } = uploaded();
    expect(await kindOf(object(), record)).toBe('recorded');
    expect(await kindOf(object({ size: 7 }), record)).toBe('other');
    const { eTag: __, ...found } = object();
    expect(await kindOf(found, uploaded())).toBe('recorded');
    expect(await kindOf({ ...found, size: 7 }, uploaded())).toBe('other');
  });

  it('of a delete marker is a delete', async () => {
    const { size: _, eTag: __, ...marker } = object({ isDeleteMarker: true, versionId: 'm1' });
    expect(await kindOf(marker, { ...deleted(at('10:00:00.100')), version_id: 'm1' })).toBe('recorded');
    expect(await kindOf(marker, { ...deleted(at('10:00:00.100')), version_id: 'm2' })).toBe('missing');
    expect(await kindOf(marker, deleted(at('10:00:00.100')))).toBe('recorded');
    expect(await kindOf(marker, deleted(at('10:00:01.000')))).toBe('missing');
    expect(await kindOf(marker, uploaded())).toBe('missing');
  });
});
