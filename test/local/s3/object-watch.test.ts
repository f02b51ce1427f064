import { createHash } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sequencerSource } from '../../../src/local/s3/object-watch.ts';
import { AWKWARD_KEYS, BUCKET, type Services, startServices } from '../servers/service-server-fixture.ts';

let services: Services;

beforeEach(async () => {
  services = await startServices();
});

afterEach(async () => {
  await services.stop();
});

const md5 = (body: string | Uint8Array) => createHash('md5').update(body).digest('hex');
const put = (key: string, body: string | Uint8Array, s3 = services.s3) =>
  s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
const seen = async (count: number) => {
  await expect.poll(() => services.changes.length).toBe(count);
  return services.changes;
};

async function listKeys(pageSize: number): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of paginateListObjectsV2({ client: services.s3, pageSize }, { Bucket: BUCKET })) {
    keys.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
  }
  return keys;
}

describe('objects', () => {
  it.each(AWKWARD_KEYS)('are stored, announced, listed, read and deleted under the key %j', async (key) => {
    await put(key, `body of ${key}`);
    const size = Buffer.byteLength(`body of ${key}`);
    expect((await seen(1))[0]).toMatchObject({ kind: 'Put', key, bucket: BUCKET, size, eTag: md5(`body of ${key}`) });
    expect(await listKeys(1000)).toEqual([key]);
    const read = await services.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    expect(await read.Body?.transformToString()).toBe(`body of ${key}`);
    await services.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key }));
    expect((await seen(2))[1]).toMatchObject({ kind: 'Delete', key });
    expect(services.changes[1]).not.toHaveProperty('size');
    expect(await listKeys(1000)).toEqual([]);
  });

  it('are announced under any key that S3 accepts', async () => {
    const key = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 80 })
      .filter((text) => text.isWellFormed() && text !== '.' && text !== '..');
    const property = fc.asyncProperty(key, fc.uint8Array({ maxLength: 300 }), async (name, body) => {
      const before = services.changes.length;
      await put(name, body);
      await seen(before + 1);
      expect(services.changes.at(-1)).toMatchObject({ key: name, size: body.length, eTag: md5(body) });
    });
    await fc.assert(property, { seed: 20_261_122, numRuns: 100 });
  });

  it('are announced with their own size and eTag when one key is written many times at once', async () => {
    const bodies = Array.from({ length: 60 }, (_, index) => 'x'.repeat(index + 1));
    await Promise.all(bodies.map((body) => put('same', body)));
    const changes = await seen(60);
    expect(changes.map(({ size }) => size).sort((left = 0, right = 0) => left - right)).toEqual(
      bodies.map((body) => body.length),
    );
    for (const { size = 0, eTag } of changes) expect(eTag).toBe(md5('x'.repeat(size)));
    const last = await services.s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'same' }));
    expect(changes.at(-1)?.size).toBe(last.ContentLength);
  });

  it('get sequencers that grow with every change', async () => {
    for (const body of ['a', 'b', 'c', 'd']) await put('same', body);
    const sequencers = (await seen(4)).map(({ sequencer }) => sequencer);
    expect(sequencers).toEqual([...new Set(sequencers)].sort());
    for (const sequencer of sequencers) expect(sequencer).toMatch(/^[0-9A-F]{18}$/);
  });

  it('are announced as copies, with the copied metadata', async () => {
    await services.s3.send(
      new PutObjectCommand({ Bucket: BUCKET, Key: 'from', Body: 'four', Metadata: { uploader: 'ann' } }),
    );
    await services.s3.send(new CopyObjectCommand({ Bucket: BUCKET, Key: 'to', CopySource: `${BUCKET}/from` }));
    const copy = (await seen(2))[1];
    expect(copy).toMatchObject({
      kind: 'Copy',
      key: 'to',
      size: 4,
      eTag: md5('four'),
      userMetadata: { uploader: 'ann' },
    });
  });

  it('are announced once when a multipart upload completes', async () => {
    const target = { Bucket: BUCKET, Key: 'parts' };
    const { UploadId } = await services.s3.send(new CreateMultipartUploadCommand(target));
    const Parts = [];
    for (const [index, length] of [5 * 1024 * 1024, 10].entries()) {
      const part = { ...target, UploadId, PartNumber: index + 1 };
      const { ETag } = await services.s3.send(new UploadPartCommand({ ...part, Body: new Uint8Array(length) }));
      Parts.push({ ETag, PartNumber: index + 1 });
    }
    expect(services.changes).toEqual([]);
    const completed = await services.s3.send(
      new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }),
    );
    const [change] = await seen(1);
    expect(change).toMatchObject({ kind: 'CompleteMultipartUpload', key: 'parts', size: 5 * 1024 * 1024 + 10 });
    expect(change?.eTag).toMatch(/^[0-9a-f]{32}-2$/);
    expect(`"${change?.eTag}"`).toBe(completed.ETag);
  });

  it('that do not exist can be deleted without a change', async () => {
    await services.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'never' }));
    await put('there', 'x');
    const gone = () => services.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'there' }));
    await Promise.all([gone(), gone(), gone()]);
    await put('after', 'x');
    expect((await seen(3)).map(({ kind }) => kind)).toEqual(['Put', 'Delete', 'Put']);
  });

  it('are announced one by one, with the caller, when many are deleted at once', async () => {
    await Promise.all(AWKWARD_KEYS.map((key) => put(key, 'x')));
    await seen(AWKWARD_KEYS.length);
    services.changes.length = 0;
    const answer = await services
      .s3As('bob')
      .send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects: AWKWARD_KEYS.map((Key) => ({ Key })) } }));
    expect(answer.Deleted?.map(({ Key }) => Key)).toEqual([...AWKWARD_KEYS]);
    expect(answer.Errors).toBeUndefined();
    const deleted = await seen(AWKWARD_KEYS.length);
    expect(deleted.map(({ key }) => key)).toEqual([...AWKWARD_KEYS]);
    expect(new Set(deleted.map(({ principalId }) => principalId))).toEqual(new Set(['AWS:AROALOCALSTACKROLE000:bob']));
    expect(await listKeys(1000)).toEqual([]);
  });

  it('are listed in the order of their UTF-8 bytes, whatever the size of a page', async () => {
    const keys = ['B', 'a', 'C', 'b/1', 'b/2', 'É', '\u{ffee}', '🎉', '_', '!', 'ä'];
    await Promise.all(keys.map((key) => put(key, 'x')));
    const sorted = keys.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
    for (const pageSize of [1, 2, 3, 1000]) expect(await listKeys(pageSize)).toEqual(sorted);
  });

  it('are listed by folder, page by page', async () => {
    await Promise.all(['a/1', 'a/2', 'b', 'c/1', 'c/d/2', 'e'].map((key) => put(key, 'x')));
    const entries: string[] = [];
    const request = { Bucket: BUCKET, Delimiter: '/' };
    for await (const page of paginateListObjectsV2({ client: services.s3, pageSize: 1 }, request)) {
      entries.push(...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix));
      entries.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
    }
    expect(entries).toEqual(['a/', 'b', 'c/', 'e']);
  });
});

describe('sequencerSource', () => {
  it('gives a greater sequencer each time, whatever the clock does', () => {
    const times = fc.array(fc.integer({ min: 0, max: 2 ** 45 }), { minLength: 2, maxLength: 50 });
    const property = fc.property(times, (clock) => {
      let tick = 0;
      const next = sequencerSource(() => clock[tick++] ?? 0);
      const made = clock.map(() => next());
      expect(made).toEqual([...new Set(made)].sort());
      expect(made.every((sequencer) => /^[0-9A-F]{18}$/.test(sequencer))).toBe(true);
    });
    fc.assert(property, { seed: 1 });
  });

  it('gives a greater one after a restart, a millisecond after 65,000 changes in one millisecond', () => {
    const next = sequencerSource(() => 1000);
    let last = '';
    for (let count = 0; count < 65_000; count += 1) last = next();
    expect(sequencerSource(() => 1001)() > last).toBe(true);
  });
});
