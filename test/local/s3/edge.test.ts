import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketTaggingCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BUCKET, type Services, startServices } from '../servers/service-server-fixture.ts';

let services: Services;

beforeEach(async () => {
  services = await startServices();
});

afterEach(async () => {
  await services.stop();
});

const md5 = (body: string | Uint8Array) => createHash('md5').update(body).digest('hex');
const putRaw = (key: string, body: string | Uint8Array<ArrayBuffer> | null, headers: Record<string, string> = {}) =>
  fetch(services.url(key), { method: 'PUT', body, headers });
const firstChange = async () => {
  await expect.poll(() => services.changes.length).toBe(1);
  return services.changes[0];
};

describe('uploading a body', () => {
  it('stores an empty one without a type', async () => {
    expect((await putRaw('empty', null)).status).toBe(200);
    expect(await firstChange()).toMatchObject({ size: 0, eTag: md5('') });
  });

  it.each([
    'application/x-www-form-urlencoded',
    'application/x-amz-json-1.0',
    'application/json',
    'multipart/form-data; boundary=x',
    'nonsense',
  ])('stores it byte by byte when its type is %s', async (type) => {
    const body = '{"a":1}&b=%zz\0';
    expect((await putRaw('typed', body, { 'content-type': type })).status).toBe(200);
    expect(await firstChange()).toMatchObject({ size: body.length, eTag: md5(body) });
    expect((await fetch(services.url('typed'), { method: 'HEAD' })).headers.get('content-type')).toBe(type);
  });

  it('stores up to 100 MiB and refuses more', async () => {
    const body = new Uint8Array(100 * 1024 * 1024);
    expect((await putRaw('big', body)).status).toBe(200);
    expect(await firstChange()).toMatchObject({ size: body.length });
    const refused = await services.requestRaw(
      `/${BUCKET}/bigger`,
      { 'content-length': String(body.length + 1) },
      'PUT',
    );
    expect(refused).toBe(400);
  });

  it.each([
    { 'content-encoding': 'aws-chunked', 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' },
    { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER' },
  ])('stores one that is streamed in chunks without the chunks: %j', async (headers) => {
    const chunked = 'b;chunk-signature=ab\r\nhello world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n';
    const trailer = { 'x-amz-trailer': 'x-amz-checksum-crc32' };
    await putRaw('chunked', chunked, { ...headers, ...trailer, 'x-amz-decoded-content-length': '11' });
    expect(await firstChange()).toMatchObject({ size: 11, eTag: md5('hello world') });
  });

  it('stores a stream of the SDK without its chunks and trailer', async () => {
    const command = new PutObjectCommand({
      Bucket: BUCKET,
      Key: 'streamed',
      Body: Readable.from([Buffer.from('hello world')]),
      ContentLength: 11,
      ChecksumAlgorithm: 'CRC32',
    });
    let headers: Record<string, string> = {};
    command.middlewareStack.add(
      (next) => (args) => {
        headers = (args.request as { headers: Record<string, string> }).headers;
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    await services.s3.send(command);
    expect(headers['content-encoding']).toBe('aws-chunked');
    expect(await firstChange()).toMatchObject({ size: 11, eTag: md5('hello world') });
  });
});

describe('a request that the emulator would get wrong', () => {
  it.each([
    new PutObjectTaggingCommand({ Bucket: BUCKET, Key: 'k', Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } }),
    new PutObjectAclCommand({ Bucket: BUCKET, Key: 'k', ACL: 'private' }),
    new GetObjectCommand({ Bucket: BUCKET, Key: 'k', VersionId: 'v1' }),
    new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'new', IfNoneMatch: '"etag"' }),
    new PutBucketTaggingCommand({ Bucket: BUCKET, Tagging: { TagSet: [] } }),
  ])('is refused and changes nothing: $constructor.name', async (command) => {
    await services.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'the object' }));
    await expect(services.s3.send(command as PutObjectCommand)).rejects.toMatchObject({
      name: 'NotImplemented',
      $metadata: { httpStatusCode: 501 },
    });
    const head = await services.s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'k' }));
    expect(head.ETag).toBe(`"${md5('the object')}"`);
    expect(services.changes).toHaveLength(1);
  });

  it('is refused for a key beyond 1,024 bytes, or of dots alone', async () => {
    const long = await putRaw('é'.repeat(513), 'x');
    expect(long.status).toBe(400);
    expect(await long.text()).toContain('<Code>KeyTooLongError</Code>');
    expect(await services.requestRaw(`/${BUCKET}/..`, {}, 'PUT')).toBe(501);
    expect(await services.requestRaw(`/${BUCKET}/%2e`, {}, 'DELETE')).toBe(501);
    expect(services.changes).toEqual([]);
  });
});
