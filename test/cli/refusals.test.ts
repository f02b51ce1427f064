import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, type OpenLedger } from '../../src/cli/connection.ts';
import { type AwsStub, startAwsStub } from './aws-stub.ts';
import { ledgerOf, linesOf, runCli } from './cli.ts';
import { ledgerAt } from './doctor/deployed-world.ts';

let directory: string;
let aws: AwsStub;

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'refusals-'));
  await writeFile(path.join(directory, 'there.jsonl'), '');
  aws = await startAwsStub();
});
afterEach(async () => {
  await aws.close();
  await rm(directory, { recursive: true });
});

/** Where the ledger is found, by what a command asks for: as the program looks for it, but at the stub. */
const find = (options: Parameters<typeof connect>[0]) =>
  connect(options, {
    directory,
    environment: { AWS_REGION: 'eu-west-1' },
    makeClients: () => ({
      ...ledgerAt(aws).clients,
      cloudformation: async () => new CloudFormationClient(aws.settings),
    }),
  });

const outputs = (names: readonly string[]) =>
  `<Stacks><member><StackName>S</StackName><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${names.map((name) => `<member><OutputKey>${name}</OutputKey><OutputValue>8</OutputValue></member>`).join('')}</Outputs></member></Stacks>`;

async function messageOf(looking: Promise<unknown>): Promise<string> {
  return looking.then(
    () => 'found',
    (error: Error) => error.message,
  );
}

describe('a command that cannot be carried out', () => {
  it('says in one line what to do when the ledger is not found', async () => {
    aws.refuse('DescribeStacks', 'ValidationError', 'Stack with id Nope does not exist', 400);
    const lines = [
      await messageOf(find({ local: true })),
      await messageOf(find({ local: true, stack: 'Prod' })),
      await messageOf(find({ stack: 'Nope', region: 'eu-west-1' })),
    ];
    aws.answer('DescribeStacks', outputs(['TableName']));
    lines.push(await messageOf(find({ stack: 'Other' })));
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('golden/not-found.txt');
  });

  it('says in one line what to do when the ledger has no such thing', async () => {
    const none = ledgerOf({ client: { send: async () => ({}) } as never, tableName: 'table', indexShards: 8 });
    const two = [
      { name: 'daily', timeZone: 'UTC' },
      { name: 'weekly', timeZone: 'UTC' },
    ];
    const digests: OpenLedger = { ...none, resources: { ...none.resources, digests: two } };
    const cases: readonly (readonly [command: string, ledger: OpenLedger])[] = [
      ['digest preview', none],
      ['digest preview', digests],
      ['digest preview --name monthly', digests],
      ['digest tick', none],
      ['dlq purge', ledgerAt(aws)],
      ['dlq redrive --all --rate 501', ledgerAt(aws)],
      [`dlq export ${directory}/there.jsonl`, ledgerAt(aws)],
      [`dlq export ${directory}/nowhere/letters.jsonl`, ledgerAt(aws)],
    ];
    const lines: string[] = [];
    for (const [command, ledger] of cases) {
      const { stdout, stderr, exitCode } = await runCli(command.split(' '), { ledger });
      expect({ stdout, exitCode }, command).toEqual({ stdout: '', exitCode: 2 });
      expect(linesOf(stderr), command).toHaveLength(1);
      lines.push(`$ upload-ledger ${command}`, stderr);
    }
    const text = lines.join('\n').replaceAll(directory, '/directory');
    await expect(text).toMatchFileSnapshot('golden/refusals.txt');
  });
});
