import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { awsAccess } from '../../src/cli/aws-access.ts';
import { ROLE_KEY, startTellingAws, type TellingAws } from '../system/environments/telling-aws.ts';

let aws: TellingAws;
let directory: string;

beforeEach(async () => {
  aws = await startTellingAws();
  directory = await mkdtemp(path.join(os.tmpdir(), 'aws-access-'));
  vi.stubEnv('AWS_CONFIG_FILE', path.join(directory, 'config'));
  vi.stubEnv('AWS_ENDPOINT_URL_STS', aws.endpoint);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await aws.close();
  await rm(directory, { recursive: true });
});

const WITH_SECOND_FACTOR = `
[profile keys]
aws_access_key_id = AKIAFILE
aws_secret_access_key = s
[profile guarded]
region = eu-west-1
role_arn = arn:aws:iam::111122223333:role/reader
source_profile = keys
mfa_serial = arn:aws:iam::111122223333:mfa/me
`;

describe('awsAccess', () => {
  it('refuses an endpoint that is no URL, and names its variable', async () => {
    for (const endpoint of ['localhost:4566', 'nowhere', 'ftp://host']) {
      const environment = { AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL_SQS: endpoint };
      await expect(awsAccess({}, environment)).rejects.toThrow(
        `AWS_ENDPOINT_URL_SQS is not a usable endpoint: expected a URL such as http://127.0.0.1:4566, got "${endpoint}"`,
      );
    }
  });

  it('says that a profile has no setting, or no credentials, where it is in the file', async () => {
    await writeFile(path.join(directory, 'config'), '[profile empty]\n[profile bare]\nregion = eu-west-1\n');
    await expect(awsAccess({ profile: 'empty' }, {})).rejects.toThrow(
      'no profile "empty" (from --profile) with any setting',
    );
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    const { credentials } = await awsAccess({ profile: 'bare' }, {});
    const asked = typeof credentials === 'function' ? credentials() : credentials;
    await expect(asked).rejects.toThrow(
      'no AWS credentials of profile "bare", which names none: sign in with "aws login --profile bare"',
    );
  });

  it('asks for the code of the second factor once, for all clients', async () => {
    await writeFile(path.join(directory, 'config'), WITH_SECOND_FACTOR);
    const questions: string[] = [];
    const ask = async (question: string) => {
      questions.push(question);
      return '123456';
    };
    const access = await awsAccess({ profile: 'guarded' }, {}, ask);
    const clients = [1, 2, 3].map(() => new CloudFormationClient({ ...access, endpoint: aws.endpoint }));
    const asked = clients.map((client) =>
      client.send(new DescribeStacksCommand({ StackName: 'Mine' })).catch(({ message }: Error) => message),
    );
    expect(new Set(await Promise.all(asked))).toEqual(new Set([`${ROLE_KEY} asks for Mine in eu-west-1`]));
    expect(questions).toEqual(['Code of the MFA device arn:aws:iam::111122223333:mfa/me: ']);
    for (const client of clients) client.destroy();
  });
});
