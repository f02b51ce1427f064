import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
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

const PROGRAM = path.resolve(import.meta.dirname, '../../src/cli/upload-ledger.ts');
const STACK = ['--stack', 'UploadLedger', '--region', 'eu-west-1'];
const LIST = [PROGRAM, 'list', '--limit', '3', ...STACK];

/** Where the program finds its stack as on AWS: by the SDK's own settings. */
function environment(): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL_CLOUDFORMATION: `http://127.0.0.1:${(cloudFormation.address() as AddressInfo).port}`,
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
  };
}

/** Starts the program as a process. */
function start(...args: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [PROGRAM, ...args, ...STACK], { env: environment() });
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

  it('begins CSV with a byte order mark in a new file, not in one that it goes on with, nor in a pipe', async () => {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'csv-'));
    const name = path.join(directory, 'uploads.csv');
    const header = /^timestamp,status,/;
    try {
      for (const flags of ['w', 'a']) {
        const file = await open(name, flags);
        await once(
          spawn(process.execPath, [...LIST, '--csv'], { env: environment(), stdio: ['ignore', file.fd, 'ignore'] }),
          'close',
        );
        await file.close();
      }
      const [first = '', ...rest] = linesOf(await readFile(name, 'utf8'));
      expect(first[0]).toBe('\ufeff');
      expect(first.slice(1)).toMatch(header);
      expect(rest.filter((line) => line.startsWith('\ufeff'))).toEqual([]);
      expect(rest.filter((line) => header.test(line))).toHaveLength(1);
    } finally {
      await rm(directory, { recursive: true });
    }
    const piped = start('list', '--limit', '1', '--csv');
    expect(await text(piped.stdout)).toMatch(header);
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

  it('says that Node is too old, before it loads anything else', async () => {
    const old = 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"24.4.1"})';
    const child = spawn(process.execPath, ['--import', old, PROGRAM, 'list']);
    const [stdout, stderr, end] = await Promise.all([text(child.stdout), text(child.stderr), ended(child)]);
    const line = 'upload-ledger: the command needs Node 24.5 or newer; this is Node 24.4.1\n';
    expect({ stdout, stderr, ...end }).toEqual({ stdout: '', stderr: line, code: 2, signal: null });
  });

  it('says in one line what is wrong, with exit code 2', async () => {
    const child = start('list', '--limit', 'x');
    const [stdout, stderr, end] = await Promise.all([text(child.stdout), text(child.stderr), ended(child)]);
    expect({ stdout, ...end }).toEqual({ stdout: '', code: 2, signal: null });
    expect(linesOf(stderr)).toHaveLength(1);
  });
});
