import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { POISON, planDemo } from '../../../src/cli/demo/plan.ts';
import { runDemo } from '../../../src/cli/demo/run-demo.ts';
import { readRecords } from '../../../src/cli/demo/stack-contents.ts';
import { toResources } from '../../../src/cli/ledger-resources.ts';
import { TABLE } from '../../../src/contract/table.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import type { LocalStack } from '../../../src/local/stack.ts';
import { s3EventRecord, s3Message } from '../../builders/s3-event.ts';
import type { BuiltCli, Ended } from './built-cli.ts';

/** A local stack after a demo of so many uploads, and the built command that finds it. */
export interface Tour {
  readonly stack: LocalStack;
  readonly uploads: number;
  /** Runs a command that must exit with `exitCode`, and gives what it writes. */
  expect(exitCode: number, ...args: readonly string[]): Promise<Ended>;
  /** The objects that a command with `--json` writes, one a line. */
  json(exitCode: number, ...args: readonly string[]): Promise<Record<string, unknown>[]>;
  readonly cli: BuiltCli;
}

/** Uploads as `npm run demo` does, and tells the command where. */
export async function startTour(stack: LocalStack, cli: BuiltCli, uploads: number): Promise<Tour> {
  const { outputs, region } = stack.resources;
  const resources = toResources(outputs, 'the local stack', region);
  const ticks = stack.resources.schedules.map(({ name, input }) => ({ name, input }));
  await cli.announce({ pid: process.pid, startedAt: 1, endpoints: stack.servers.endpoints, ticks, ...resources });
  await runDemo(stack, planDemo(uploads, 7));
  const expect = async (exitCode: number, ...args: readonly string[]) => {
    const ended = await cli.run(...args);
    assert.equal(ended.exitCode, exitCode, `upload-ledger ${args.join(' ')}: ${ended.stdout}${ended.stderr}`);
    return ended;
  };
  const json: Tour['json'] = async (exitCode, ...args) => {
    const { stdout } = await expect(exitCode, ...args, '--json');
    return stdout === '' ? [] : linesOf(stdout).map((line) => JSON.parse(line));
  };
  return { stack, uploads, expect, json, cli };
}

/** `list`, `show`, `stats` and `tail`. */
export async function tourLookUps({ uploads, expect, json, stack, cli }: Tour): Promise<void> {
  const everything = await json(0, 'list', '--since', '1d');
  assert.equal(everything.length, uploads + 1, 'one record an upload, and one of the delete');
  const { stdout: csv } = await expect(0, 'list', '--since', '1d', '--csv');
  assert.equal(linesOf(csv).length, uploads + 2);
  assert.match(csv, /'=SUM/);
  const alices = await json(0, 'list', '--uploader', 'alice', '--status', 'uploaded');
  assert.ok(alices.length > 0 && alices.every(({ uploader }) => uploader === 'alice'));
  const emoji = `s3://${stack.bucketName}/uploads/emoji 🎉👩‍👩‍👧.png`;
  assert.match((await expect(0, 'show', emoji)).stdout, /image\/png by its extension \(image\)/);
  await expect(1, 'show', `s3://${stack.bucketName}/nowhere`);
  const groups = await json(0, 'stats', '--by', 'uploader', '--since', '1d');
  assert.equal(
    groups.reduce((sum, group) => sum + Number(group.uploads), 0),
    uploads,
  );
  await tourTail(cli);
}

async function tourTail(cli: BuiltCli): Promise<void> {
  const child = cli.start(['tail', '--last', '5', '--json']);
  const lines = createInterface(child.stdout);
  let count = 0;
  for await (const _ of lines) {
    count += 1;
    if (count === 5) break;
  }
  child.kill('SIGINT');
  const [exitCode] = await once(child, 'close');
  assert.deepEqual({ count, exitCode }, { count: 5, exitCode: 130 });
}

/** `dlq` with all that it can. The demo leaves three messages that no retry cures. */
export async function tourDeadLetters(tour: Tour): Promise<void> {
  const { stack, expect, json, cli } = tour;
  const groups = await json(0, 'dlq', 'list');
  assert.deepEqual(
    groups.map(({ reason, count }) => [reason, count]).sort(),
    POISON.map(({ reason }) => [reason, 1]).sort(),
  );
  const example = groups[0]?.example as { id: string };
  assert.match((await expect(0, 'dlq', 'show', example.id)).stdout, /would fail again/);
  await expect(1, 'dlq', 'show', 'nobody');

  const forgotten = await forgetSome(tour, 12);
  for (const record of forgotten) await sendDeadLetter(stack, record);
  const [rehearsal] = await json(0, 'dlq', 'redrive', '--dry-run');
  assert.deepEqual([rehearsal?.looked, rehearsal?.would_move, rehearsal?.moved], [15, 12, 0]);
  const [report] = await json(0, 'dlq', 'redrive', '--rate', '50');
  assert.deepEqual([report?.moved, report?.end], [12, 'empty']);
  await stack.drained();
  assert.deepEqual(keysOf(await recordsOf(tour, forgotten)), keysOf(forgotten), 'a redrive brings the records back');

  const file = path.join(cli.directory, 'dead-letters.jsonl');
  await expect(0, 'dlq', 'export', file);
  assert.deepEqual(
    linesOf(await readFile(file, 'utf8'))
      .map((line) => JSON.parse(line).body)
      .sort(),
    POISON.map(({ body }) => body).sort(),
  );
  const [returned] = await json(1, 'dlq', 'redrive', '--all');
  assert.equal(returned?.end, 'canary');
  await expect(2, 'dlq', 'purge');
  await expect(0, 'dlq', 'purge', '--yes');
  assert.deepEqual(await json(0, 'dlq', 'list'), []);
}

/** `reconcile` and `backfill`. */
export async function tourBucketCommands(tour: Tour): Promise<void> {
  const { stack, expect, json } = tour;
  const bucket = `s3://${stack.bucketName}`;
  const [clean] = await json(0, 'reconcile', bucket);
  assert.deepEqual([clean?.missing, clean?.different, clean?.gone, clean?.completeness], [0, 0, 0, 1]);

  const forgotten = await forgetSome(tour, 7);
  const findings = await json(1, 'reconcile', bucket);
  assert.deepEqual(
    findings
      .filter(({ summary }) => !summary)
      .map(({ finding, s3_key }) => `${finding} ${s3_key}`)
      .sort(),
    forgotten.map(({ s3_key }) => `missing ${s3_key}`).sort(),
    'exactly the records that were deleted',
  );
  await json(0, 'reconcile', bucket, '--max-missing', '7');
  await expect(0, 'reconcile', bucket, '--repair');
  const [repaired] = await json(0, 'reconcile', bucket);
  assert.equal(repaired?.completeness, 1);

  await forgetSome(tour, 3);
  const [filled] = await json(0, 'backfill', bucket, '--rate', '2000');
  assert.equal(filled?.written, 3);
  const [again] = await json(0, 'backfill', bucket, '--rate', '2000');
  assert.equal(again?.written, 0);
}

/** Takes records out of the table: of objects that have one alone. */
async function forgetSome({ stack }: Tour, count: number): Promise<LedgerRecord[]> {
  const { clients, tableName } = stack;
  const histories = Map.groupBy(await readRecords(stack), ({ s3_object }) => s3_object);
  const forgotten = [...histories.values()]
    .flatMap((records) => (records.length === 1 ? records : []))
    .filter(({ source }) => source === 'notification')
    .slice(0, count);
  for (const { s3_object, upload_id } of forgotten) {
    const Key = { [TABLE.partitionKey]: { S: s3_object }, [TABLE.sortKey]: { S: upload_id } };
    await clients.dynamodb.send(new DeleteItemCommand({ TableName: tableName, Key }));
  }
  return forgotten;
}

async function recordsOf({ stack }: Tour, some: readonly LedgerRecord[]): Promise<LedgerRecord[]> {
  const objects = new Set(some.map(({ s3_object }) => s3_object));
  return (await readRecords(stack)).filter(({ s3_object }) => objects.has(s3_object));
}

/** What S3 would have sent for a record, as a message that has used up its retries. */
async function sendDeadLetter({ clients, deadLetterQueueUrl }: LocalStack, record: LedgerRecord): Promise<void> {
  const { s3_key: key, s3_bucket: bucket, filesize: size, etag: eTag, upload_id, timestamp, event_name } = record;
  const sequencer = upload_id.slice(0, 18);
  const object = { size, eTag, sequencer };
  const event = s3EventRecord({ key, bucket, eventName: event_name, eventTime: timestamp, object });
  await clients.sqs.send(new SendMessageCommand({ QueueUrl: deadLetterQueueUrl, MessageBody: s3Message(event) }));
}

function keysOf(records: readonly LedgerRecord[]): string[] {
  return records.map(({ s3_object, upload_id }) => `${s3_object} ${upload_id}`).sort();
}

function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}
