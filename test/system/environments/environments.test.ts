import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeStackFile } from '../../../src/local/stack-file.ts';
import { openLedgerTable, recordOf } from '../../ledger/read/reader-table.ts';
import { type BuiltCli, buildCli, ended } from '../end-to-end/built-cli.ts';
import { type AwsEnvironment, ENVIRONMENTS } from './environments.ts';
import { CA_FILE } from './private-certificates.ts';
import { startTellingAws, type TellingAws } from './telling-aws.ts';

let cli: BuiltCli;
let aws: TellingAws;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'environments-'));
  [cli, aws] = await Promise.all([buildCli(), startTellingAws()]);
});

afterAll(async () => {
  await Promise.all([cli.remove(), aws.close(), rm(directory, { recursive: true })]);
});

/** Runs the built command in a home directory of its own. */
async function run({ title, variables, config, credentials, files, command = 'list' }: AwsEnvironment) {
  const home = path.join(directory, title.replaceAll(/\W+/g, '-'));
  const places = {
    '{AWS}': aws.endpoint,
    '{AWS-AS-TLS}': aws.endpoint.replace('http:', 'https:'),
    '{TLS}': aws.secureEndpoint,
    '{TLS-AS-PLAIN}': aws.secureEndpoint.replace('https:', 'http:'),
    '{CA}': CA_FILE,
    '{HOME}': home,
  };
  const fill = (text: string) => text.replaceAll(/\{[A-Z-]+\}/g, (name) => places[name as keyof typeof places] ?? name);
  const written = {
    ...files,
    ...(config !== undefined && { '.aws/config': config }),
    ...(credentials !== undefined && { '.aws/credentials': credentials }),
  };
  await mkdir(home);
  for (const [name, text] of Object.entries(written)) {
    await mkdir(path.dirname(path.join(home, name)), { recursive: true });
    await writeFile(path.join(home, name), fill(text));
  }
  const all = {
    HOME: home,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '1',
    AWS_ENDPOINT_URL: '{AWS}',
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIAENV',
    AWS_SECRET_ACCESS_KEY: 's',
    ...variables,
  };
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) if (value !== undefined) environment[name] = fill(value);
  const { stdout, stderr, exitCode } = await ended(cli.start(command.split(' '), environment));
  return { stdout, exitCode, stderr: stderr.replaceAll(home, '{HOME}') };
}

describe('the command in one of many AWS environments', () => {
  it('is tried in at least 40 of them', () => {
    expect(new Set(ENVIRONMENTS.map(({ title }) => title)).size).toBe(ENVIRONMENTS.length);
    expect(ENVIRONMENTS.length).toBeGreaterThanOrEqual(40);
  });

  it.for(ENVIRONMENTS)('says in one line what AWS answers or what is wrong: $title', async (environment) => {
    const { stdout, stderr, exitCode } = await run(environment);
    expect({ stdout, stderr, exitCode }).toEqual({
      stdout: '',
      stderr: `upload-ledger: ${environment.says}\n`,
      exitCode: 2,
    });
  });

  it('reads the local stack, whatever AWS is configured for', async () => {
    const table = await openLedgerTable();
    try {
      await table.put(recordOf('local.txt', { timestamp: new Date().toISOString() }));
      const { endpoint, tableName, indexShards } = table;
      const endpoints = { services: endpoint, dynamodb: endpoint, ses: endpoint, events: endpoint };
      const queues = { queueUrl: `${endpoint}/0/uploads`, deadLetterQueueUrl: `${endpoint}/0/letters` };
      const resources = { region: 'us-east-1', tableName, indexShards, bucketName: 'uploads', ...queues };
      await cli.announce({ pid: process.pid, startedAt: 1, endpoints, ...resources });
      const { stdout, stderr, exitCode } = await run({
        title: 'a local stack',
        variables: {
          AWS_USE_FIPS_ENDPOINT: 'true',
          AWS_USE_DUALSTACK_ENDPOINT: 'true',
          AWS_REGION: '',
          AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
          AWS_CA_BUNDLE: '/nowhere/ca.pem',
          HTTP_PROXY: 'http://127.0.0.1:1',
        },
        config: '[default]\nuse_fips_endpoint = true\nregion = eu_west_1\n',
        command: 'list --json',
        says: '',
      });
      expect({ stderr, exitCode }).toEqual({
        stderr: expect.stringMatching(/^(?:$|Searched 30 days back)/),
        exitCode: 0,
      });
      expect(JSON.parse(stdout)).toMatchObject({ s3_key: 'local.txt' });
    } finally {
      await table.close();
      await removeStackFile(cli.directory, process.pid);
    }
  });
});
