import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parse } from 'parse5';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { OpenLedger } from '../../../src/cli/connection.ts';
import { digestTickInput } from '../../../src/contract/digest-tick.ts';
import type { ListedDigest } from '../../../src/contract/outputs.ts';
import { summarise } from '../../../src/digest/summary/summarise.ts';
import { putSummary } from '../../../src/digest/summary/summary-store.ts';
import { parseMessageBody } from '../../../src/notification/parse-message.ts';
import { manualClock } from '../../builders/manual-clock.ts';
import { type SqsServer, startSqs } from '../../dead-letters/sqs-server.ts';
import { records } from '../../digest/records.ts';
import { type DynamoDBServer, startDynamoDB, TABLE_NAME } from '../../ledger/dynamodb-server.ts';
import { ledgerOf, linesOf, NOW, runCli } from '../cli.ts';

let server: DynamoDBServer;
let sqs: SqsServer;
let queueUrl: string;

beforeAll(async () => {
  [server, sqs] = await Promise.all([startDynamoDB(), startSqs()]);
  queueUrl = await sqs.createQueue('uploads');
  const summary = summarise(records(3), { failed: 0, quarantined: 0, heldBack: [], now: NOW.getTime() });
  await putSummary(summary, {
    client: server.client,
    tableName: TABLE_NAME,
    clock: manualClock({ time: NOW.getTime() - 60_000 }),
    deadline: NOW.getTime(),
    stamp: { time: new Date(NOW.getTime() - 60_000).toISOString(), requestId: 'request' },
  });
});
afterAll(async () => {
  await Promise.all([server.close(), sqs.close()]);
});

const DAILY = { name: 'daily', timeZone: 'Europe/Berlin' };

function ledger(digests: readonly ListedDigest[], parts: Partial<OpenLedger> = {}): OpenLedger {
  const queues = { client: sqs.client, queueUrl, deadLetterQueueUrl: '' };
  const opened = ledgerOf({ client: server.client, tableName: TABLE_NAME, indexShards: 1 }, queues);
  return { ...opened, resources: { ...opened.resources, digests }, ...parts };
}

describe('digest preview', () => {
  it('shows subject and text in the time zone of the digest, and sends nothing', async () => {
    const { stdout, stderr, exitCode } = await runCli(['digest', 'preview'], { ledger: ledger([DAILY]) });
    const lines = linesOf(stdout);
    expect(lines[0]).toMatch(/^3 uploads, 3\.0 kB in 24 h: acme-uploads/);
    expect(lines).toContain('Digest daily');
    expect(stdout).toMatch(/^Size +3\.0 kB \(3,000 bytes\)$/m);
    expect(stdout).toContain('22 Nov 2026, 13:00:00 CET');
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(await server.storedKeys()).toHaveLength(1);
  });

  it('says that there were no uploads', async () => {
    const later = () => new Date(NOW.getTime() + 30 * 24 * 60 * 60 * 1000);
    const { stdout } = await runCli(['digest', 'preview'], { ledger: ledger([DAILY]), now: later });
    expect(linesOf(stdout)[0]).toMatch(/^No uploads/);
  });

  it('writes the HTML to a file, and says where', async () => {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'digest-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const file = path.join(directory, 'digest.html');
    const { stdout, stderr } = await runCli(['digest', 'preview', '--html', file], { ledger: ledger([DAILY]) });
    const html = await readFile(file, 'utf8');
    expect(parse(html).childNodes.map(({ nodeName }) => nodeName)).toContain('html');
    expect(html).toContain('3,000');
    expect(stdout).toContain('Digest daily');
    expect(stderr).toBe(`The HTML is in ${file}.\n`);
  });

  it('asks for a name when there are several digests, and lists them', async () => {
    const both = ledger([DAILY, { name: 'weekly', timeZone: 'UTC' }]);
    expect((await runCli(['digest', 'preview', '--name', 'weekly'], { ledger: both })).stdout).toContain(
      'Digest weekly',
    );
    for (const args of [[], ['--name', 'monthly']]) {
      const { stderr, exitCode } = await runCli(['digest', 'preview', ...args], { ledger: both });
      expect(stderr).toContain('daily, weekly');
      expect(exitCode).toBe(2);
    }
  });

  it.each([
    ['a stack without digests', () => ledger([]), [], /sends no digest: configure one/],
    [
      'a file that cannot be written',
      () => ledger([DAILY]),
      ['--html', '/nowhere/digest.html'],
      /cannot open \/nowhere/,
    ],
  ])('fails with one line for %s', async (_, opened, args, message) => {
    const { stderr, exitCode } = await runCli(['digest', 'preview', ...args], { ledger: opened() });
    expect(linesOf(stderr)).toHaveLength(1);
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(2);
  });
});

describe('digest tick', () => {
  const ticks = ['daily', 'weekly'].map((name) => ({
    name,
    input: digestTickInput(name),
  }));
  const received = async () => (await sqs.receive(queueUrl)).map(({ Body = '' }) => parseMessageBody(Body));

  it('sends the ticks of the local stack, which cover everything until now', async () => {
    const { stdout, connections } = await runCli(['digest', 'tick'], { ledger: ledger([DAILY], { ticks }) });
    expect(linesOf(stdout)).toHaveLength(2);
    expect(connections).toEqual([{ local: true }]);
    const until = NOW.toISOString();
    const sent = await received();
    expect(sent).toMatchObject(ticks.map(({ name }) => ({ kind: 'digest-tick', tick: { until, digestName: name } })));
  });

  it('sends one digest by its name, and rejects an unknown name', async () => {
    await runCli(['digest', 'tick', '--name', 'weekly'], { ledger: ledger([DAILY], { ticks }) });
    expect(await received()).toMatchObject([{ tick: { digestName: 'weekly' } }]);
    const { stderr, exitCode } = await runCli(['digest', 'tick', '--name', 'x'], {
      ledger: ledger([DAILY], { ticks }),
    });
    expect(stderr).toContain('its digests are daily, weekly');
    expect(exitCode).toBe(2);
    expect((await runCli(['digest', 'tick'], { ledger: ledger([]) })).stderr).toContain('sends no digest');
  });
});
