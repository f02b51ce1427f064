import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../../src/shared/time.ts';
import { type S3Event, SimulatedBucket } from './simulated-s3.ts';
import { VirtualClock } from './virtual-clock.ts';

const STARTS_AT = Date.parse('2026-03-01T10:00:00.250Z');
const WHO = 'AWS:AROAEXAMPLE:alice';

function openBucket(isVersioned: boolean) {
  const clock = new VirtualClock(STARTS_AT, 1);
  const events: S3Event[] = [];
  const bucket = new SimulatedBucket({ name: 'bucket', isVersioned, clock, onEvent: (event) => events.push(event) });
  return { clock, bucket, events };
}

describe('a bucket with versions', () => {
  it('hides an object behind a delete marker, and shows it again when the marker is deleted', () => {
    const { bucket, events } = openBucket(true);
    const version = bucket.put('key', 1, WHO);
    bucket.delete('key', WHO);
    expect(bucket.current('key')).toBeUndefined();
    const marker = bucket.versionsOf('key').at(-1);
    if (marker) bucket.deleteVersion(marker, WHO);
    expect(bucket.current('key')).toBe(version);
    const removal = events.at(-1);
    expect(removal?.eventName).toBe('ObjectRemoved:Delete');
    expect(removal?.version.versionId).toBe(marker?.versionId);
    expect((removal?.version.sequencer ?? '') > (marker?.sequencer ?? '')).toBe(true);
  });

  it('takes a put over a delete marker as a new version', () => {
    const { bucket } = openBucket(true);
    bucket.put('key', 1, WHO);
    bucket.delete('key', WHO);
    const again = bucket.put('key', 2, WHO);
    expect(bucket.current('key')).toBe(again);
    expect(bucket.versionsOf('key')).toHaveLength(3);
  });

  it('takes the upload that was started last for the current version, whichever is completed last', async () => {
    const { clock, bucket } = openBucket(true);
    await clock.runUntil(STARTS_AT + HOUR_MS);
    const later = bucket.put('key', 1, WHO);
    const completed = bucket.completeMultipart('key', 2, WHO, { initiatedAt: STARTS_AT });
    expect(bucket.versionsOf('key')).toEqual([completed, later]);
    bucket.delete('other', WHO);
    bucket.completeMultipart('other', 2, WHO, { initiatedAt: STARTS_AT });
    expect(bucket.current('other')).toBeUndefined();
  });

  it('shows the version before when the current one is deleted', () => {
    const { bucket } = openBucket(true);
    const first = bucket.put('key', 1, WHO);
    bucket.deleteVersion(bucket.put('key', 2, WHO), WHO);
    expect(bucket.current('key')).toBe(first);
  });

  it('makes a marker for a key that it does not have', () => {
    const { bucket, events } = openBucket(true);
    bucket.delete('key', WHO);
    expect(events.map(({ eventName }) => eventName)).toEqual(['ObjectRemoved:DeleteMarkerCreated']);
  });

  it('expires the current version behind a marker, and an old one for good with the sequencer of its creation', async () => {
    const { clock, bucket, events } = openBucket(true);
    const version = bucket.put('key', 1, WHO);
    await clock.runUntil(STARTS_AT + HOUR_MS);
    bucket.expire('key');
    bucket.expireVersion(version);
    const [, marker, expiry] = events;
    expect(marker?.eventName).toBe('LifecycleExpiration:DeleteMarkerCreated');
    expect((marker?.version.sequencer ?? '') > version.sequencer).toBe(true);
    expect(expiry?.eventName).toBe('LifecycleExpiration:Delete');
    expect(expiry?.version.sequencer).toBe(version.sequencer);
    expect(bucket.versionsOf('key')).toHaveLength(1);
  });

  it('answers a HEAD of one version, and refuses one of a marker', () => {
    const { clock, bucket } = openBucket(true);
    const { versionId: VersionId } = bucket.put('key', 1, WHO);
    bucket.put('key', 2, WHO);
    bucket.delete('key', WHO);
    const marker = bucket.versionsOf('key').at(-1);
    const head = (id?: string) =>
      bucket.client.send(new HeadObjectCommand({ Bucket: 'bucket', Key: 'key', VersionId: id }));
    return clock.run(
      (async () => {
        expect(await head(VersionId)).toMatchObject({ ContentLength: 1, VersionId });
        await expect(head(marker?.versionId)).rejects.toMatchObject({ name: 'MethodNotAllowed' });
        await expect(head()).rejects.toMatchObject({ name: 'NotFound' });
      })(),
    );
  });

  it('lists its versions and markers in an inventory, latest first, as they were', async () => {
    const { bucket } = openBucket(true);
    bucket.put('b', 1, WHO);
    bucket.put('a', 2, WHO);
    bucket.delete('a', WHO);
    const inventory = bucket.inventory();
    bucket.put('c', 3, WHO);
    const rows = (await Array.fromAsync(inventory)).flat();
    expect(rows.map(({ key, size, isDeleteMarker = false }) => [key, size, isDeleteMarker])).toEqual([
      ['a', 0, true],
      ['a', 2, false],
      ['b', 1, false],
    ]);
  });
});

describe('a bucket without versions', () => {
  it('expires an object with the sequencer of its creation', async () => {
    const { clock, bucket, events } = openBucket(false);
    const { sequencer } = bucket.put('key', 1, WHO);
    await clock.runUntil(STARTS_AT + HOUR_MS);
    bucket.expire('key');
    expect(events[1]).toMatchObject({ eventName: 'LifecycleExpiration:Delete', at: STARTS_AT + HOUR_MS });
    expect(events[1]?.version.sequencer).toBe(sequencer);
    expect(bucket.current('key')).toBeUndefined();
  });

  it('restores with the sequencer of the creation, at each stage', async () => {
    const { clock, bucket, events } = openBucket(false);
    const { sequencer } = bucket.put('key', 1, WHO);
    for (const stage of ['Post', 'Completed', 'Delete'] as const) {
      await clock.runUntil(clock.now() + HOUR_MS);
      bucket.restore('key', stage);
    }
    bucket.restore('other', 'Post');
    const restores = events.slice(1);
    expect(restores.map(({ eventName }) => eventName)).toEqual([
      'ObjectRestore:Post',
      'ObjectRestore:Completed',
      'ObjectRestore:Delete',
    ]);
    for (const { version } of restores) expect(version.sequencer).toBe(sequencer);
    expect(bucket.current('key')?.sequencer).toBe(sequencer);
  });

  it('says of a multipart upload that it was last modified when it began, to the second', async () => {
    const { clock, bucket, events } = openBucket(false);
    await clock.runUntil(STARTS_AT + HOUR_MS);
    const { lastModified } = bucket.completeMultipart('key', 1, WHO, { initiatedAt: STARTS_AT });
    expect(new Date(lastModified).toISOString()).toBe('2026-03-01T10:00:00.000Z');
    expect(events[0]?.at).toBe(STARTS_AT + HOUR_MS);
    // The sequencer is that of the completion.
    const seconds = Number.parseInt(events[0]?.version.sequencer.slice(0, 10) ?? '', 16);
    expect(seconds).toBe(Math.floor((STARTS_AT + HOUR_MS) / 1000));
  });

  it('has one object for a key, however often it is put', () => {
    const { bucket } = openBucket(false);
    bucket.put('key', 1, WHO);
    const last = bucket.put('key', 2, WHO);
    expect(bucket.versionsOf('key')).toEqual([last]);
    expect([...bucket.keys()]).toEqual(['key']);
  });
});
