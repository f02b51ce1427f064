import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AwsStub, startAwsStub } from '../../cli/aws-stub.ts';
import { healthy } from '../../cli/doctor/deployed-world.ts';
import { ask } from '../../console/server/ask.ts';
import { type BuiltCli, buildCli, ended } from '../end-to-end/built-cli.ts';
import { stackAnswer } from '../end-to-end/cli-tour-deployment.ts';
import { CA_FILE, SERVER_IDENTITY } from './private-certificates.ts';
import { startProxy, type TunnelProxy } from './proxy.ts';

let cli: BuiltCli;
let aws: AwsStub;
let proxy: TunnelProxy;

beforeAll(async () => {
  [cli, aws] = await Promise.all([buildCli(), startAwsStub(SERVER_IDENTITY)]);
  proxy = await startProxy(new URL(aws.settings.endpoint));
  healthy(aws);
  aws.answer('DescribeStacks', stackAnswer('https://sqs.eu-west-1.amazonaws.com'));
  aws.answer('Query', { Items: [], Count: 0 });
});

afterAll(async () => {
  await Promise.all([cli.remove(), proxy.close(), aws.close()]);
});

beforeEach(() => proxy.hosts.clear());

/** Starts the built command where AWS is reached through the proxy alone, which shows a certificate of its own CA. */
const start = (command: string) =>
  cli.start([...command.split(' '), '--stack', 'Prod'], {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    HTTPS_PROXY: proxy.url,
    AWS_CA_BUNDLE: CA_FILE,
  });

const hostsOf = (...services: readonly string[]) =>
  new Set(services.map((service) => `${service}.eu-west-1.amazonaws.com:443`));

describe('behind a proxy that shows certificates of a private CA', () => {
  it('lists what AWS has', async () => {
    const { stderr, exitCode } = await ended(start('list'));
    expect({ stderr, exitCode }).toEqual({ stderr: expect.stringMatching(/^No record found\./), exitCode: 0 });
    expect(proxy.hosts).toEqual(hostsOf('cloudformation', 'dynamodb'));
  });

  it('examines the deployment', async () => {
    const { stdout, stderr, exitCode } = await ended(start('doctor'));
    expect({ stderr, exitCode }, stdout).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toMatch(/^ok +uploads arrive/m);
    const services = ['cloudformation', 'dynamodb', 'sqs', 'lambda', 'monitoring', 'bucket.s3'];
    expect(proxy.hosts).toEqual(hostsOf(...services));
  });

  it('serves the console', async () => {
    const child = start('console');
    try {
      let shown = '';
      child.stdout.setEncoding('utf8').on('data', (text) => {
        shown += text;
      });
      while (!/token=\S+\s/.test(shown)) await once(child.stdout, 'data');
      const [, url = '', token = ''] = /(http:\/\/[^/\s]+)\/\S*token=(\S+)/.exec(shown) ?? [];
      const headers = { authorization: `Bearer ${token}` };
      const { status, body } = await ask(url, { path: '/api/records?uploader=me', headers });
      expect({ status, body }).toEqual({ status: 200, body: '{"done":true,"read":0}\n' });
      expect(proxy.hosts).toEqual(hostsOf('cloudformation', 'dynamodb'));
    } finally {
      child.kill();
      await once(child, 'close');
    }
  });
});
