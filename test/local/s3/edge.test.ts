import { createHash } from 'node:crypto';
import http from 'node:http';
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

/** A request whose path and headers go out as they are, which `fetch` does not do. */
function requestRaw(path: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const request = http.request({ host: '127.0.0.1', port: services.server.port, path, method, headers }, (response) => {
    response.resume().on('end', () => resolve(response.statusCode ?? 0));
  });
  request.on('error', reject).end();
  return promise;
}

describe('a body', () => {
  it('may be empty and without a type', async () => {
    expect((await putRaw('empty', null)).status).toBe(200);
    expect(await firstChange()).toMatchObject({ size: 0, eTag: md5('') });
  });

  it.each([
    'application/x-www-form-urlencoded',
    'application/x-amz-json-1.0',
    'application/json',
    'multipart/form-data; boundary=x',
    'nonsense',
  ])('is stored byte by byte when its type is %s', async (type) => {
    const body = '{"a":1}&b=%zz\0';
    expect((await putRaw('typed', body, { 'content-type': type })).status).toBe(200);
    expect(await firstChange()).toMatchObject({ size: body.length, eTag: md5(body) });
    expect((await fetch(services.url('typed'), { method: 'HEAD' })).headers.get('content-type')).toBe(type);
  });

  it('may have 100 MiB, and no more', async () => {
    const body = new Uint8Array(100 * 1024 * 1024);
    expect((await putRaw('big', body)).status).toBe(200);
    expect(await firstChange()).toMatchObject({ size: body.length });
    const refused = await requestRaw(`/${BUCKET}/bigger`, { 'content-length': String(body.length + 1) }, 'PUT');
    expect(refused).toBe(400);
  });

  it.each([
    { 'content-encoding': 'aws-chunked', 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' },
    { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER' },
  ])('that was streamed in chunks is stored without them: %j', async (headers) => {
    const chunked = '5;chunk-signature=ab\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n';
    await putRaw('chunked', chunked, { ...headers, 'x-amz-decoded-content-length': '11' });
    expect(await firstChange()).toMatchObject({ size: 11, eTag: md5('hello world') });
  });
});

describe('a streamed body', () => {
  it('of the SDK is stored without its chunks and trailer', async () => {
    const command = new PutObjectCommand({
      Bucket: BUCKET,
      Key: 'streamed',
      Body: Readable.from([Buffer.from('hello '), Buffer.from('world')]),
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

describe('what the emulator would get wrong', () => {
  it.each([
    new PutObjectTaggingCommand({ Bucket: BUCKET, Key: 'k', Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } }),
    new PutObjectAclCommand({ Bucket: BUCKET, Key: 'k', ACL: 'private' }),
    new GetObjectCommand({ Bucket: BUCKET, Key: 'k', VersionId: 'v1' }),
    new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'new', IfNoneMatch: '*' }),
    new PutBucketTaggingCommand({ Bucket: BUCKET, Tagging: { TagSet: [] } }),
  ])('is refused, and nothing changes: $constructor.name', async (command) => {
    await services.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'the object' }));
    await expect(services.s3.send(command as PutObjectCommand)).rejects.toMatchObject({
      name: 'NotImplemented',
      $metadata: { httpStatusCode: 501 },
    });
    const head = await services.s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'k' }));
    expect(head.ETag).toBe(`"${md5('the object')}"`);
    expect(services.changes).toHaveLength(1);
  });

  it('is a key beyond 1,024 bytes, or of dots alone', async () => {
    const long = await putRaw('é'.repeat(513), 'x');
    expect(long.status).toBe(400);
    expect(await long.text()).toContain('<Code>KeyTooLongError</Code>');
    expect(await requestRaw(`/${BUCKET}/..`, {}, 'PUT')).toBe(501);
    expect(await requestRaw(`/${BUCKET}/%2e`, {}, 'DELETE')).toBe(501);
    expect(services.changes).toEqual([]);
  });
});

describe('a browser', () => {
  it('may upload from a page of this machine', async () => {
    const origin = 'http://localhost:5173';
    const headers = {
      origin,
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'x-amz-meta-a',
    };
    const preflight = await fetch(services.url('k'), { method: 'OPTIONS', headers });
    expect(preflight.status).toBe(200);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(origin);
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT');
    expect(preflight.headers.get('access-control-allow-headers')).toBe('x-amz-meta-a');
    const answer = await putRaw('k', 'x', { origin });
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    expect(answer.headers.get('access-control-expose-headers')).toContain('ETag');
  });

  it.each(['https://evil.example', 'http://localhost.evil.example', 'http://127.0.0.1.evil.example', 'null'])(
    'may not upload from %s',
    async (origin) => {
      const answer = await putRaw('k', 'x', { origin });
      expect(answer.status).toBe(403);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      expect((await fetch(services.url('k'), { method: 'OPTIONS', headers: { origin } })).status).toBe(403);
      expect(services.changes).toEqual([]);
    },
  );

  it('that was led here by another name is turned away', async () => {
    await putRaw('k', 'x');
    const path = `/${BUCKET}/k`;
    expect(await requestRaw(path, { host: `evil.example:${services.server.port}` })).toBe(403);
    expect(await requestRaw('/', { host: 'localhost.evil.example' })).toBe(403);
    for (const host of ['localhost', '127.0.0.1:1', '[::1]:99'])
      expect(await requestRaw(path, { host }), host).toBe(200);
  });

  it('may name the bucket in the host', async () => {
    const host = `${BUCKET}.localhost:${services.server.port}`;
    expect(await requestRaw('/a/k', { host, 'content-type': 'application/x-www-form-urlencoded' }, 'PUT')).toBe(200);
    expect(await firstChange()).toMatchObject({ bucket: BUCKET, key: 'a/k' });
    expect(await requestRaw('/a/k', { host: `my.${host}` })).toBe(404);
  });
});
