import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BUCKET, type Services, startServices } from '../servers/service-server-fixture.ts';
import { signedForm } from './signed-form.ts';

let services: Services;

beforeEach(async () => {
  services = await startServices();
});

afterEach(async () => {
  await services.stop();
});

function post(fields: Record<string, string>, file: Blob | undefined, filename: string): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (file !== undefined) form.append('file', file, filename);
  form.append('key', 'after the file: ignored');
  return fetch(services.url('').slice(0, -1), { method: 'POST', body: form });
}

/** Any key. */
const ANY_KEY = ['starts-with', '$key', ''];

describe('an upload form', () => {
  it('uploads under its key, with the file name in it, as its signer', async () => {
    const fields = signedForm({
      conditions: [
        { bucket: BUCKET },
        ['starts-with', '$key', 'forms/ü $& 🎉/a'],
        ['eq', '$x-amz-meta-uploader', 'Carla'],
      ],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own placeholder
      fields: { key: 'forms/ü $& 🎉/${filename}', 'x-amz-meta-uploader': 'Carla' },
    });
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

  it('may be signed with version 2 of the signature', async () => {
    const document = { expiration: '2999-01-01T00:00:00Z', conditions: [{ bucket: BUCKET }, { key: 'k' }] };
    const policy = Buffer.from(JSON.stringify(document)).toString('base64');
    const signature = createHmac('sha1', 'local').update(policy).digest('base64');
    const fields = { key: 'k', AWSAccessKeyId: 'carla', policy, signature };
    expect((await post({ ...fields, signature: 'wrong' }, new Blob(['x']), 'f')).status).toBe(403);
    expect((await post(fields, new Blob(['x']), 'f')).status).toBe(204);
  });

  it.each([
    ['no key', { other: 'k' }, 400],
    ['a key beyond 1,024 bytes', { key: 'é'.repeat(513) }, 400],
    ['a key of dots alone', { key: '..' }, 501],
    ['metadata outside ASCII', { key: 'k', 'x-amz-meta-a': '日本' }, 400],
    ['a policy without a signature', { key: 'k', policy: 'e30=' }, 403],
    ['a signature without a policy', { key: 'k', 'x-amz-signature': 'ab' }, 400],
  ])('with %s changes nothing', async (_name, fields, status) => {
    const answer = await post(fields, new Blob(['x']), 'f');
    expect(answer.status).toBe(status);
    await services.server.close();
    expect(services.changes).toEqual([]);
  });

  it('without a file changes nothing', async () => {
    expect((await post({ key: 'k' }, undefined, '')).status).toBe(400);
    expect(services.changes).toEqual([]);
  });
});

describe('the policy of an upload form', () => {
  const html = { 'Content-Type': 'text/html' };
  it.each([
    ['an exact key', [{ key: 'a/b' }], {}, 204],
    ['another exact key', [{ key: 'a/c' }], {}, 'AccessDenied'],
    ['a prefix of the key', [['starts-with', '$key', 'a/']], {}, 204],
    ['another prefix', [['starts-with', '$key', 'b/']], {}, 'AccessDenied'],
    ['an exact value of a field', [ANY_KEY, ['eq', '$content-type', 'text/html']], html, 204],
    ['another value of a field', [ANY_KEY, { 'content-type': 'text/plain' }], html, 'AccessDenied'],
    ['a field that is not in the form', [ANY_KEY, { acl: 'private' }], {}, 'AccessDenied'],
    ['no word of a field of the form', [ANY_KEY], { 'x-amz-meta-a': '1' }, 'AccessDenied'],
    ['no word of an ignored field', [ANY_KEY], { 'x-ignore-this': '1' }, 204],
    [
      'types that all begin alike',
      [ANY_KEY, ['starts-with', '$Content-Type', 'text/']],
      { 'Content-Type': 'text/a,text/b' },
      204,
    ],
    [
      'types of which one begins otherwise',
      [ANY_KEY, ['starts-with', '$Content-Type', 'text/']],
      { 'Content-Type': 'text/a, image/b' },
      'AccessDenied',
    ],
    ['another bucket', [ANY_KEY, { bucket: 'other' }], {}, 'AccessDenied'],
    ['sizes that begin with the size of the file', [ANY_KEY, ['content-length-range', 5, 9]], {}, 204],
    ['sizes that end with the size of the file', [ANY_KEY, ['content-length-range', 0, 5]], {}, 204],
    ['larger sizes', [ANY_KEY, ['content-length-range', 6, 9]], {}, 'EntityTooSmall'],
    ['smaller sizes', [ANY_KEY, ['content-length-range', 0, 4]], {}, 'EntityTooLarge'],
    ['an unknown condition', [ANY_KEY, ['ends-with', '$key', 'b']], {}, 'InvalidPolicyDocument'],
    ['two conditions in one', [{ key: 'a/b', acl: 'private' }], {}, 'InvalidPolicyDocument'],
  ])('that names %s: %#', async (_name, conditions, fields, expected) => {
    const form = signedForm({ conditions, fields: { key: 'a/b', ...fields } });
    const answer = await post(form, new Blob(['12345']), 'f');
    expect(/<Code>(\w+)<\/Code>/.exec(await answer.text())?.[1] ?? answer.status).toBe(expected);
    await services.server.close();
    expect(services.changes).toHaveLength(expected === 204 ? 1 : 0);
  });

  it.each([
    ['has expired', { expiration: '2001-01-01T00:00:00Z' }, 'AccessDenied'],
    ['expires at no time', { expiration: 'soon' }, 'InvalidPolicyDocument'],
    ['is signed with another secret', { secret: 'stolen' }, 'SignatureDoesNotMatch'],
  ])('that %s admits nothing', async (_name, options, expected) => {
    const form = signedForm({ conditions: [ANY_KEY], fields: { key: 'k' }, ...options });
    expect(await (await post(form, new Blob(['x']), 'f')).text()).toContain(`<Code>${expected}</Code>`);
    expect(services.changes).toEqual([]);
  });
});
