import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DeadLetterQueues, goodBody, openQueues } from '../../dead-letters/dead-letter-queues.ts';
import { type SqsServer, startSqs } from '../../dead-letters/sqs-server.ts';
import { type LedgerTable, openLedgerTable, recordOf } from '../../ledger/read/reader-table.ts';
import { type CliWorld, ledgerOf, linesOf, runCli } from '../cli.ts';
import { HOSTILE_KEYS, RAW } from '../hostile-keys.ts';

let sqs: SqsServer;
let table: LedgerTable;
let directory: string;
let made = 0;

beforeAll(async () => {
  [sqs, table] = await Promise.all([startSqs(), openLedgerTable()]);
  directory = await mkdtemp(path.join(os.tmpdir(), 'dlq-'));
});
afterAll(async () => {
  await Promise.all([sqs.close(), table.close(), rm(directory, { recursive: true })]);
});

interface World extends DeadLetterQueues {
  dlq(args: readonly string[], world?: CliWorld): ReturnType<typeof runCli>;
}

/** Finds out at once that a queue is empty: the emulator needs no long poll to be sure. */
function impatient(client: SQSClient): SQSClient {
  const send = (command: { input: object }) => {
    if (command.constructor.name === 'ReceiveMessageCommand') Object.assign(command.input, { WaitTimeSeconds: 0 });
    return client.send(command as never);
  };
  return { send } as unknown as SQSClient;
}

/** @param ledgerTable Those that write records into it need one of their own. */
async function open(ledgerTable: LedgerTable = table): Promise<World> {
  made += 1;
  const queues = await openQueues(sqs, `cli-${made}`);
  const { deadLetters, uploads } = queues;
  const ledger = ledgerOf(ledgerTable, {
    client: impatient(sqs.client),
    queueUrl: uploads.url,
    deadLetterQueueUrl: deadLetters.url,
  });
  // As on the local stack, where SQS moves nothing by itself.
  const dlq: World['dlq'] = (args, world = {}) =>
    runCli(['dlq', ...args], { ledger: { ...ledger, isLocal: true }, ...world });
  return { ...queues, dlq };
}

/** Two messages that would succeed, three that would not. */
async function filled(ledgerTable?: LedgerTable): Promise<World> {
  const world = await open(ledgerTable);
  for (const number of [1, 2]) await world.send(world.deadLetters, goodBody(number), { reason: 'bad-event-record' });
  for (const number of [1, 2, 3])
    await world.send(world.deadLetters, `noise ${number}`, { reason: 'not-json', detail: 'no JSON' });
  return world;
}

/** What differs from run to run, made the same. */
function steady(text: string): string {
  return text
    .replaceAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, '01234567-89ab-cdef-0123-456789abcdef')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, '2026-11-22 10:00:00');
}

describe('dlq list', () => {
  it('counts by reason, with an example each', async () => {
    const { dlq, bodies, deadLetters } = await filled();
    const { stdout, exitCode } = await dlq(['list'], { columns: 80 });
    await expect(steady(stdout)).toMatchFileSnapshot('../golden/dlq-list.terminal.txt');
    expect(exitCode).toBe(0);
    expect(await bodies(deadLetters)).toHaveLength(5);
  });

  it('writes one JSON object per reason', async () => {
    const { dlq } = await filled();
    const { stdout } = await dlq(['list', '--json']);
    expect(linesOf(stdout).map((line) => JSON.parse(line))).toMatchObject([
      { reason: 'not-json', count: 3, would_succeed: 0, example: { detail: 'no JSON', body: 'noise 1' } },
      { reason: 'bad-event-record', count: 2, would_succeed: 2 },
    ]);
  });

  it('cuts nothing of an example, neither in JSON nor in a pipe', async () => {
    const { dlq, send, deadLetters } = await open();
    const body = `{ "Event": "s3:TestEvent", "Bucket": "${'x'.repeat(3000)}", "HostId": "the end" }`;
    await send(deadLetters, body);
    expect((await dlq(['list', '--json'])).stdout).toContain(JSON.stringify(body));
    expect((await dlq(['list'])).stdout).toContain(body);
  });

  it('counts only those of a time and with a text, when asked to', async () => {
    const { dlq } = await filled();
    const counts = async (...args: string[]) => {
      const { stdout, stderr } = await dlq(['list', '--json', ...args]);
      const groups = (stdout === '' ? [] : linesOf(stdout)).map(
        (line) => JSON.parse(line) as { reason: string; count: number },
      );
      return stderr + groups.map(({ reason, count }) => `${reason} ${count}`).join(', ');
    };
    expect(await counts('--contains', 'file-2')).toBe('bad-event-record 1');
    expect(await counts('--contains', 'no JSON')).toBe('not-json 3');
    expect(await counts('--reason', 'not-json')).toBe('not-json 3');
    expect(await counts('--reason', 'not-json', '--contains', 'file-2')).toBe('No dead letter matches.\n');
    expect(await counts('--since', '1970-01-02')).toBe('not-json 3, bad-event-record 2');
    expect(await counts('--since', '9998-01-01', '--until', '9998-02-01')).toContain('is in the future');
    expect(await counts('--until', '1970-01-02')).toBe('No dead letter matches.\n');
    expect((await dlq(['list', '--since', '2026-11-02', '--until', '2026-11-01'])).exitCode).toBe(2);
  });

  it('says that the queue is empty', async () => {
    const { dlq } = await open();
    expect(await dlq(['list'])).toMatchObject({ stdout: '', stderr: 'The dead-letter queue is empty.\n', exitCode: 0 });
  });

  it('says that some messages are in flight elsewhere', async () => {
    const { dlq, bodies, deadLetters } = await filled();
    await bodies(deadLetters);
    expect((await dlq(['list'])).stderr).toContain('About 5 messages could not be read');
  });
});

describe('dlq show', () => {
  it("shows the body, the attributes and today's verdict", async () => {
    const { dlq, send, deadLetters } = await open();
    const id = await send(deadLetters, goodBody(9), {
      reason: 'not-json',
      detail: 'of old',
      original_message_id: 'abc',
    });
    const { stdout, exitCode } = await dlq(['show', id]);
    await expect(steady(stdout)).toMatchFileSnapshot('../golden/dlq-show.txt');
    expect(exitCode).toBe(0);
    expect((await dlq(['show', 'abc'])).stdout).toBe(stdout.replace('1 time', '2 times'));
  });

  it('writes one JSON object', async () => {
    const { dlq, send, deadLetters } = await open();
    const id = await send(deadLetters, 'noise', { tenant: 'acme' });
    expect(JSON.parse((await dlq(['show', id, '--json'])).stdout)).toMatchObject({
      id,
      reason: 'not-json',
      body: 'noise',
      attributes: { tenant: { type: 'String', text: 'acme' } },
      today: { succeeds: false, reason: 'not-json' },
    });
  });

  it('exits with 1 when there is no such message', async () => {
    const { dlq, bodies, deadLetters } = await filled();
    const { stdout, stderr, exitCode } = await dlq(['show', 'nobody']);
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 1 });
    expect(stderr).toContain('There is no dead letter nobody.');
    expect(await bodies(deadLetters)).toHaveLength(5);
  });

  it('escapes everything that a terminal would obey', async () => {
    const { dlq, send, deadLetters } = await open();
    const takenBySqs = HOSTILE_KEYS.filter((key) => !/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/.test(key));
    const outputs: string[] = [];
    for (const hostile of takenBySqs) {
      const id = await send(deadLetters, `${hostile}\n${hostile}`, { detail: hostile, reason: 'not-json' });
      outputs.push((await dlq(['show', id])).stdout);
    }
    outputs.push((await dlq(['list'])).stdout, (await dlq(['export', '-'])).stdout);
    expect(takenBySqs.length).toBeGreaterThan(10);
    for (const output of outputs) expect(linesOf(output).filter((line) => RAW.test(line))).toEqual([]);
  });
});

describe('dlq redrive', () => {
  it('moves what would succeed, and reports', async () => {
    const { dlq, bodies, deadLetters, uploads } = await filled();
    const { stdout, exitCode } = await dlq(['redrive', '--canary-wait', '0s']);
    expect(exitCode).toBe(1);
    expect(await bodies(uploads)).toHaveLength(2);
    expect(await bodies(deadLetters)).toHaveLength(3);
    await expect(stdout).toMatchFileSnapshot('../golden/dlq-redrive.txt');
  });

  it('exits with 0 when the records are in the ledger', async () => {
    const own = await openLedgerTable();
    const { dlq } = await filled(own);
    for (const number of [1, 2]) {
      const upload_id = `${number.toString(16).padStart(18, '12')}`.toUpperCase().padEnd(32, '0');
      await own.put(recordOf(`file-${number}.txt`, { s3_bucket: 'acme-uploads', upload_id }));
    }
    const { stdout, exitCode } = await dlq(['redrive', '--json', '--canary-wait', '0s']);
    await own.close();
    expect(JSON.parse(stdout)).toMatchObject({ dry_run: false, looked: 5, moved: 2, would_fail: { 'not-json': 3 } });
    expect(exitCode).toBe(0);
  });

  it('only reports what it would do in a dry run', async () => {
    const { dlq, bodies, uploads } = await filled();
    const { stdout, exitCode } = await dlq(['redrive', '--dry-run', '--all']);
    expect(linesOf(stdout)).toEqual(['  looked at   5 messages', '  would fail  not-json 3', '  would move  5']);
    expect(exitCode).toBe(0);
    expect(await bodies(uploads)).toEqual([]);
  });

  it('starts a message move task of SQS for --all on AWS', async () => {
    const { deadLetters, uploads } = await filled();
    const started: unknown[] = [];
    const client = {
      send: async (command: { input: object }) => {
        const { name } = command.constructor;
        if (name === 'StartMessageMoveTaskCommand') started.push(command.input);
        if (name === 'ListMessageMoveTasksCommand')
          return {
            Results:
              started.length > 0
                ? [{ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 5, ApproximateNumberOfMessagesToMove: 5 }]
                : [],
          };
        return name.includes('MoveTask') ? {} : sqs.client.send(command as never);
      },
    } as never;
    const ledger = ledgerOf(table, { client, queueUrl: uploads.url, deadLetterQueueUrl: deadLetters.url });
    const { stdout, stderr, exitCode } = await runCli(['dlq', 'redrive', '--all', '--rate', '100'], { ledger });
    expect(stdout).toBe('  moved  5 of about 5\n');
    expect(stderr).toMatch(/two records now: when the queue is empty, "reconcile --repair" deletes the extra ones\.$/m);
    expect({ exitCode, started }).toMatchObject({ exitCode: 0, started: [{ MaxNumberOfMessagesPerSecond: 100 }] });
    expect(await runCli(['dlq', 'redrive', '--all', '--rate', '501'], { ledger })).toMatchObject({
      exitCode: 2,
      stderr: 'upload-ledger: SQS moves 500 messages a second at most: use --rate 500 or less\n',
    });
  });
});

describe('dlq export', () => {
  it('writes everything to a file that only its owner may read, and keeps the queue', async () => {
    const { dlq, bodies, deadLetters } = await filled();
    const file = path.join(directory, 'all.jsonl');
    const { stdout, stderr, exitCode } = await dlq(['export', file]);
    expect({ stdout, stderr, exitCode }).toEqual({ stdout: '', stderr: 'Exported 5 dead letters.\n', exitCode: 0 });
    const letters = linesOf(await readFile(file, 'utf8')).map((line) => JSON.parse(line));
    expect(letters.map(({ body }) => body).sort()).toEqual(await bodies(deadLetters));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('writes only those that match, when asked to', async () => {
    const { dlq } = await filled();
    const bodies = async (...args: string[]) =>
      linesOf((await dlq(['export', '-', ...args])).stdout).map((line) => JSON.parse(line).body);
    expect((await bodies('--reason', 'not-json')).sort()).toEqual(['noise 1', 'noise 2', 'noise 3']);
    expect(await bodies('--contains', 'noise 2')).toEqual(['noise 2']);
    expect((await dlq(['export', '-', '--since', '2026-11-02', '--until', '2026-11-01'])).exitCode).toBe(2);
  });

  it('overwrites a file only with --force', async () => {
    const { dlq } = await filled();
    const file = path.join(directory, 'there.jsonl');
    await writeFile(file, 'mine');
    expect(await dlq(['export', file])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('already exists'),
    });
    expect(await readFile(file, 'utf8')).toBe('mine');
    expect(await dlq(['export', file, '--force'])).toMatchObject({ exitCode: 0 });
    expect(linesOf(await readFile(file, 'utf8'))).toHaveLength(5);
  });

  it('says what to do when the file cannot be written', async () => {
    const { dlq } = await filled();
    const { stderr, exitCode } = await dlq(['export', path.join(directory, 'absent', 'x')]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(
      /cannot write .*absent\/x \(ENOENT\): name a file in an existing directory that you may write to\n$/,
    );
  });
});

describe('dlq purge', () => {
  it('deletes everything after a confirmation', async () => {
    const { dlq, bodies, deadLetters } = await filled();
    expect(await dlq(['purge'], { answer: 'yes' })).toMatchObject({
      exitCode: 1,
      stderr: 'Delete about 5 dead letters of a test for good? Type "purge": yes\nNothing was deleted.\n',
    });
    expect(await dlq(['purge'], { answer: 'purge' })).toMatchObject({ exitCode: 0 });
    expect(await bodies(deadLetters)).toEqual([]);
  });

  it('does not ask with --yes', async () => {
    const { dlq, bodies, deadLetters } = await filled();
    expect(await dlq(['purge', '--yes'])).toMatchObject({
      exitCode: 0,
      stderr: 'Deleted about 5 dead letters of a test.\n',
    });
    expect(await bodies(deadLetters)).toEqual([]);
  });
});
