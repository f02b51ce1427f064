import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { OUTPUTS } from '../../../src/contract/outputs.ts';
import { startAwsStub } from '../../cli/aws-stub.ts';
import { healthy, mappingIs } from '../../cli/doctor/deployed-world.ts';
import { ended } from './built-cli.ts';
import type { Tour } from './cli-tour.ts';
import { DIGEST_TO, emailsTo } from './email-fixture.ts';

/** The default stack's template, less its hashes. */
const TEMPLATE = path.resolve(import.meta.dirname, '../../infra/golden/default.template.json');

const MAIL_DEADLINE_MS = 30_000;

/** `digest preview` and `digest tick`. The demo has sent a digest of its own uploads. */
export async function tourDigests({ stack, cli, expect }: Tour): Promise<void> {
  const { clients, bucketName } = stack;
  for (const Key of ['digest/1.txt', 'digest/2.txt', 'digest/3.txt']) {
    await clients.s3.send(new PutObjectCommand({ Bucket: bucketName, Key, Body: 'content' }));
  }
  await stack.drained();
  const file = path.join(cli.directory, 'digest.html');
  const { stdout } = await expect(0, 'digest', 'preview', '--html', file);
  assert.match(stdout, /^Uploads +3$/m);
  assert.match(await readFile(file, 'utf8'), /<html/);
  const before = (await emailsTo(stack, DIGEST_TO)).length;
  assert.match((await expect(0, 'digest', 'tick')).stdout, /on its way/);
  const deadline = Date.now() + MAIL_DEADLINE_MS;
  while ((await emailsTo(stack, DIGEST_TO)).length === before) {
    assert.ok(Date.now() < deadline, 'no digest has come');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** `doctor` of the local stack, whose dead letters are gone by now. */
export async function tourDoctor({ stack, json, expect }: Tour): Promise<void> {
  const healthyChecks = await json(0, 'doctor');
  assert.deepEqual(
    healthyChecks.map(({ check, outcome }) => `${check}: ${outcome}`),
    ['redrive policy: ok', 'dead letters: ok', 'table: ok'],
  );
  const { clients, deadLetterQueueUrl: QueueUrl } = stack;
  await clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'no JSON' }));
  assert.match((await expect(1, 'doctor')).stdout, /^wrong +dead letters +1 could not be recorded/m);
  await expect(0, 'dlq', 'purge', '--yes');
}

/** `doctor` and `estimate` of a stack on AWS, which stands in for: the program asks it as it would ask AWS. */
export async function tourDeployed({ cli }: Tour): Promise<void> {
  const aws = await startAwsStub();
  const { endpoint } = aws.settings;
  const environment = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };
  const run = (...args: readonly string[]) =>
    ended(cli.start([...args, '--stack', 'Prod', '--region', 'eu-west-1'], environment));
  try {
    healthy(aws);
    aws.answer('DescribeStacks', stackAnswer(endpoint));
    const well = await run('doctor');
    assert.equal(well.exitCode, 0, well.stdout + well.stderr);
    mappingIs(aws, { State: 'Disabled' });
    const ill = await run('doctor', '--json');
    assert.match(ill.stdout, /"check":"queue is read","outcome":"wrong"/);
    assert.equal(ill.exitCode, 1, ill.stderr);

    const template = await readFile(TEMPLATE, 'utf8');
    aws.answer(
      'GetTemplate',
      `<TemplateBody>${template.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</TemplateBody>`,
    );
    const priced = await run('estimate', '--uploads-per-month', '1000000');
    assert.match(priced.stdout, /^A month +\$1\d\.\d\d$/m, priced.stderr);
  } finally {
    await aws.close();
  }
}

/** `estimate` of the stack as this checkout would deploy it: synthesizes it. */
export async function tourEstimate({ json }: Tour): Promise<void> {
  const [estimate] = await json(0, 'estimate', '--uploads-per-month', '1000000');
  assert.ok(Number(estimate?.total) > 1 && Number(estimate?.total) < 20);
}

/** CloudFormation's answer for the stack whose queues are at `endpoint`. */
export function stackAnswer(endpoint: string, table = 'table'): string {
  const values: Readonly<Record<string, string>> = {
    [OUTPUTS.bucketName]: 'bucket',
    [OUTPUTS.tableName]: table,
    [OUTPUTS.queueUrl]: `${endpoint}/111122223333/uploads`,
    [OUTPUTS.deadLetterQueueUrl]: `${endpoint}/111122223333/letters`,
    [OUTPUTS.functionName]: 'recorder',
    [OUTPUTS.indexShards]: '8',
  };
  const members = Object.entries(values).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  return `<Stacks><member><StackName>Prod</StackName><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${members.join('')}</Outputs></member></Stacks>`;
}
