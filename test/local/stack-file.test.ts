import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  removeStackFile,
  runningStacks,
  STACKS_DIRECTORY,
  type StackFile,
  writeStackFile,
} from '../../src/local/stack-file.ts';

/** No process has it: Linux's ids end at 4,194,304, and so do macOS's well below. */
const NO_PROCESS = 2 ** 30;

let directory: string;
let server: Server;

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'stack-file-'));
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true });
});

function stack(overrides: Partial<StackFile> = {}): StackFile {
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    pid: process.pid,
    startedAt: 1_795_000_000_000,
    endpoints: { services: address, dynamodb: address, ses: address, events: address },
    region: 'us-east-1',
    tableName: 'ledger',
    queueUrl: `${address}/000000000000/queue`,
    deadLetterQueueUrl: `${address}/000000000000/dead-letters`,
    bucketName: 'uploads-bucket',
    indexShards: 8,
    ...overrides,
  };
}

/** Of a process that surely runs: the first of this machine. */
const FIRST_PROCESS = 1;

async function write(text: string): Promise<void> {
  await mkdir(path.join(directory, STACKS_DIRECTORY), { recursive: true });
  await writeFile(path.join(directory, STACKS_DIRECTORY, `${process.pid}.json`), text);
}

const files = () => readdir(path.join(directory, STACKS_DIRECTORY));

describe('the file of a running local stack', () => {
  it('is read as it was written, and leaves nothing else behind', async () => {
    await writeStackFile(directory, stack());
    expect(await runningStacks(directory)).toEqual([stack()]);
    expect(await files()).toEqual([`${process.pid}.json`]);
  });

  it('does not exist before the first start and after a clean stop', async () => {
    expect(await runningStacks(directory)).toEqual([]);
    await writeStackFile(directory, stack());
    await removeStackFile(directory, process.pid);
    expect(await runningStacks(directory)).toEqual([]);
  });

  it('is one of several: the first that was started comes first, and the other when that has stopped', async () => {
    const [first, second] = [stack({ pid: FIRST_PROCESS, startedAt: 2 }), stack({ startedAt: 3 })];
    await writeStackFile(directory, second);
    await writeStackFile(directory, first);
    expect(await runningStacks(directory)).toEqual([first, second]);
    await removeStackFile(directory, FIRST_PROCESS);
    expect(await runningStacks(directory)).toEqual([second]);
  });

  it('is ignored when its process was killed, and removed by the next stack', async () => {
    await writeStackFile(directory, stack({ pid: NO_PROCESS }));
    expect(await runningStacks(directory)).toEqual([]);
    await writeStackFile(directory, stack());
    expect(await files()).toEqual([`${process.pid}.json`]);
  });

  it('is ignored when its process id was given to another process', async () => {
    await writeStackFile(directory, stack());
    await new Promise((resolve) => server.close(resolve));
    expect(await runningStacks(directory)).toEqual([]);
  });

  it.each([
    ['half a file', '{"pid": 1', 'it is not JSON'],
    ['something else', '[]', 'pid is missing or of the wrong kind'],
    ['null', 'null', 'it is not an object'],
    ['no shards', { indexShards: 0 }, 'indexShards is missing'],
    ['no table', { tableName: '' }, 'tableName is missing'],
    [
      'no address',
      { endpoints: { services: 'x', dynamodb: 'http://127.0.0.1:1', ses: '' } },
      'endpoints.services is missing',
    ],
    ['no endpoints', { endpoints: null }, 'endpoints.services is missing'],
  ])('is an error that says what to do when it holds %s', async (_, content, fault) => {
    await write(typeof content === 'string' ? content : JSON.stringify({ ...stack(), ...content }));
    await expect(runningStacks(directory)).rejects.toThrow(fault);
    await expect(runningStacks(directory)).rejects.toThrow('start it again with "npm start"');
  });
});
