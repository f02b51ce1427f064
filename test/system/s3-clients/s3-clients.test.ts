import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUCKET, type Services, startServices } from '../../local/servers/service-server-fixture.ts';

const REQUESTS = path.join(import.meta.dirname, 'requests.py');

/** Whether this machine has a program. */
function has(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const hasBoto = has('python3', '-c', 'import boto3');
const hasAwsCli = has('aws', '--version');

let services: Services;
let directory: string;

beforeAll(async () => {
  services = await startServices();
  directory = mkdtempSync(path.join(tmpdir(), 's3-clients-'));
});

afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await services.stop();
});

const signed = { AWS_ACCESS_KEY_ID: 'ann', AWS_SECRET_ACCESS_KEY: 'local', AWS_DEFAULT_REGION: 'us-east-1' };
const noFiles = { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' };
const env = () => ({ ...process.env, ...signed, ...noFiles });

/** S3's answers to what boto3 puts, reads, copies and uploads in parts. */
const ANSWERS = {
  put: 200,
  'put CRC32': 200,
  'put SHA1': 200,
  'put SHA256': 200,
  'put wrong CRC32': 'BadDigest',
  'put wrong MD5': 'BadDigest',
  'put over': 'PreconditionFailed',
  'put held': 'InvalidRequest',
  'put tagged': 200,
  tags: [{ Key: 'a', Value: '1' }],
  get: '/sUwqQ==',
  location: null,
  list: 1,
  copy: 200,
  'copy another': 'PreconditionFailed',
  'copy to itself': 'InvalidRequest',
  part: 200,
  parts: [4],
  'complete wrong': 'InvalidPart',
  abort: 204,
  'abort again': 'NoSuchUpload',
  large: 9 * 1024 * 1024,
  delete: ['copy', 'large'],
};

/** S3's answers to what others send with boto3's presigned URLs and forms, with either version of the signature. */
const ANSWERS_TO_SIGNED = {
  put: 200,
  type: 200,
  'other type': 'SignatureDoesNotMatch',
  'other key': 'SignatureDoesNotMatch',
  get: 200,
  post: 204,
  'post of a size': 204,
  'post too large': 'EntityTooLarge',
  'post elsewhere': 'AccessDenied',
  'post with more': 'AccessDenied',
  'post of a stranger': 'SignatureDoesNotMatch',
};

const byVersion = (version: string) =>
  Object.fromEntries(Object.entries(ANSWERS_TO_SIGNED).map(([name, answer]) => [`${version} ${name}`, answer]));

describe.skipIf(!hasBoto)('boto3, where Python has it', () => {
  it('is answered as by S3', async () => {
    const args = [REQUESTS, services.server.endpoint, BUCKET];
    const { stdout } = await promisify(execFile)('python3', args, { env: env() });
    expect(JSON.parse(stdout)).toEqual({
      ...ANSWERS,
      ...byVersion('V2'),
      'V2 expired': 'AccessDenied',
      ...byVersion('V4'),
      'V4 expired': 'AuthorizationQueryParametersError',
      'V4 length': 200,
      'V4 other length': 'SignatureDoesNotMatch',
    });
  });
});

describe.skipIf(!hasAwsCli)('the AWS command line, where it is installed', () => {
  const run = promisify(execFile);
  /** What a command prints; the error's code in brackets when it fails. */
  async function aws(command: string, ...more: string[]): Promise<string> {
    const args = ['--endpoint-url', services.server.endpoint, ...command.split(' '), ...more];
    try {
      return (await run('aws', args, { env: env(), cwd: directory })).stdout.trim();
    } catch (error) {
      return /An error occurred (\(\w+\))/.exec(String((error as { stderr?: string }).stderr))?.[1] ?? String(error);
    }
  }

  it('uploads, in parts too, lists, reads and removes', async () => {
    writeFileSync(path.join(directory, 'small'), 'content');
    writeFileSync(path.join(directory, 'large'), Buffer.alloc(9 * 1024 * 1024, 'x'));
    await aws(`s3 cp small s3://${BUCKET}/cli/small`);
    await aws(`s3 cp large s3://${BUCKET}/cli/large --storage-class STANDARD_IA`);
    expect(await aws(`s3 ls s3://${BUCKET}/cli/`)).toMatch(/9437184 large\n.* 7 small$/);
    const head = JSON.parse(await aws(`s3api head-object --bucket ${BUCKET} --key cli/large`));
    expect(head).toMatchObject({ ContentLength: 9 * 1024 * 1024, StorageClass: 'STANDARD_IA' });
    expect(await aws(`s3 cp s3://${BUCKET}/cli/small -`)).toBe('content');
    await aws(`s3 mv s3://${BUCKET}/cli/small s3://${BUCKET}/cli/moved`);
    await aws(`s3 rm s3://${BUCKET}/cli/large`);
    expect(await aws(`s3 ls s3://${BUCKET}/cli/`)).toMatch(/ 7 moved$/);
  });

  it('is told where the bucket is, and the parts of an upload', async () => {
    expect(JSON.parse(await aws(`s3api get-bucket-location --bucket ${BUCKET}`))).toEqual({ LocationConstraint: null });
    const at = `--bucket ${BUCKET} --key parts`;
    const { UploadId } = JSON.parse(await aws(`s3api create-multipart-upload ${at}`));
    writeFileSync(path.join(directory, 'part'), 'part');
    await aws(`s3api upload-part ${at} --part-number 1 --body part --upload-id ${UploadId}`);
    const { Parts } = JSON.parse(await aws(`s3api list-parts ${at} --upload-id ${UploadId}`));
    expect(Parts).toMatchObject([{ PartNumber: 1, Size: 4 }]);
  });

  it.each([
    ['a wrong MD5', '--content-md5 AAAAAAAAAAAAAAAAAAAAAA==', '(BadDigest)'],
    ['a legal hold', '--object-lock-legal-hold-status ON', '(InvalidRequest)'],
    ['an ACL', '--acl public-read', '(AccessControlListNotSupported)'],
  ])('is refused %s', async (_name, options, expected) => {
    writeFileSync(path.join(directory, 'file'), 'content');
    expect(await aws(`s3api put-object --bucket ${BUCKET} --key refused --body file ${options}`)).toBe(expected);
  });

  it('presigns a URL that curl may use, by the bucket in the host as well', async () => {
    const { port } = services.server;
    await services.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'x' }));
    const byPath = await aws(`s3 presign s3://${BUCKET}/k`);
    expect((await run('curl', ['-s', byPath])).stdout).toBe('x');
    expect((await run('curl', ['-s', byPath.replace('/k?', '/l?')])).stdout).toContain('SignatureDoesNotMatch');
    const byHost = `http://${BUCKET}.s3.localhost:${port}/k`;
    expect((await run('curl', ['-s', '-T', REQUESTS, '-w', '%{http_code}', byHost])).stdout).toBe('200');
  });
});
