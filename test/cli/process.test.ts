import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OUTPUTS } from '../../src/contract/outputs.ts';
import { INDEX_SHARDS, type LedgerTable, openLedgerTable, recordOf } from '../ledger/read/reader-table.ts';
import { linesOf } from './cli.ts';

/** More than fits into a pipe, so that a reader that goes away is noticed. */
const RECORDS = 1000;

let table: LedgerTable;
let cloudFormation: Server;

beforeAll(async () => {
  table = await openLedgerTable();
  const timestamp = new Date(Date.now() - 60_000).toISOString();
  await table.put(...Array.from({ length: RECORDS }, (_, index) => recordOf(`photos/${index}.jpg`, { timestamp })));
  cloudFormation = createServer((_, response) => response.end(describeStacks()));
  await new Promise<void>((resolve) => cloudFormation.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  cloudFormation.closeAllConnections();
  await new Promise((resolve) => cloudFormation.close(resolve));
  await table.close();
});

/** What CloudFormation says of the ledger's stack. */
function describeStacks(): string {
  const values = Object.values(OUTPUTS).map((name): [string, string] => [name, 'unused']);
  const outputs = new Map([...values, [OUTPUTS.tableName, table.tableName], [OUTPUTS.indexShards, `${INDEX_SHARDS}`]]);
  const members = [...outputs].map(([name, value]) => {
    return `<member><OutputKey>${name}</OutputKey><OutputValue>${value}</OutputValue></member>`;
  });
  const stack = `<StackName>UploadLedger</StackName><Outputs>${members.join('')}</Outputs>`;
  return `<DescribeStacksResponse><DescribeStacksResult><Stacks><member>${stack}</member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
}

/** Starts the program as a process that finds its stack as on AWS: by the SDK's own settings in the environment. */
function start(...args: readonly string[]): ChildProcessWithoutNullStreams {
  const program = path.resolve(import.meta.dirname, '../../src/cli/upload-ledger.ts');
  const address = `http://127.0.0.1:${(cloudFormation.address() as AddressInfo).port}`;
  const env = {
    PATH: process.env.PATH,
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL_CLOUDFORMATION: address,
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
  };
  return spawn(process.execPath, [program, ...args, '--stack', 'UploadLedger', '--region', 'eu-west-1'], { env });
}

async function ended(child: ChildProcessWithoutNullStreams) {
  const [code, signal] = await once(child, 'close');
  return { code, signal };
}

describe('the program as a process', () => {
  it('finds its stack through the SDK, and writes everything before it ends', async () => {
    const child = start('list', '--since', '1d', '--json');
    const [stdout, stderr, end] = await Promise.all([text(child.stdout), text(child.stderr), ended(child)]);
    expect({ stderr, ...end }).toEqual({ stderr: '', code: 0, signal: null });
    expect(new Set(linesOf(stdout).map((line) => JSON.parse(line).s3_key)).size).toBe(RECORDS);
  });

  it('ends with success when its reader goes away', async () => {
    const child = start('list', '--since', '1d', '--json');
    const stderr = text(child.stderr);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect({ stderr: await stderr, ...(await ended(child)) }).toEqual({ stderr: '', code: 0, signal: null });
  });

  it('ends "tail" with 130 on Ctrl-C', async () => {
    const child = start('tail');
    const stderr = text(child.stderr);
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    expect({ stderr: await stderr, ...(await ended(child)) }).toEqual({ stderr: '', code: 130, signal: null });
  });

  it('says in one line what is wrong, with exit code 2', async () => {
    const child = start('list', '--limit', 'x');
    const [stdout, stderr, end] = await Promise.all([text(child.stdout), text(child.stderr), ended(child)]);
    expect({ stdout, ...end }).toEqual({ stdout: '', code: 2, signal: null });
    expect(linesOf(stderr)).toHaveLength(1);
  });
});
