import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/shared/clock.ts';
import { BUCKET, type Services, startServices } from '../servers/service-server-fixture.ts';

let services: Services;
let clock = Date.now;

beforeEach(async () => {
  clock = Date.now;
  services = await startServices({ clock: { ...systemClock, now: () => clock() } });
});

afterEach(async () => {
  await services.stop();
});

const presign = (input: Partial<PutObjectCommand['input']> = {}, signed: readonly string[] = []) =>
  getSignedUrl(services.s3, new PutObjectCommand({ Bucket: BUCKET, Key: 'a (b)/ü+c.txt', ...input }), {
    signableHeaders: new Set(signed),
  });
/** The answer's error code, or its status when it is none. */
async function put(url: string, body: string, headers: Record<string, string> = {}): Promise<string | number> {
  const answer = await fetch(url, { method: 'PUT', body, headers: { 'content-type': 'text/plain', ...headers } });
  return /<Code>(\w+)<\/Code>/.exec(await answer.text())?.[1] ?? answer.status;
}

describe('the signature of a presigned URL', () => {
  it('holds for a body of the length that was signed, and for no other', async () => {
    const url = await presign({ ContentLength: 5 });
    expect(await put(url, 'four')).toBe('SignatureDoesNotMatch');
    expect(await put(url, 'fives')).toBe(200);
  });

  it('holds for the content type that was signed, and for no other', async () => {
    const url = await presign({ ContentType: 'text/plain' }, ['content-type']);
    expect(await put(url, 'x', { 'content-type': 'text/html' })).toBe('SignatureDoesNotMatch');
    expect(await put(url, 'x')).toBe(200);
  });

  it('holds for the metadata that was signed, and admits no further', async () => {
    const url = await presign({ Metadata: { a: '1', 'a-b': '2' } });
    expect(await put(url, 'x', { 'x-amz-meta-c': '3' })).toBe('AccessDenied');
    expect(await put(url.replace('x-amz-meta-a=1', 'x-amz-meta-a=3'), 'x')).toBe('SignatureDoesNotMatch');
    expect(await put(url, 'x')).toBe(200);
  });

  it.each([
    ['key', (url: string) => url.replace('a%20', 'b%20'), 'SignatureDoesNotMatch'],
    ['signature', (url: string) => url.replace(/Signature=\w{4}/, 'Signature=0000'), 'SignatureDoesNotMatch'],
    ['lifetime', (url: string) => url.replace('Expires=900', 'Expires=901'), 'SignatureDoesNotMatch'],
    ['service', (url: string) => url.replace('%2Fs3%2F', '%2Fsqs%2F'), 'AuthorizationQueryParametersError'],
    [
      'scope',
      (url: string) => url.replace(/(Credential=local%2F)\d{8}/, '$120010101'),
      'AuthorizationQueryParametersError',
    ],
    ['missing date', (url: string) => url.replace(/X-Amz-Date=\w+&/, ''), 'AuthorizationQueryParametersError'],
  ])('does not hold for another %s', async (_part, tamper, code) => {
    const url = await presign();
    expect(tamper(url)).not.toBe(url);
    expect(await put(tamper(url), 'x')).toBe(code);
    expect(services.changes).toEqual([]);
  });

  it('does not hold for another method, nor beside an Authorization header, nor for an unknown secret', async () => {
    const download = await getSignedUrl(services.s3, new GetObjectCommand({ Bucket: BUCKET, Key: 'k' }));
    expect(await put(download, 'x')).toBe('SignatureDoesNotMatch');
    expect(await put(await presign(), 'x', { authorization: 'AWS4-HMAC-SHA256 Credential=a' })).toBe('InvalidArgument');
    const credentials = { accessKeyId: 'ann', secretAccessKey: 'her own' };
    const options = { endpoint: services.server.endpoint, region: 'us-east-1', credentials, forcePathStyle: true };
    const stranger = new S3Client(options);
    const url = await getSignedUrl(stranger, new GetObjectCommand({ Bucket: BUCKET, Key: 'k' }));
    stranger.destroy();
    const answer = await (await fetch(url)).text();
    expect(answer).toContain('<Code>SignatureDoesNotMatch</Code>');
    expect(answer).toContain('secret access key is &quot;local&quot; for every access key id');
  });

  it('holds for every Region, and not before its time', async () => {
    const credentials = { accessKeyId: 'ann', secretAccessKey: 'local' };
    const options = { endpoint: services.server.endpoint, region: 'eu-west-1', credentials, forcePathStyle: true };
    const abroad = new S3Client({ ...options, requestChecksumCalculation: 'WHEN_REQUIRED' });
    const url = await getSignedUrl(abroad, new PutObjectCommand({ Bucket: BUCKET, Key: 'k' }));
    abroad.destroy();
    clock = () => Date.now() - 16 * 60_000;
    expect(await put(url, 'x')).toBe('AccessDenied');
    clock = Date.now;
    expect(await put(url, 'x')).toBe(200);
  });
});
