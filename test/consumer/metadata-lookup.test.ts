import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CreateBucketCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  createMetadataLookup,
  createUploaderLookup,
  type HeadObject,
  type MetadataLookupOptions,
} from '../../src/consumer/metadata-lookup.ts';
import type { ServiceCall } from '../../src/local/servers/service-call.ts';
import { type ServiceServer, startServiceServer } from '../../src/local/servers/service-server.ts';
import type { EventRecord } from '../../src/notification/event-record.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { parseKeyTemplate } from '../../src/shared/key-template.ts';
import { eventRecord } from '../builders/event-record.ts';

const BUCKET = 'uploads-bucket';
const UNCERTAIN = { isCertain: false };
const FILE = path.resolve(import.meta.dirname, '../fixtures/metadata-uploaders.json');
const UPLOADERS: readonly { readonly 'x-amz-meta-uploader': string; readonly uploader: string }[] = JSON.parse(
  readFileSync(FILE, 'utf8'),
);
let server: ServiceServer;
let client: S3Client;
const calls: ServiceCall[] = [];

function clientOf(endpoint: string): S3Client {
  const credentials = { accessKeyId: 'function', secretAccessKey: 'secret' };
  return new S3Client({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
}

beforeAll(async () => {
  server = await startServiceServer({ onCall: (call) => void calls.push(call) });
  client = clientOf(server.endpoint);
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
});

afterAll(async () => {
  client.destroy();
  await server.close();
});

/** Puts an object, and gives the event that S3 would tell of it. */
async function uploaded(key: string, metadata: Record<string, string>) {
  const put = new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: key, Metadata: metadata });
  const { ETag = '' } = await client.send(put);
  const { LastModified } = await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: key }));
  const eventTime = (LastModified ?? new Date(0)).toISOString().replace('.000Z', '.789Z');
  return eventRecord({ bucket: BUCKET, key, eventTime, eTag: ETag.replaceAll('"', '') });
}

function lookupWith(template?: string, s3 = client) {
  const lines: unknown[] = [];
  const open = createUploaderLookup({
    client: async () => s3,
    ...(template !== undefined && { uploaderKeyTemplate: parseKeyTemplate(template) }),
    log: (...line) => void lines.push(line),
    clock: systemClock,
  });
  return { lookUp: open({ remainingMilliseconds: () => 3_599_999 }), lines };
}

describe('createUploaderLookup', () => {
  it('finds the uploader with one call', async () => {
    const event = await uploaded('photos/a cat +1.jpg', { uploader: 'carol' });
    calls.length = 0;
    const { lookUp, lines } = lookupWith();
    expect(await lookUp(event)).toEqual({ uploader: 'carol', isCertain: true });
    const resources = [`arn:aws:s3:::${BUCKET}/photos/a cat +1.jpg`];
    expect(calls).toEqual([{ caller: 'function', action: 's3:GetObject', resources, context: {} }]);
    expect(lines).toEqual([]);
  });

  it.each(UPLOADERS)('finds the name that metadata encode: $x-amz-meta-uploader', async (metadata) => {
    const event = await uploaded('encoded.txt', { uploader: metadata['x-amz-meta-uploader'] });
    expect(await lookupWith().lookUp(event)).toEqual({ uploader: metadata.uploader, isCertain: true });
  });

  it('is certain of metadata that name nobody', async () => {
    const { lookUp } = lookupWith();
    expect(await lookUp(await uploaded('anonymous.txt', { other: 'x' }))).toEqual({ isCertain: true });
  });

  it('is uncertain of an object that was replaced, even by equal content, and of one that is gone', async () => {
    const event = await uploaded('replaced.txt', { uploader: 'carol' });
    const { lookUp, lines } = lookupWith();
    const aSecondBefore = new Date(Date.parse(event.eventTime) - 1000).toISOString();
    expect(await lookUp({ ...event, eventTime: aSecondBefore })).toEqual(UNCERTAIN);
    expect(await lookUp({ ...event, eTag: 'of-the-one-before' })).toEqual(UNCERTAIN);
    expect(await lookUp({ ...event, key: 'gone.txt' })).toEqual(UNCERTAIN);
    expect(lines).toEqual([]);
  });

  it('makes no call for what no answer can prove: a multipart upload without a version', async () => {
    const event = await uploaded('parts.bin', { uploader: 'carol' });
    calls.length = 0;
    const { lookUp } = lookupWith();
    expect(await lookUp({ ...event, eTag: `${event.eTag}-2` })).toEqual(UNCERTAIN);
    expect(calls).toEqual([]);
  });

  it('makes no call where the key names the uploader, and none for what was deleted or tagged', async () => {
    const event = await uploaded('uploads/alice/cat.jpg', { uploader: 'carol' });
    const { lookUp } = lookupWith('uploads/{uploader}/{*}');
    expect(lookUp(event)).toBeUndefined();
    expect(lookUp({ ...event, key: 'x', eventName: 'ObjectRemoved:Delete' })).toBeUndefined();
    expect(lookUp({ ...event, key: 'x', eventName: 'ObjectCreated:PutTagging' })).toBeUndefined();
  });

  it('logs one line for a batch when S3 cannot be reached, and finds nobody', async () => {
    const unreachable = clientOf('http://127.0.0.1:9');
    const { lookUp, lines } = lookupWith(undefined, unreachable);
    const found = await Promise.all(['a', 'b'].map((key) => lookUp(eventRecord({ bucket: BUCKET, key, eTag: 'e1' }))));
    expect(found).toEqual([UNCERTAIN, UNCERTAIN]);
    expect(lines).toMatchObject([
      ['warn', 'Metadata not read', { calls: 2, reason: expect.stringContaining('REFUSED') }],
    ]);
    unreachable.destroy();
  });
});

/** Longer than any test takes. */
const LONG = 3_600_000;

function lookupBy(head: HeadObject, options: Partial<Pick<MetadataLookupOptions, 'milliseconds' | 'clock'>> = {}) {
  const failures: { readonly calls: number; readonly first: unknown }[] = [];
  const onFailed = (calls: number, first: unknown) => void failures.push({ calls, first });
  const lookUp = createMetadataLookup({
    head,
    concurrency: 4,
    milliseconds: LONG,
    onFailed,
    clock: systemClock,
    ...options,
  });
  return { lookUp, failures };
}

const versionId = 'v1';
const event = (parts: Partial<EventRecord> = {}) => eventRecord({ versionId, ...parts });
const events = (count: number) => Array.from({ length: count }, (_, index) => event({ key: `${index}` }));
const byKey: HeadObject = async ({ key }) => ({ uploader: `user-${key}`, versionId });
const named = (uploader: string) => ({ uploader, isCertain: true });

describe('createMetadataLookup', () => {
  it('finds the uploader of each upload with one call', async () => {
    const asked: string[] = [];
    const { lookUp } = lookupBy(async (event, signal) => {
      asked.push(event.key);
      return byKey(event, signal);
    });
    const found = await Promise.all(events(10).map(lookUp));
    expect(found).toEqual(events(10).map(({ key }) => named(`user-${key}`)));
    expect(asked.sort()).toEqual(events(10).map(({ key }) => key));
  });

  it('never has more calls in flight than allowed', async () => {
    let [underWay, most] = [0, 0];
    const { lookUp } = lookupBy(async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      return {};
    });
    await Promise.all(events(50).map(lookUp));
    expect(most).toBe(4);
  });

  it('ends look-ups together that began together, so that their records share calls', async () => {
    const ended: string[] = [];
    const answers: (() => void)[] = [];
    const { lookUp } = lookupBy(() => new Promise((resolve) => answers.push(() => resolve({ uploader: 'x' }))));
    const all = events(3).map((event) => lookUp(event).then(() => void ended.push(event.key)));
    while (answers.length < 3) await new Promise((resolve) => setImmediate(resolve));
    for (const answer of answers.slice(0, 2)) answer();
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toEqual([]);
    answers[2]?.();
    await Promise.all(all);
    expect(ended).toEqual(['0', '1', '2']);
  });

  it('continues without those that fail, and reports them once', async () => {
    const { lookUp, failures } = lookupBy(async (event, signal) => {
      if (Number(event.key) % 2 === 1) throw new Error(`no ${event.key}`);
      return byKey(event, signal);
    });
    expect(await Promise.all(events(4).map(lookUp))).toEqual([named('user-0'), UNCERTAIN, named('user-2'), UNCERTAIN]);
    expect(failures).toEqual([{ calls: 2, first: new Error('no 1') }]);
  });

  it('continues when its time is over, even when S3 never answers and ignores the signal', async () => {
    const { lookUp, failures } = lookupBy(() => new Promise(() => undefined), { milliseconds: 1 });
    expect(await Promise.all(events(9).map(lookUp))).toEqual(Array(9).fill(UNCERTAIN));
    expect(failures).toMatchObject([{ calls: 9, first: { name: 'TimeoutError' } }]);
  });

  it('reports no failure when an object names no uploader', async () => {
    const { lookUp, failures } = lookupBy(async (event, signal) =>
      event.key === '0' ? { versionId } : byKey(event, signal),
    );
    expect(await Promise.all(events(2).map(lookUp))).toEqual([{ isCertain: true }, named('user-1')]);
    expect(failures).toEqual([]);
  });

  it('leaves no unhandled rejection when its time is over after every call has failed', async () => {
    const time = new AbortController();
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const head = () => {
      throw new Error('no answer');
    };
    const { lookUp, failures } = lookupBy(head, { clock: { ...systemClock, timeout: () => time.signal } });
    expect(await lookUp(event())).toEqual(UNCERTAIN);
    expect(failures).toHaveLength(1);
    time.abort();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it.each([-1, 0.5, 7498.5])('accepts any number of milliseconds: %d', async (milliseconds) => {
    const { lookUp } = lookupBy(byKey, { milliseconds });
    expect([UNCERTAIN, named('user-cat')]).toContainEqual(await lookUp(event({ key: 'cat' })));
  });

  it('makes no call after the time of the batch is over', async () => {
    let calls = 0;
    const { lookUp } = lookupBy(
      () => {
        calls += 1;
        return new Promise(() => undefined);
      },
      { milliseconds: 1 },
    );
    await lookUp(event());
    await Promise.all(events(9).map(lookUp));
    expect(calls).toBe(1);
  });

  const second = { lastModified: Date.parse('2026-11-22T10:15:30Z') };

  it.each([
    ['the same eTag, written in the second of the event', { eTag: 'e1' }, { eTag: 'e1', ...second }],
    ['the same version', { versionId: 'v1', eTag: 'e1-2' }, { versionId: 'v1', eTag: 'e1-2' }],
    [
      'the version "null" and all the rest',
      { versionId: 'null', eTag: 'e1' },
      { versionId: 'null', eTag: 'e1', ...second },
    ],
  ])('believes what S3 says of an object with %s', async (_, parts, head) => {
    const { lookUp } = lookupBy(async () => ({ uploader: 'carol', ...head }));
    expect(await lookUp(eventRecord(parts))).toEqual(named('carol'));
  });

  it.each([
    ['an equal eTag alone', { eTag: 'e1' }, { eTag: 'e1' }],
    ['an equal eTag, written a second later', { eTag: 'e1' }, { eTag: 'e1', lastModified: second.lastModified + 1000 }],
    [
      'an equal eTag, written the second before',
      { eTag: 'e1' },
      { eTag: 'e1', lastModified: second.lastModified - 1000 },
    ],
    ['another eTag', { eTag: 'e1' }, { eTag: 'e2', ...second }],
    ['a multipart eTag', { eTag: 'e1-2' }, { eTag: 'e1-2', ...second }],
    ['another version with equal content', { versionId: 'v1', eTag: 'e1' }, { versionId: 'v2', eTag: 'e1', ...second }],
    ['a version where the event has none', { eTag: 'e1' }, { versionId: 'v1', eTag: 'e1', ...second }],
    ['no version where the event has one', { versionId: 'v1', eTag: 'e1' }, { eTag: 'e1', ...second }],
    ['the version "null" alone', { versionId: 'null', eTag: 'e1' }, { versionId: 'null', eTag: 'e1' }],
    ['an eTag where the event has none', {}, { eTag: 'e1', ...second }],
    ['no eTag where the event has one', { eTag: 'e1' }, { ...second }],
  ])('does not believe what S3 says of an object with %s', async (_, parts, head) => {
    const { lookUp } = lookupBy(async () => ({ uploader: 'carol', ...head }));
    expect(await lookUp(eventRecord(parts))).toEqual(UNCERTAIN);
  });

  it('is uncertain of two uploads of one object in one second, and certain of one that came twice', async () => {
    const { lookUp } = lookupBy(async () => ({ uploader: 'bob', eTag: 'e1', ...second }));
    const upload = (sequencer: string, key: string) => eventRecord({ eTag: 'e1', key, sequencer });
    const all = [upload('01', 'twice'), upload('02', 'twice'), upload('03', 'once'), upload('03', 'once')];
    expect(await Promise.all(all.map(lookUp))).toEqual([UNCERTAIN, UNCERTAIN, named('bob'), named('bob')]);
  });
});
