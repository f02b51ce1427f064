import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BackfillOptions, backfill } from '../../../src/ledger/reconcile/backfill.ts';
import { listBucket } from '../../../src/ledger/reconcile/bucket-listing.ts';
import type { BucketObject } from '../../../src/ledger/reconcile/bucket-object.ts';
import { parseKeyTemplate } from '../../../src/shared/key-template.ts';
import { BUCKET, type BucketWorld, openBucketWorld, settingsFor, UNPACED } from './bucket-world.ts';

let world: BucketWorld;

beforeAll(async () => {
  world = await openBucketWorld();
});
afterEach(() => world.clear());
afterAll(() => world.close());

const AWKWARD = [
  'a b+c%.txt',
  'é/ü/日本.txt',
  '👩‍👩‍👧.png',
  '"quoted", \'too\'',
  'x'.repeat(900),
  '=1+1',
  'tab\there',
  ' ',
];

function run(options: Partial<BackfillOptions> = {}) {
  return backfill({
    ...UNPACED,
    table: world.table,
    objects: listBucket({ client: world.s3, bucket: BUCKET }),
    settings: settingsFor('backfill'),
    graceMilliseconds: 0,
    startedAt: new Date(),
    ...options,
  });
}

describe('backfill', () => {
  it('writes a record for each object that has none, and says what wrote it', async () => {
    for (const key of AWKWARD) await world.put(key, key, 'unseen');
    expect(await run()).toMatchObject({ seen: AWKWARD.length, written: AWKWARD.length, recorded: 0 });
    const records = await world.records();
    expect(records.map(({ s3_key }) => s3_key).sort()).toEqual([...AWKWARD].sort());
    for (const { s3_key, filesize, source, event_name, uploader, status } of records) {
      expect({ filesize, source, event_name, uploader, status }).toEqual({
        filesize: Buffer.byteLength(s3_key),
        source: 'backfill',
        event_name: 'ObjectCreated:*',
        uploader: undefined,
        status: 'uploaded',
      });
    }
  });

  it('changes nothing that a notification has recorded', async () => {
    for (const key of AWKWARD) await world.put(key, key, 'seen');
    const before = await world.records();
    expect(await run()).toMatchObject({ written: 0, recorded: AWKWARD.length });
    expect(await world.records()).toEqual(before);
  });

  it('writes nothing the second time', async () => {
    for (const key of AWKWARD) await world.put(key, key, 'unseen');
    await run();
    const before = await world.records();
    expect(await run()).toMatchObject({ written: 0, recorded: AWKWARD.length });
    expect(await world.records()).toEqual(before);
  });

  it('fills in the last upload of an object whose earlier one is recorded', async () => {
    await world.put('twice', 'first', 'seen');
    await world.put('twice', 'second time', 'unseen');
    expect(await run()).toMatchObject({ written: 1 });
    expect((await world.records()).map(({ filesize }) => filesize).sort()).toEqual([11, 5]);
  });

  it('writes nothing in a dry run', async () => {
    await world.put('a', 'a', 'unseen');
    expect(await run({ dryRun: true })).toMatchObject({ written: 1 });
    expect(await world.records()).toEqual([]);
  });

  it('leaves recent objects to the notifications', async () => {
    await world.put('a', 'a', 'unseen');
    expect(await run({ graceMilliseconds: 60_000 })).toMatchObject({ written: 0, recent: 1 });
    expect(await run({ graceMilliseconds: 60_000, startedAt: new Date(Date.now() + 120_000) })).toMatchObject({
      written: 1,
    });
  });

  it('writes nothing that would expire at once', async () => {
    await world.put('a', 'a', 'unseen');
    const { uploads, records } = settingsFor('backfill');
    const settings = { uploads, records: { ...records, retentionDays: 1 } };
    const tomorrow = new Date(Date.now() + 25 * 60 * 60 * 1000);
    expect(await run({ settings, startedAt: tomorrow })).toMatchObject({ written: 0, expired: 1 });
    expect(await run({ settings })).toMatchObject({ written: 1 });
    expect((await world.records())[0]?.expires_at).toBeGreaterThan(Date.now() / 1000);
  });

  it('names the uploader where the key does', async () => {
    await world.put('uploads/alice/cat.jpg', 'a', 'unseen');
    const { records } = settingsFor('backfill');
    const uploads = { uploaderKeyTemplate: parseKeyTemplate('uploads/{uploader}/{*}') };
    await run({ settings: { uploads, records } });
    expect((await world.records())[0]).toMatchObject({ uploader: 'alice', uploader_source: 'key-template' });
  });

  it('fills in every version and delete of an inventory', async () => {
    const versions: BucketObject[] = [
      { bucket: BUCKET, key: 'a', size: 1, eTag: 'x', versionId: 'v1', lastModified: '2026-01-01T00:00:00.000Z' },
      { bucket: BUCKET, key: 'a', size: 2, eTag: 'y', versionId: 'v2', lastModified: '2026-01-02T00:00:00.000Z' },
      { bucket: BUCKET, key: 'a', versionId: 'v3', lastModified: '2026-01-03T00:00:00.000Z', isDeleteMarker: true },
    ];
    const objects = async function* () {
      yield versions;
    };
    expect(await run({ objects: objects() })).toMatchObject({ written: 3 });
    expect(await run({ objects: objects() })).toMatchObject({ written: 0, recorded: 3 });
    expect((await world.records()).map(({ status, version_id, filesize }) => [status, version_id, filesize])).toEqual([
      ['uploaded', 'v1', 1],
      ['uploaded', 'v2', 2],
      ['deleted', 'v3', undefined],
    ]);
  });

  it('stops when its signal is aborted, and names the key after which to continue', async () => {
    for (const key of ['a', 'b', 'c', 'd']) await world.put(key, key, 'unseen');
    const stop = new AbortController();
    const pages = async function* () {
      for await (const [first, second, ...rest] of listBucket({ client: world.s3, bucket: BUCKET })) {
        if (first !== undefined && second !== undefined) yield [first, second];
        stop.abort();
        yield rest;
      }
    };
    const report = await run({ objects: pages(), signal: stop.signal });
    expect(report).toMatchObject({ written: 2, lastKey: 'b' });
    const rest = listBucket({ client: world.s3, bucket: BUCKET, startAfter: 'b' });
    expect(await run({ objects: rest })).toMatchObject({ seen: 2, written: 2 });
    expect(await world.records()).toHaveLength(4);
  });

  it('stops while it waits for its rate, without doing what it waited for', async () => {
    for (let number = 0; number < 5; number += 1) await world.put(`${number}`, 'x', 'unseen');
    const stop = new AbortController();
    const clock = { monotonic: () => 0, sleep: async () => stop.abort() };
    const { seen } = await run({ rate: 1, clock, signal: stop.signal });
    expect(seen).toBeLessThanOrEqual(1);
    expect(await world.records()).toHaveLength(seen);
  });

  it('keeps to its rate', async () => {
    for (let number = 0; number < 30; number += 1) await world.put(`${number}`, 'x', 'unseen');
    let time = 0;
    const sleep = async (milliseconds: number) => {
      time = Math.max(time, milliseconds);
    };
    await run({ rate: 10, clock: { monotonic: () => 0, sleep } });
    expect(time).toBeCloseTo(2000, 0);
  });
});
