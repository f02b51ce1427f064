import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  type CopyObjectCommandInput,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUCKET, type Services, startServices } from '../servers/service-server-fixture.ts';

let services: Services;
/** With the SDK's defaults: a checksum with every body. */
let s3: S3Client;

beforeAll(async () => {
  services = await startServices();
  s3 = new S3Client({
    endpoint: services.server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'ann', secretAccessKey: 'local' },
    forcePathStyle: true,
    maxAttempts: 1,
  });
  await put({ Key: 'source', Body: 'content', Tagging: 'a=b', Metadata: { m: '1' } });
});

afterAll(async () => {
  s3.destroy();
  await services.stop();
});

const put = (input: Partial<PutObjectCommandInput>) =>
  s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'content', ...input }));
const copy = (input: Partial<CopyObjectCommandInput>) =>
  s3.send(new CopyObjectCommand({ Bucket: BUCKET, Key: 'copy', CopySource: `${BUCKET}/source`, ...input }));
const digest = (algorithm: string, encoding: 'base64' | 'hex' = 'base64') =>
  createHash(algorithm).update('content').digest(encoding);
const ETAG = `"${digest('md5', 'hex')}"`;
const LONG_AGO = new Date('2001-01-01T00:00:00Z');

interface Answer {
  readonly name?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** The status of the SDK's answer, or the code of its error. */
async function answerOf(request: Promise<unknown>): Promise<number | string | undefined> {
  const answer = await request.then(
    (found) => found as Answer,
    ({ name, $metadata }: Answer) => (name?.startsWith('Unknown') ? { $metadata } : { name }),
  );
  return answer.name ?? answer.$metadata?.httpStatusCode;
}

describe('the SDK is answered as by S3 when it puts', () => {
  it.each<[string, Partial<PutObjectCommandInput>, number | string]>([
    ['with the checksum of its own accord', {}, 200],
    ['with a CRC32C', { ChecksumAlgorithm: 'CRC32C' }, 200],
    ['with a CRC64NVME', { ChecksumCRC64NVME: 'cc8rVmqF9Gc=' }, 'BadDigest'],
    ['with a SHA1', { ChecksumAlgorithm: 'SHA1' }, 200],
    ['with a SHA256', { ChecksumSHA256: digest('sha256') }, 200],
    ['with a wrong CRC32', { ChecksumCRC32: 'AAAAAA==' }, 'BadDigest'],
    ['with a wrong CRC32C', { ChecksumCRC32C: 'AAAAAA==' }, 'BadDigest'],
    ['with a wrong SHA256', { ChecksumSHA256: createHash('sha256').digest('base64') }, 'BadDigest'],
    ['with a CRC32 that is none', { ChecksumCRC32: 'AAAA' }, 'InvalidRequest'],
    ['with an MD5', { ContentMD5: digest('md5') }, 200],
    ['with a wrong MD5', { ContentMD5: createHash('md5').digest('base64') }, 'BadDigest'],
    ['with an MD5 that is none', { ContentMD5: 'nonsense' }, 'InvalidDigest'],
    ['a stream with a trailer', { Body: Readable.from([Buffer.from('content')]), ContentLength: 7 }, 200],
    [
      'a stream of small chunks',
      { Body: Readable.from([Buffer.from('con'), Buffer.from('tent')]), ContentLength: 7 },
      'InvalidChunkSizeError',
    ],
    ['what is there already, if it is not', { Key: 'source', IfNoneMatch: '*' }, 'PreconditionFailed'],
    ['what is not there, if it is not', { Key: 'fresh', IfNoneMatch: '*' }, 200],
    ['what is there, if it is this', { Key: 'fresh', IfMatch: ETAG }, 200],
    ['what is there, if it is another', { Key: 'source', IfMatch: '"other"' }, 'PreconditionFailed'],
    ['what is not there, if it is this', { Key: 'absent', IfMatch: ETAG }, 'NoSuchKey'],
    ['on condition of another eTag', { IfNoneMatch: ETAG }, 'NotImplemented'],
    ['with a legal hold', { ObjectLockLegalHoldStatus: 'ON' }, 'InvalidRequest'],
    [
      'with a retention',
      { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: new Date('2999-01-01') },
      'InvalidRequest',
    ],
    ['with tags', { Tagging: 'a=1&b=%C3%BC' }, 200],
    ['with eleven tags', { Tagging: Array.from({ length: 11 }, (_, index) => `k${index}=v`).join('&') }, 'BadRequest'],
    ['with one tag twice', { Tagging: 'a=1&a=2' }, 'InvalidArgument'],
    ['with a tag that is none', { Tagging: 'a=%3C' }, 'InvalidTag'],
    ['with the ACL of the owner', { ACL: 'bucket-owner-full-control' }, 200],
    ['with another ACL', { ACL: 'public-read' }, 'AccessControlListNotSupported'],
    ['with a grant', { GrantRead: 'id=1' }, 'AccessControlListNotSupported'],
    ['with encryption by S3', { ServerSideEncryption: 'AES256' }, 200],
    ['with encryption by KMS', { ServerSideEncryption: 'aws:kms' }, 'NotImplemented'],
    ['with a class of storage', { StorageClass: 'STANDARD_IA' }, 200],
    ['with an archive', { StorageClass: 'GLACIER' }, 'NotImplemented'],
    ['with a class that is none', { StorageClass: 'OUTPOSTS' }, 'InvalidStorageClass'],
    ['with 2 KiB of metadata', { Metadata: { m: 'x'.repeat(2047) } }, 200],
    ['with more metadata', { Metadata: { m: 'x'.repeat(2048) } }, 'MetadataTooLarge'],
    ['for its owner', { ExpectedBucketOwner: '000000000000' }, 200],
    ['for another owner', { ExpectedBucketOwner: '111111111111' }, 'AccessDenied'],
  ])('%s', async (_name, input, expected) => {
    expect(await answerOf(put(input))).toBe(expected);
  });
});

describe('the SDK is answered as by S3 when it copies', () => {
  it.each<[string, Partial<CopyObjectCommandInput>, number | string]>([
    ['an object', {}, 200],
    ['what is not there', { CopySource: `${BUCKET}/absent` }, 'NoSuchKey'],
    ['if the source is this', { CopySourceIfMatch: ETAG }, 200],
    ['if the source is another', { CopySourceIfMatch: '"other"' }, 'PreconditionFailed'],
    ['if the source is not this', { CopySourceIfNoneMatch: ETAG }, 'PreconditionFailed'],
    ['if the source has changed since', { CopySourceIfModifiedSince: LONG_AGO }, 200],
    ['if the source has not changed since', { CopySourceIfUnmodifiedSince: LONG_AGO }, 'PreconditionFailed'],
    [
      'if the source is this, whenever it changed',
      { CopySourceIfMatch: ETAG, CopySourceIfUnmodifiedSince: LONG_AGO },
      200,
    ],
    ['onto what is there, if nothing is', { Key: 'source', IfNoneMatch: '*' }, 'PreconditionFailed'],
    ['an object onto itself', { Key: 'source' }, 'InvalidRequest'],
    [
      'an object onto itself with other metadata',
      { Key: 'source', MetadataDirective: 'REPLACE', TaggingDirective: 'COPY', Metadata: { m: '2' } },
      200,
    ],
    ['a version', { CopySource: `${BUCKET}/source?versionId=1` }, 'NotImplemented'],
  ])('%s', async (_name, input, expected) => {
    expect(await answerOf(copy(input))).toBe(expected);
  });
});

describe('the SDK is answered as by S3 when it reads', () => {
  it('what was kept with a put: checksum, tags, class, expiry', async () => {
    const Expires = new Date('2999-01-01T00:00:00Z');
    await put({
      Key: 'kept',
      ChecksumAlgorithm: 'CRC32C',
      Tagging: 'a=1&b=%C3%BC',
      StorageClass: 'ONEZONE_IA',
      Expires,
    });
    const Key = 'kept';
    const head = await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key, ChecksumMode: 'ENABLED' }));
    expect(head).toMatchObject({
      ChecksumCRC32C: 'Ya91Mw==',
      StorageClass: 'ONEZONE_IA',
      ExpiresString: Expires.toUTCString(),
    });
    const { TagSet } = await s3.send(new GetObjectTaggingCommand({ Bucket: BUCKET, Key }));
    expect(TagSet).toEqual([
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: 'ü' },
    ]);
    expect((await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }))).TagCount).toBe(2);
    await copy({ CopySource: `${BUCKET}/kept`, TaggingDirective: 'REPLACE', Tagging: 'c=3' });
    const copied = await s3.send(new GetObjectTaggingCommand({ Bucket: BUCKET, Key: 'copy' }));
    expect(copied.TagSet).toEqual([{ Key: 'c', Value: '3' }]);
  });

  it('the encoding of a body without aws-chunked', async () => {
    const Body = Readable.from([Buffer.from('content')]);
    await put({ Key: 'zipped', Body, ContentLength: 7, ContentEncoding: 'gzip' });
    expect((await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'zipped' }))).ContentEncoding).toBe('gzip');
  });

  it('headers that it asks for', async () => {
    const asked = { ResponseContentDisposition: 'attachment; filename="f"', ResponseContentType: 'text/x' };
    const answer = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'source', ...asked }));
    expect(answer).toMatchObject({ ContentDisposition: asked.ResponseContentDisposition, ContentType: 'text/x' });
    const anonymous = await fetch(services.url('source?response-content-type=text/x'));
    expect(anonymous.status).toBe(400);
  });

  it('where the bucket is, and no tags of what is not there', async () => {
    expect((await s3.send(new GetBucketLocationCommand({ Bucket: BUCKET }))).LocationConstraint).toBeUndefined();
    expect(await answerOf(s3.send(new GetBucketLocationCommand({ Bucket: 'absent' })))).toBe('NoSuchBucket');
    const locked = new CreateBucketCommand({ Bucket: 'locked', ObjectLockEnabledForBucket: true });
    expect(await answerOf(s3.send(locked))).toBe('NotImplemented');
    expect(await answerOf(s3.send(new GetObjectTaggingCommand({ Bucket: BUCKET, Key: 'absent' })))).toBe('NoSuchKey');
  });

  it.each([{ IfMatch: ETAG }, { Range: 'bytes=0-1' }, { PartNumber: 1 }])(
    'with a HEAD %j: not implemented',
    async (input) => {
      expect(await answerOf(s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'source', ...input })))).toBe(501);
    },
  );
});

describe('the SDK is answered as by S3 when it deletes', () => {
  it('on conditions, and several with a checksum', async () => {
    await put({ Key: 'gone' });
    const Delete = { Objects: [{ Key: 'gone' }] };
    expect(await answerOf(s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'gone', IfMatch: '"other"' })))).toBe(
      'PreconditionFailed',
    );
    const version = { Objects: [{ Key: 'gone', VersionId: '1' }] };
    expect(await answerOf(s3.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: version })))).toBe(
      'NotImplemented',
    );
    expect(await answerOf(s3.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete })))).toBe(200);
  });
});

/** The smallest part that need not be the last. */
const PART = Buffer.alloc(5 * 1024 * 1024, 'p');

async function begin(input: Partial<CreateMultipartUploadCommandInput> = {}) {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key: 'multi', ...input }));
  const target = { Bucket: BUCKET, Key: 'multi', UploadId };
  return {
    part: (PartNumber: number, Body: Buffer | string, input: object = {}) =>
      s3.send(new UploadPartCommand({ ...target, PartNumber, Body, ...input })),
    list: () => s3.send(new ListPartsCommand(target)),
    complete: (Parts: CompletedPart[], input: object = {}) =>
      s3.send(new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts }, ...input })),
    abort: () => s3.send(new AbortMultipartUploadCommand(target)),
    copyPart: (PartNumber: number, input: object = {}) =>
      s3.send(new UploadPartCopyCommand({ ...target, PartNumber, CopySource: `${BUCKET}/source`, ...input })),
  };
}

describe('the SDK is answered as by S3 in a multipart upload', () => {
  it('that it lists and completes', async () => {
    const upload = await begin({ ChecksumAlgorithm: 'CRC32', Tagging: 'a=1' });
    const first = await upload.part(2, PART, { ChecksumAlgorithm: 'CRC32' });
    const last = await upload.part(3, 'end', { ChecksumAlgorithm: 'CRC32' });
    const { Parts } = await upload.list();
    expect(Parts).toMatchObject([
      { PartNumber: 2, ETag: first.ETag, Size: PART.length, ChecksumCRC32: first.ChecksumCRC32 },
      { PartNumber: 3, ETag: last.ETag, Size: 3, ChecksumCRC32: last.ChecksumCRC32 },
    ]);
    const completed = (Parts ?? []).map(({ PartNumber, ETag, ChecksumCRC32 }) => ({ PartNumber, ETag, ChecksumCRC32 }));
    expect(await answerOf(upload.complete(completed.map(({ ChecksumCRC32, ...part }) => part)))).toBe('InvalidRequest');
    expect(await answerOf(upload.complete(completed.map((part) => ({ ...part, ChecksumCRC32: 'AAAAAA==' }))))).toBe(
      'InvalidPart',
    );
    expect(await answerOf(upload.complete(completed, { MpuObjectSize: 7 }))).toBe('InvalidRequest');
    expect(await answerOf(upload.complete([]))).toBe('MalformedXML');
    expect(await answerOf(upload.complete(completed, { MpuObjectSize: PART.length + 3 }))).toBe(200);
    expect(await answerOf(upload.list())).toBe('NoSuchUpload');
    const { TagSet } = await s3.send(new GetObjectTaggingCommand({ Bucket: BUCKET, Key: 'multi' }));
    expect(TagSet).toEqual([{ Key: 'a', Value: '1' }]);
  });

  it('with the checksum of the whole object', async () => {
    const upload = await begin({ ChecksumAlgorithm: 'CRC32C', ChecksumType: 'FULL_OBJECT' });
    const { ETag } = await upload.part(1, 'content', { ChecksumAlgorithm: 'CRC32C' });
    const complete = (ChecksumCRC32C: string) =>
      upload.complete([{ PartNumber: 1, ETag }], { ChecksumCRC32C, ChecksumType: 'FULL_OBJECT' });
    expect(await answerOf(complete('AAAAAA=='))).toBe('BadDigest');
    expect(await answerOf(complete('Ya91Mw=='))).toBe(200);
    const head = await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'multi', ChecksumMode: 'ENABLED' }));
    expect(head.ChecksumCRC32C).toBe('Ya91Mw==');
  });

  it('of wrong parts, and of copied ones', async () => {
    const upload = await begin({ ChecksumAlgorithm: 'SHA256' });
    expect(await answerOf(upload.part(0, 'x', { ChecksumAlgorithm: 'SHA256' }))).toBe('InvalidArgument');
    expect(await answerOf(upload.part(10_001, 'x', { ChecksumAlgorithm: 'SHA256' }))).toBe('InvalidArgument');
    expect(await answerOf(upload.part(1, 'x', { ChecksumAlgorithm: 'CRC32' }))).toBe('InvalidRequest');
    expect(await answerOf(upload.part(1, 'x', { ChecksumSHA256: digest('sha256') }))).toBe('BadDigest');
    expect(await answerOf(upload.copyPart(1, { CopySourceIfMatch: '"other"' }))).toBe('PreconditionFailed');
    expect(await answerOf(upload.copyPart(1))).toBe(200);
    expect((await upload.list()).Parts).toMatchObject([{ PartNumber: 1, Size: 7, ETag: ETAG }]);
    expect(await answerOf(upload.abort())).toBe(204);
    expect(await answerOf(upload.abort())).toBe('NoSuchUpload');
  });

  it.each<[Partial<CreateMultipartUploadCommandInput>, string]>([
    [{ ChecksumAlgorithm: 'SHA256', ChecksumType: 'FULL_OBJECT' }, 'InvalidRequest'],
    [{ ChecksumAlgorithm: 'CRC64NVME', ChecksumType: 'COMPOSITE' }, 'InvalidRequest'],
    [{ ChecksumType: 'COMPOSITE' }, 'InvalidRequest'],
    [{ ObjectLockLegalHoldStatus: 'ON' }, 'InvalidRequest'],
  ])('that cannot begin: %j', async (input, expected) => {
    expect(await answerOf(begin(input))).toBe(expected);
  });
});

describe('curl is answered as by S3 when it sends', () => {
  const run = promisify(execFile);
  const chunked = { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'x-amz-decoded-content-length': '7' };
  const crc = { 'x-amz-trailer': 'x-amz-checksum-crc32' };
  const TRAILER = 'x-amz-checksum-crc32:';
  it.each<[string, Record<string, string>, string, number]>([
    ['a body', {}, 'content', 200],
    ['its hash', { 'x-amz-content-sha256': digest('sha256', 'hex') }, 'content', 200],
    ['another hash', { 'x-amz-content-sha256': digest('sha256', 'hex') }, 'other', 400],
    ['a hash that is none', { 'x-amz-content-sha256': 'abc' }, 'content', 400],
    ['the checksum of CRC64NVME', { 'x-amz-checksum-crc64nvme': 'rosUhgp5mIg=' }, '123456789', 200],
    ['the checksum of CRC32C', { 'x-amz-checksum-crc32c': '4waSgw==' }, '123456789', 200],
    ['a checksum that S3 has, and this has not', { 'x-amz-checksum-xxhash64': 'AAAA' }, 'content', 501],
    ['two checksums', { 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-checksum-crc32c': 'AAAAAA==' }, 'content', 400],
    ['the name of a checksum alone', { 'x-amz-sdk-checksum-algorithm': 'CRC32' }, 'content', 400],
    ['a body of unknown length', { 'Transfer-Encoding': 'chunked' }, 'content', 501],
    ['chunks', chunked, '7\r\ncontent\r\n0\r\n\r\n', 200],
    ['chunks and a trailer', { ...chunked, ...crc }, `7\r\ncontent\r\n0\r\n${TRAILER}/sUwqQ==\r\n\r\n`, 200],
    ['chunks and a wrong trailer', { ...chunked, ...crc }, `7\r\ncontent\r\n0\r\n${TRAILER}AAAAAA==\r\n\r\n`, 400],
    ['chunks without the trailer', { ...chunked, ...crc }, '7\r\ncontent\r\n0\r\n\r\n', 400],
    ['chunks with an unannounced trailer', chunked, `7\r\ncontent\r\n0\r\n${TRAILER}/sUwqQ==\r\n\r\n`, 400],
    ['chunks that end early', chunked, '7\r\ncont', 400],
    ['chunks of another length', { ...chunked, 'x-amz-decoded-content-length': '8' }, '7\r\ncontent\r\n0\r\n\r\n', 400],
    ['chunks of no length', { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' }, '0\r\n\r\n', 411],
  ])('%s', async (_name, headers, body, status) => {
    const options = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
    const request = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-X', 'PUT', '--data-binary', body, ...options];
    const { stdout } = await run('curl', [...request, services.url('curl')]);
    expect(Number(stdout)).toBe(status);
  });

  it.each([
    ['without a digest', [], 'InvalidRequest'],
    ['with a wrong one', ['-H', 'content-md5: AAAAAAAAAAAAAAAAAAAAAA=='], 'BadDigest'],
  ])('a list of keys to delete %s', async (_name, options, code) => {
    const body = '<Delete><Object><Key>source</Key></Object></Delete>';
    const request = [
      '-s',
      '-X',
      'POST',
      '--data-binary',
      body,
      ...options,
      `${services.server.endpoint}/${BUCKET}?delete`,
    ];
    expect((await run('curl', request)).stdout).toContain(`<Code>${code}</Code>`);
  });
});
