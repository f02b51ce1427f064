import { createHmac } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { presignUpload } from '../../../src/local/s3/presign.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { AWKWARD_KEYS, BUCKET, type Services, startServices } from '../servers/service-server-fixture.ts';

let services: Services;
let clock = Date.now;

beforeEach(async () => {
  clock = Date.now;
  services = await startServices({ clock: { ...systemClock, now: () => clock() } });
});

afterEach(async () => {
  await services.stop();
});

const put = (url: string, body: string) => fetch(url, { method: 'PUT', body });

describe('a presigned URL', () => {
  const keys = AWKWARD_KEYS.filter((key) => !key.includes('/../'));
  it.each(keys)('uploads and downloads any body under %j', async (key) => {
    const upload = await presignUpload(services.s3, { bucket: BUCKET, key });
    expect(upload.toLowerCase()).not.toContain('x-amz-checksum');
    expect((await put(upload, 'any body')).status).toBe(200);
    await expect.poll(() => services.changes.length).toBe(1);
    expect(services.changes[0]).toMatchObject({ key, size: 8, kind: 'Put' });
    const download = await getSignedUrl(services.s3, new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    expect(await (await fetch(download)).text()).toBe('any body');
  });

  it('carries metadata to the object, in any script', async () => {
    const metadata = { uploader: 'ann', name: '日本語' };
    const command = new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Metadata: metadata });
    await put(await getSignedUrl(services.s3, command), 'x');
    await expect.poll(() => services.changes.length).toBe(1);
    expect(services.changes[0]?.userMetadata).toEqual({ uploader: 'ann', name: '=?UTF-8?B?5pel5pys6Kqe?=' });
  });

  it('expires when it says', async () => {
    const url = await presignUpload(services.s3, { bucket: BUCKET, key: 'k', expiresIn: 60 });
    clock = () => Date.now() + 58_000;
    expect((await put(url, 'x')).status).toBe(200);
    clock = () => Date.now() + 62_000;
    const late = await put(url, 'x');
    expect(late.status).toBe(403);
    expect(await late.text()).toMatch(/<Code>AccessDenied<\/Code>\n<Message>Request has expired<\/Message>/);
    expect(services.changes).toHaveLength(1);
  });

  it('is refused without a lifetime, or with one longer than a week', async () => {
    const url = await presignUpload(services.s3, { bucket: BUCKET, key: 'k', expiresIn: 60 });
    for (const expires of ['', '604801', '-1', 'soon']) {
      const answer = await put(url.replace('X-Amz-Expires=60', `X-Amz-Expires=${expires}`), 'x');
      expect(await answer.text()).toContain('<Code>AuthorizationQueryParametersError</Code>');
    }
    expect((await put(url.replace(/X-Amz-Date=\w+/, 'X-Amz-Date=today'), 'x')).status).toBe(400);
    expect(services.changes).toEqual([]);
  });

  it('expires too, and is verified, when it is signed with version 2', async () => {
    const seconds = Math.floor(Date.now() / 1000);
    const url = (expires: number) => {
      const text = `PUT\n\n\n${expires}\n/${BUCKET}/k`;
      const signature = createHmac('sha1', 'local').update(text).digest('base64');
      return services.url(`k?AWSAccessKeyId=ann&Signature=${encodeURIComponent(signature)}&Expires=${expires}`);
    };
    const body = new Uint8Array([1]);
    expect((await fetch(url(seconds + 60), { method: 'PUT', body })).status).toBe(200);
    expect((await fetch(url(seconds - 60), { method: 'PUT', body })).status).toBe(403);
    const tampered = url(seconds + 60).replace('Signature=', 'Signature=x');
    expect((await fetch(tampered, { method: 'PUT', body })).status).toBe(403);
  });
});
