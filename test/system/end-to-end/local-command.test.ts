import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { DeleteTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { LOCAL_CREDENTIALS } from '../../../src/local/identity.ts';
import { runningStacks } from '../../../src/local/stack-file.ts';
import { createTable } from '../../ledger/create-table.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const PROGRAM = path.join(ROOT, 'src/cli/upload-ledger.ts');

/** A stack with other settings than those of the tests before is synthesized first, by the CDK command line. */
const SYNTHESIS_MS = 240_000;

interface RunningStack {
  readonly process: ChildProcess;
  readonly output: () => string;
  /** Resolves with what the pattern found in the output, as soon as it does. */
  readonly says: (pattern: RegExp) => Promise<string>;
  /** Asks it to stop, as Ctrl-C does; resolves with the exit code. */
  readonly stop: () => Promise<number | null>;
}

describe('the local stack as a command', () => {
  const started: RunningStack[] = [];

  afterEach(() => {
    for (const { process } of started.splice(0)) process.kill('SIGKILL');
  });

  function start(...options: string[]): RunningStack {
    const child = spawn(process.execPath, [PROGRAM, 'local', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
    const written: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part) => written.push(part));
    const output = () => written.join('');
    const stack: RunningStack = {
      process: child,
      output,
      says: async (pattern) => {
        for (;;) {
          const found = pattern.exec(output());
          if (found) return found[1] ?? found[0];
          if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode} and said:\n${output()}`);
          const waiting = new AbortController();
          const { signal } = waiting;
          const news = [once(child.stdout, 'data', { signal }), once(child.stderr, 'data', { signal })];
          await Promise.race([...news, once(child, 'close', { signal })]);
          waiting.abort();
        }
      },
      stop: async () => {
        const ended = once(child, 'close');
        child.kill('SIGINT');
        const [exitCode] = await ended;
        return exitCode as number | null;
      },
    };
    started.push(stack);
    return stack;
  }

  /** The keys that a command of the program lists. */
  async function keysOf(command: string): Promise<string[]> {
    const args = [PROGRAM, ...command.split(' '), '--since', '1h', '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line).s3_key);
  }

  it('takes an upload at the URL that it prints, shows its record, and stops on a signal', async () => {
    const stack = start();
    const url = await stack.says(/curl -X PUT -d hello '([^']+)'/);
    expect((await fetch(url, { method: 'PUT', body: 'hello\n' })).status).toBe(200);
    expect(await stack.says(/^.*hello\.txt$/m)).toMatch(/uploaded by you, 6 B, seen after .*: hello\.txt/);
    expect(await stack.stop()).toBe(0);
    expect(stack.output()).toContain('Stopping');
  });

  it('serves the console, which checks the stack', async () => {
    const stack = start();
    const [, url = '', token = ''] = /(http.*)\/#token=(.*)/.exec(await stack.says(/http:\S+\/#token=\S+/)) ?? [];
    const answer = await fetch(`${url}/api/health`, { headers: { authorization: `Bearer ${token}` } });
    const checks = (await answer.text()).trim().split('\n');
    expect(checks.map((line) => JSON.parse(line))).toMatchObject([
      { check: 'redrive policy', outcome: 'ok' },
      { check: 'dead letters', outcome: 'ok' },
      { check: 'table', outcome: 'ok' },
    ]);
    expect(await stack.stop()).toBe(0);
  });

  it('starts again at once on the same ports', async () => {
    const first = start();
    const port = new URL(await first.says(/curl -X PUT -d hello '([^']+)'/)).port;
    expect(await first.stop()).toBe(0);
    const second = start('--port', port);
    expect(new URL(await second.says(/curl -X PUT -d hello '([^']+)'/)).port).toBe(port);
    expect(await second.stop()).toBe(0);
  });

  it('is found beside another one by the command that it prints, and without it when the other has ended', async () => {
    const first = start();
    await first.says(/Ctrl-C stops the stack/);
    const second = start();
    const url = await second.says(/curl -X PUT -d hello '([^']+)'/);
    const command = await second.says(/npm run upload-ledger -- (list --local-port \d+)/);
    expect(await fetch(url, { method: 'PUT', body: 'second' })).toMatchObject({ status: 200 });
    await second.says(/seen after .*: hello\.txt/);
    expect(await keysOf(command)).toEqual(['hello.txt']);
    expect(await keysOf('list')).toEqual([]);
    expect(await first.stop()).toBe(0);
    expect(await keysOf('list')).toEqual(['hello.txt']);
    expect(await second.stop()).toBe(0);
  });

  it('outlives a table that is away for a while, and shows what is recorded afterwards', async () => {
    const stack = start();
    const url = await stack.says(/curl -X PUT -d hello '([^']+)'/);
    const running = await runningStacks(ROOT);
    const { endpoints, tableName } = running.find(({ pid }) => pid === stack.process.pid) ?? expect.fail();
    const client = new DynamoDBClient({
      endpoint: endpoints.dynamodb,
      region: 'us-east-1',
      credentials: LOCAL_CREDENTIALS,
    });
    const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
    await client.send(new DeleteTableCommand({ TableName: tableName }));
    await stack.says(/The table cannot be read; trying again: ResourceNotFoundException/);
    await createTable(client, {
      TableName: tableName,
      AttributeDefinitions: Table?.AttributeDefinitions ?? [],
      KeySchema: Table?.KeySchema ?? [],
      GlobalSecondaryIndexes: Table?.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema, Projection }) => ({
        IndexName,
        KeySchema,
        Projection,
      })),
    });
    client.destroy();
    expect((await fetch(url, { method: 'PUT', body: 'hello\n' })).status).toBe(200);
    await stack.says(/seen after .*: hello\.txt/);
    expect(stack.output().match(/The table cannot be read/g)).toHaveLength(1);
    expect(await stack.stop()).toBe(0);
  });

  it(
    'announces uploads to a server that comes later, and says meanwhile that nothing listens',
    async () => {
      const received: string[] = [];
      const server = createServer(async (request, response) => {
        received.push(String(request.headers.authorization), await text(request));
        response.end();
      });
      // Below the ports that a system gives to whoever asks for any: nobody else listens there meanwhile.
      const port = 20_000 + (process.pid % 10_000);
      const stack = start('--forward', `http://127.0.0.1:${port}/hooks`);
      const url = await stack.says(/curl -X PUT -d hello '([^']+)'/);
      await stack.says(/^Nothing listens at http:\/\/127\.0\.0\.1:\d+\/hooks yet/m);
      expect((await fetch(url, { method: 'PUT', body: 'hello\n' })).status).toBe(200);
      await stack.says(/does not accept events: The endpoint cannot be reached: ECONNREFUSED\./);
      server.listen(port, '127.0.0.1');
      await stack.says(/UploadRecorded \w+ delivered to .* \(200\)/);
      server.close();
      const [authorization, body = ''] = received;
      expect(authorization).toBe('local');
      expect(JSON.parse(body)).toMatchObject({
        type: 'UploadRecorded',
        record: { s3_key: 'hello.txt', uploader: 'you' },
      });
      expect(await stack.stop()).toBe(0);
    },
    SYNTHESIS_MS,
  );

  it('says in one line when a port is taken', async () => {
    const first = start();
    const port = new URL(await first.says(/curl -X PUT -d hello '([^']+)'/)).port;
    const second = start('--port', port);
    await once(second.process, 'close');
    expect(second.process.exitCode).toBe(2);
    expect(second.output()).toMatch(new RegExp(`^upload-ledger: .*${port}.*\n$`));
  });
});
