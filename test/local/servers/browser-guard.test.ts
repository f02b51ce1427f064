import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { presignUpload } from '../../../src/local/s3/presign.ts';
import { BUCKET, type Services, startServices } from './service-server-fixture.ts';

let services: Services;

beforeEach(async () => {
  services = await startServices();
});

afterEach(async () => {
  await services.stop();
});

const put = (key: string, headers: Record<string, string> = {}) =>
  fetch(services.url(key), { method: 'PUT', body: 'x', headers });

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
    const answer = await put('k', { origin });
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    expect(answer.headers.get('access-control-expose-headers')).toContain('ETag');
  });

  it.each(['https://evil.example', 'http://localhost.evil.example', 'http://127.0.0.1.evil.example', 'null'])(
    'may not upload from %s',
    async (origin) => {
      const answer = await put('k', { origin });
      expect(answer.status).toBe(403);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      expect((await fetch(services.url('k'), { method: 'OPTIONS', headers: { origin } })).status).toBe(403);
      expect(services.changes).toEqual([]);
    },
  );

  it('may do from another site what the rules of the bucket say, and nothing else', async () => {
    const origin = 'https://app.example';
    const rule = {
      allowedOrigins: [origin],
      allowedMethods: ['PUT'],
      allowedHeaders: ['x-amz-meta-*'],
      exposedHeaders: ['ETag'],
    };
    services.server.setCors(BUCKET, [rule]);
    const preflight = (method: string, header = 'x-amz-meta-a') =>
      fetch(services.url('k'), {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': header },
      });
    const admitted = await preflight('PUT');
    expect(admitted.status).toBe(200);
    expect(Object.fromEntries(admitted.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'PUT',
      'access-control-allow-headers': 'x-amz-meta-a',
    });
    for (const refused of [await preflight('DELETE'), await preflight('PUT', 'authorization')]) {
      expect(refused.status).toBe(403);
      expect(refused.headers.get('access-control-allow-origin')).toBeNull();
      expect(await refused.text()).toContain('<Code>AccessForbidden</Code>');
    }
    const answer = await put('k', { origin });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-expose-headers')).toBe('ETag');
    expect((await fetch(services.url('k'), { headers: { origin } })).status).toBe(403);
    expect((await put('k', { origin: 'https://other.example' })).status).toBe(403);
  });

  it('may use neither the queues nor the emulator itself from any other page', async () => {
    const origin = 'http://localhost:5173';
    const send = { origin, 'x-amz-target': 'AmazonSQS.ListQueues', 'content-type': 'application/x-amz-json-1.0' };
    services.server.setCors(BUCKET, [
      { allowedOrigins: ['*'], allowedMethods: ['GET', 'POST'], allowedHeaders: ['*'], exposedHeaders: [] },
    ]);
    expect((await fetch(services.server.endpoint, { method: 'POST', headers: send, body: '{}' })).status).toBe(403);
    expect((await fetch(`${services.server.endpoint}/_fauxqs/queues`, { headers: { origin } })).status).toBe(403);
  });

  it('is told by a preflight without an Origin what is missing', async () => {
    const answer = await fetch(services.url('k'), { method: 'OPTIONS' });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('Origin request header needed');
  });

  it('is refused when it reached this machine under another name', async () => {
    await put('k');
    const path = `/${BUCKET}/k`;
    expect(await services.requestRaw(path, { host: `evil.example:${services.server.port}` })).toBe(403);
    expect(await services.requestRaw('/', { host: 'localhost.evil.example' })).toBe(403);
    for (const host of ['localhost', '127.0.0.1:1', '[::1]:99'])
      expect(await services.requestRaw(path, { host }), host).toBe(200);
  });

  it.each(['', '.s3', '.s3.eu-west-1'])('may name the bucket in the host %s.localhost', async (suffix) => {
    const host = `${BUCKET}${suffix}.localhost:${services.server.port}`;
    const headers = { host, 'content-type': 'application/x-www-form-urlencoded' };
    expect(await services.requestRaw('/a/k', headers, 'PUT')).toBe(200);
    await expect.poll(() => services.changes.length).toBe(1);
    expect(services.changes[0]).toMatchObject({ bucket: BUCKET, key: 'a/k' });
    expect(await services.requestRaw('/a/k', { host: `my.${host}` })).toBe(404);
  });

  it('may use a presigned URL that names the bucket in its host', async () => {
    const endpoint = `http://s3.localhost:${services.server.port}`;
    const credentials = { accessKeyId: 'ann', secretAccessKey: 'local' };
    const s3 = new S3Client({
      endpoint,
      region: 'us-east-1',
      credentials,
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });
    const { host, pathname, search } = new URL(await presignUpload(s3, { bucket: BUCKET, key: 'a/k' }));
    s3.destroy();
    expect(host).toBe(`${BUCKET}.s3.localhost:${services.server.port}`);
    expect(await services.requestRaw(pathname + search, { host }, 'PUT')).toBe(200);
    expect(await services.requestRaw(pathname + search, { host: host.replace('s3.', '') }, 'PUT')).toBe(403);
  });
});
