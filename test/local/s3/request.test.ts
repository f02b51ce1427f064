import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { presignUpload } from '../../../src/local/s3/presign.ts';
import { accessKeyIdOf, principalIdOf } from '../../../src/local/s3/request.ts';
import { BUCKET, type Services, startServices } from '../servers/service-server-fixture.ts';

let services: Services;

beforeEach(async () => {
  services = await startServices();
});

afterEach(async () => {
  await services.stop();
});

const lastPrincipal = async () => {
  await expect.poll(() => services.changes.length).toBe(1);
  return services.changes[0]?.principalId;
};

describe('the principal of an upload', () => {
  it('is the session named by the access key id', async () => {
    await services.s3As('alice').send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'x' }));
    expect(await lastPrincipal()).toBe('AWS:AROALOCALSTACKROLE000:alice');
  });

  it('is the signer of a presigned URL', async () => {
    const url = await presignUpload(services.s3As('erika.müller@example.com'), { bucket: BUCKET, key: 'k' });
    await fetch(url, { method: 'PUT', body: 'x' });
    expect(await lastPrincipal()).toBe('AWS:AROALOCALSTACKROLE000:erika.müller@example.com');
  });

  it('is a user when the stack itself uploads', async () => {
    await services.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'x' }));
    expect(await lastPrincipal()).toMatch(/^AWS:AIDA[A-Z0-9]+$/);
  });

  it('is anonymous without a signature', async () => {
    await fetch(services.url('k'), { method: 'PUT', body: 'x' });
    expect(await lastPrincipal()).toBe('Anonymous');
  });

  it('is found in every place where a signature names its key', () => {
    const scope = 'a/b/20261122/eu-west-1/s3/aws4_request';
    expect(accessKeyIdOf({ authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host` }, {})).toBe(
      'a/b',
    );
    expect(accessKeyIdOf({}, { 'X-Amz-Credential': scope })).toBe('a/b');
    expect(accessKeyIdOf({ authorization: 'AWS carla:signature' }, {})).toBe('carla');
    expect(accessKeyIdOf({}, { AWSAccessKeyId: 'carla' })).toBe('carla');
    expect(accessKeyIdOf({ authorization: 'Bearer x' }, {})).toBeUndefined();
    expect(principalIdOf(undefined)).toBe('Anonymous');
  });
});
