import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openUploaderLookup } from '../../src/consumer/uploader-lookup.ts';
import type { ServiceCall } from '../../src/local/service-call/service-call.ts';
import { type ServiceServer, startServiceServer } from '../../src/local/service-server.ts';
import { parseKeyTemplate } from '../../src/upload/key-template.ts';
import { eventRecord } from '../builders/event-record.ts';

const BUCKET = 'uploads-bucket';
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
  return eventRecord({ bucket: BUCKET, key, eTag: ETag.replaceAll('"', '') });
}

function opened(template?: string, s3 = client) {
  const lines: unknown[] = [];
  const open = openUploaderLookup({
    client: async () => s3,
    ...(template !== undefined && { uploaderKeyTemplate: parseKeyTemplate(template) }),
    log: (...line) => void lines.push(line),
  });
  return { lookUp: open({ remainingMilliseconds: () => 3_599_999 }), lines };
}

describe('the look-up of an upload’s metadata', () => {
  it('finds the uploader by one reading of the object', async () => {
    const event = await uploaded('photos/a cat +1.jpg', { uploader: 'carol' });
    calls.length = 0;
    const { lookUp, lines } = opened();
    expect(await lookUp(event)).toBe('carol');
    const resources = [`arn:aws:s3:::${BUCKET}/photos/a cat +1.jpg`];
    expect(calls).toEqual([{ caller: 'function', action: 's3:GetObject', resources, context: {} }]);
    expect(lines).toEqual([]);
  });

  it('finds nobody in metadata that name none, in a replaced object, and in one that is gone', async () => {
    const event = await uploaded('replaced.txt', { uploader: 'carol' });
    const { lookUp, lines } = opened();
    expect(await lookUp(await uploaded('anonymous.txt', { other: 'x' }))).toBeUndefined();
    expect(await lookUp({ ...event, eTag: 'of-the-one-before' })).toBeUndefined();
    expect(await lookUp(eventRecord({ bucket: BUCKET, key: 'gone.txt' }))).toBeUndefined();
    expect(lines).toEqual([]);
  });

  it('asks nothing where the key names the uploader, and nothing of what was deleted', async () => {
    const event = await uploaded('uploads/alice/cat.jpg', { uploader: 'carol' });
    const { lookUp } = opened('uploads/{uploader}/{*}');
    expect(lookUp(event)).toBeUndefined();
    expect(lookUp({ ...event, key: 'x', eventName: 'ObjectRemoved:Delete' })).toBeUndefined();
  });

  it('tells in one line of a batch that it could not ask, and finds nobody', async () => {
    const unreachable = clientOf('http://127.0.0.1:9');
    const { lookUp, lines } = opened(undefined, unreachable);
    const found = await Promise.all(['a', 'b'].map((key) => lookUp(eventRecord({ bucket: BUCKET, key }))));
    expect(found).toEqual([undefined, undefined]);
    expect(lines).toMatchObject([
      ['warn', 'Metadata not read', { calls: 2, reason: expect.stringContaining('REFUSED') }],
    ]);
    unreachable.destroy();
  });
});
