import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Services, startServices } from '../servers/service-server-fixture.ts';

let services: Services;

beforeEach(async () => {
  services = await startServices();
});

afterEach(async () => {
  await services.stop();
});

function post(fields: Record<string, string>, file: Blob, filename: string): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', file, filename);
  form.append('key', 'after the file: ignored');
  return fetch(services.url('').slice(0, -1), { method: 'POST', body: form });
}

const policy = (expiration: string) => Buffer.from(JSON.stringify({ expiration, conditions: [] })).toString('base64');

describe('an upload form', () => {
  it('uploads under its key, with the file name in it, as its signer', async () => {
    const fields = {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own placeholder
      key: 'forms/ü $& 🎉/${filename}',
      'x-amz-credential': 'carla/20261122/us-east-1/s3/aws4_request',
      'x-amz-meta-uploader': 'Carla',
      policy: policy('2999-01-01T00:00:00Z'),
    };
    const answer = await post(fields, new Blob(['\r\n--binary\0\r\n']), 'a $& b.bin');
    expect(answer.status).toBe(204);
    await expect.poll(() => services.changes.length).toBe(1);
    expect(services.changes[0]).toMatchObject({
      kind: 'Post',
      key: 'forms/ü $& 🎉/a $& b.bin',
      size: 13,
      eTag: answer.headers.get('etag')?.replaceAll('"', ''),
      principalId: 'AWS:AROALOCALSTACKROLE000:carla',
      userMetadata: { uploader: 'Carla' },
    });
  });

  it('is announced when it redirects', async () => {
    const form = { key: 'k', success_action_redirect: `${services.server.endpoint}/uploads/k` };
    const answer = await post(form, new Blob(['x']), 'f');
    expect(answer.redirected).toBe(true);
    await expect.poll(() => services.changes.length).toBe(1);
  });

  it.each([
    ['an expired policy', { key: 'k', policy: policy('2001-01-01T00:00:00Z') }, 403],
    ['a policy that cannot be read', { key: 'k', policy: 'bm90IGpzb24=' }, 403],
    ['no key', { other: 'k' }, 400],
    ['a key beyond 1,024 bytes', { key: 'é'.repeat(513) }, 400],
    ['a key of dots alone', { key: '..' }, 501],
    ['metadata outside ASCII', { key: 'k', 'x-amz-meta-a': '日本' }, 400],
  ])('with %s changes nothing', async (_name, fields, status) => {
    const answer = await post(fields, new Blob(['x']), 'f');
    expect(answer.status).toBe(status);
    await services.server.close();
    expect(services.changes).toEqual([]);
  });
});
