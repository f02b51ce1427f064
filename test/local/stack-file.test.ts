import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  readStackFile,
  removeStackFile,
  runningStack,
  STACK_FILE,
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
    endpoints: { services: address, dynamodb: address, ses: address },
    region: 'us-east-1',
    tableName: 'ledger',
    queueUrl: `${address}/000000000000/queue`,
    deadLetterQueueUrl: `${address}/000000000000/dead-letters`,
    bucketName: 'uploads-bucket',
    indexShards: 8,
    ...overrides,
  };
}

async function write(text: string): Promise<void> {
  await mkdir(path.join(directory, '.cache'));
  await writeFile(path.join(directory, STACK_FILE), text);
}

describe('the file of a running local stack', () => {
  it('is read as it was written, and leaves nothing else behind', async () => {
    await writeStackFile(directory, stack());
    expect(await readStackFile(directory)).toEqual(stack());
    expect(await readdir(path.join(directory, '.cache'))).toEqual(['local-stack.json']);
  });

  it('does not exist before the first start and after a clean stop', async () => {
    expect(await readStackFile(directory)).toBeUndefined();
    expect(await runningStack(directory)).toBeUndefined();
    await writeStackFile(directory, stack());
    await removeStackFile(directory, process.pid);
    expect(await readStackFile(directory)).toBeUndefined();
  });

  it('is valid while its process runs and its table answers', async () => {
    await writeStackFile(directory, stack());
    expect(await runningStack(directory)).toEqual(stack());
  });

  it('is ignored when its process was killed', async () => {
    await writeStackFile(directory, stack({ pid: NO_PROCESS }));
    expect(await runningStack(directory)).toBeUndefined();
  });

  it('is ignored when its process id was given to another process', async () => {
    const written = stack();
    await writeStackFile(directory, written);
    await new Promise((resolve) => server.close(resolve));
    expect(await runningStack(directory)).toBeUndefined();
  });

  it('is not removed by a stack that was replaced', async () => {
    await writeStackFile(directory, stack());
    await removeStackFile(directory, NO_PROCESS);
    expect(await readStackFile(directory)).toEqual(stack());
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
    await expect(readStackFile(directory)).rejects.toThrow(fault);
    await expect(runningStack(directory)).rejects.toThrow('start it again with "npm start"');
  });
});
