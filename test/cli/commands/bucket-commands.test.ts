import { gzipSync } from 'node:zlib';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { PurgeQueueCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OpenLedger } from '../../../src/cli/connection.ts';
import { StopReason } from '../../../src/cli/errors.ts';
import type { RecordedScope } from '../../../src/ledger/reconcile/recorded-scope.ts';
import { s3EventRecord, s3Message } from '../../builders/s3-event.ts';
import { BUCKET, type BucketWorld, openBucketWorld } from '../../ledger/reconcile/bucket-world.ts';
import { type CliWorld, ledgerOf, linesOf, runCli } from '../cli.ts';
import { HOSTILE_KEYS, RAW } from '../hostile-keys.ts';

let world: BucketWorld;
let ledger: OpenLedger;
let [queueUrl, deadLetterQueueUrl] = ['', ''];

beforeAll(async () => {
  world = await openBucketWorld();
  [queueUrl, deadLetterQueueUrl] = await Promise.all([world.createQueue('uploads'), world.createQueue('dead')]);
  const { clients, ...opened } = ledgerOf(world.table, { client: impatient(), queueUrl, deadLetterQueueUrl });
  ledger = { ...opened, isLocal: true, clients: { ...clients, s3: async () => world.s3 } };
});
afterEach(async () => {
  await world.clear();
  for (const QueueUrl of [queueUrl, deadLetterQueueUrl])
    await world.services.sqs.send(new PurgeQueueCommand({ QueueUrl }));
});
afterAll(() => world.close());

const cli = (args: readonly string[], options: CliWorld = {}) =>
  runCli(args, { ledger, now: () => new Date(), ...options });

/** Finds out at once that a queue is empty: the emulator needs no long poll to be sure. */
function impatient(): SQSClient {
  const send = (command: { input: object }) => {
    if (command.constructor.name === 'ReceiveMessageCommand') Object.assign(command.input, { WaitTimeSeconds: 0 });
    return world.services.sqs.send(command as never);
  };
  return { send } as unknown as SQSClient;
}

/** A message in the dead-letter queue that tells of the last change of an object. */
async function sendToDeadLetters(key: string): Promise<void> {
  const { eTag, size } = world.services.changes.findLast((change) => change.key === key) ?? {};
  const event = s3EventRecord({ key, bucket: BUCKET, object: { eTag, size } });
  await world.services.sqs.send(
    new SendMessageCommand({ QueueUrl: deadLetterQueueUrl, MessageBody: s3Message(event) }),
  );
}

/** What differs from run to run, made the same. */
function steady(text: string): string {
  return text.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, '2026-11-22 10:00:00');
}

/** S3 that lists one object a page. */
function onePerPage(onListing: () => void = () => undefined): OpenLedger['clients']['s3'] {
  const send = (command: { input: object }) => {
    if (command.constructor.name === 'ListObjectsV2Command') {
      Object.assign(command.input, { MaxKeys: 1 });
      onListing();
    }
    return world.s3.send(command as never);
  };
  return async () => ({ send }) as unknown as S3Client;
}

async function put(count: number, seen: 'seen' | 'unseen'): Promise<void> {
  for (let number = 0; number < count; number += 1) await world.put(`${seen}/${number}.txt`, 'x', seen);
}

/** The ledger of a stack that records no more than this. */
function recording(recorded: RecordedScope): OpenLedger {
  return { ...ledger, resources: { ...ledger.resources, recorded } };
}

describe('backfill', () => {
  it('reports what it found and wrote', async () => {
    await put(3, 'seen');
    await put(2, 'unseen');
    expect(linesOf((await cli(['backfill', `s3://${BUCKET}`, '--dry-run'])).stdout)).toEqual([
      '  objects           5',
      '  had a record      3',
      '  would be written  2',
    ]);
    const { stdout, stderr, exitCode } = await cli(['backfill', `s3://${BUCKET}`, '--json']);
    expect(JSON.parse(stdout)).toEqual({
      dry_run: false,
      objects: 5,
      written: 2,
      recorded: 3,
      too_recent: 0,
      in_dead_letters: 0,
      excluded: 0,
      expired: 0,
      too_large: 0,
      grace_seconds: 0,
    });
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(await world.records()).toHaveLength(5);
  });

  it('keeps to its prefix, and starts after a key', async () => {
    await put(3, 'unseen');
    await world.put('unseenother', 'x', 'unseen');
    const args = ['backfill', `s3://${BUCKET}/unseen/`, '--start-after', 'unseen/0.txt', '--json'];
    expect(JSON.parse((await cli(args)).stdout)).toMatchObject({ objects: 2, written: 2 });
  });

  it('leaves recent objects to their notifications on AWS', async () => {
    await put(2, 'unseen');
    const cloudwatch = async () => ({ send: async () => ({ Datapoints: [] }) }) as never;
    const onAws = { ledger: { ...ledger, isLocal: false, clients: { ...ledger.clients, cloudwatch } } };
    const report = async (...args: string[]) => {
      return JSON.parse((await cli(['backfill', `s3://${BUCKET}`, '--json', ...args], onAws)).stdout);
    };
    expect(await report()).toMatchObject({ written: 0, too_recent: 2 });
    expect(await report('--grace', '0s')).toMatchObject({ written: 2 });
  });

  it('leaves what waits in the dead-letter queue to a redrive', async () => {
    await put(2, 'unseen');
    await sendToDeadLetters('unseen/1.txt');
    const { stdout } = await cli(['backfill', `s3://${BUCKET}`]);
    expect(linesOf(stdout)).toContain('  in dead letters  1, left to "dlq redrive"');
    expect((await world.records()).map(({ s3_key }) => s3_key)).toEqual(['unseen/0.txt']);
  });

  it('writes no record of what the stack does not record', async () => {
    for (const key of ['in/a.pdf', 'in/b.tmp', 'out/c.pdf']) await world.put(key, 'x', 'unseen');
    const { stdout } = await cli(['backfill', `s3://${BUCKET}`, '--json'], {
      ledger: recording({ prefix: 'in/', suffix: '.pdf' }),
    });
    expect(JSON.parse(stdout)).toMatchObject({ objects: 3, written: 1, excluded: 2 });
    expect((await world.records()).map(({ s3_key }) => s3_key)).toEqual(['in/a.pdf']);
  });

  it('says how to resume when it is stopped', async () => {
    await put(3, 'unseen');
    const key = `it's "unseen"`;
    await world.put(key, 'x', 'unseen');
    let stop: AbortController | undefined;
    let listings = 0;
    const s3 = onePerPage(() => {
      listings += 1;
      // The second listing is read ahead while the first object is seen to; the third comes after it.
      if (listings === 3) stop?.abort(new StopReason('interrupted', 130));
    });
    const stopped = { ...ledger, clients: { ...ledger.clients, s3 } };
    const prepare: CliWorld['prepare'] = (_, controller) => {
      stop = controller;
    };
    const { stderr, exitCode } = await cli(['backfill', `s3://${BUCKET}`], { ledger: stopped, prepare });
    expect(exitCode).toBe(130);
    expect(stderr).toContain(`To continue: upload-ledger backfill s3://${BUCKET}/ --start-after 'it'\\''s "unseen"'\n`);
    await cli(['backfill', `s3://${BUCKET}`, '--start-after', key]);
    expect(await world.records()).toHaveLength(4);
  });

  it('says in one line which file and row of an inventory cannot be used, and not to repeat the same', async () => {
    const row = `"${BUCKET}","a","1","2020-01-01T00:00:00.000Z","e"\n`;
    const manifest = {
      sourceBucket: BUCKET,
      destinationBucket: `arn:aws:s3:::${BUCKET}`,
      fileFormat: 'CSV',
      fileSchema: 'Bucket, Key, Size, LastModifiedDate, ETag',
      files: [{ key: 'lists/1.csv.gz', size: 1 }],
    };
    const put = (Key: string, Body: string | Buffer) =>
      world.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
    await put('lists/manifest.json', JSON.stringify(manifest));
    await put('lists/1.csv.gz', gzipSync(`${row.repeat(1500)}${row.replace('"a"', '"%"')}`));
    const { stderr, exitCode } = await cli([
      ...['backfill', `s3://${BUCKET}`, '--inventory', `s3://${BUCKET}/lists/manifest.json`],
    ]);
    expect(stderr).toBe(
      'upload-ledger: the inventory cannot be used: row 1501 of lists/1.csv.gz: expected Key to be a form-urlencoded key in UTF-8, got "%": take a newer one\n',
    );
    expect(exitCode).toBe(2);
  });

  it('says that there is no such bucket', async () => {
    expect(await cli(['backfill', 's3://nobodys'])).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringMatching(/^upload-ledger: AWS answers NoSuchBucket: /),
    });
  });
});

describe('reconcile', () => {
  it('shows each finding, and how complete the ledger is', async () => {
    await put(3, 'seen');
    await put(2, 'unseen');
    await world.remove('seen/1.txt', 'unseen');
    const { stdout, stderr, exitCode } = await cli(['reconcile', `s3://${BUCKET}`]);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 1 });
    await expect(steady(stdout)).toMatchFileSnapshot('../golden/reconcile.txt');
  });

  it('exits with 0 when no more than --max-missing is missing', async () => {
    await put(2, 'unseen');
    expect((await cli(['reconcile', `s3://${BUCKET}`, '--max-missing', '1'])).exitCode).toBe(1);
    expect((await cli(['reconcile', `s3://${BUCKET}`, '--max-missing', '2'])).exitCode).toBe(0);
  });

  it('repairs, and finds nothing afterwards', async () => {
    await put(2, 'unseen');
    const repaired = await cli(['reconcile', `s3://${BUCKET}`, '--repair']);
    expect(repaired.exitCode).toBe(0);
    await expect(steady(repaired.stdout)).toMatchFileSnapshot('../golden/reconcile.repair.txt');
    const { stdout, exitCode } = await cli(['reconcile', `s3://${BUCKET}`, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ summary: true, objects: 2, recorded: 2, completeness: 1 });
    expect(exitCode).toBe(0);
  });

  it('writes one JSON object per finding, and a summary', async () => {
    await put(1, 'unseen');
    const { stdout } = await cli(['reconcile', `s3://${BUCKET}`, '--json']);
    expect(linesOf(stdout).map((line) => JSON.parse(line))).toMatchObject([
      { finding: 'missing', s3_key: 'unseen/0.txt', object: { filesize: 1 }, repaired: false },
      { summary: true, missing: 1, completeness: 0 },
    ]);
  });

  it('repairs nothing of which a message waits in the dead-letter queue, and says so', async () => {
    await put(1, 'unseen');
    await put(1, 'seen');
    await world.remove('seen/0.txt', 'unseen');
    for (const key of ['unseen/0.txt', 'seen/0.txt']) await sendToDeadLetters(key);
    const { stdout, stderr, exitCode } = await cli(['reconcile', `s3://${BUCKET}`, '--repair']);
    expect(stdout).toMatch(/^missing {4}redrive .* unseen\/0\.txt$/m);
    expect(stdout).toMatch(/^gone {7}redrive .* seen\/0\.txt$/m);
    expect(stderr).toContain('"dlq redrive" records those uploads');
    expect(exitCode).toBe(1);
    expect((await world.records()).map(({ s3_key }) => s3_key)).toEqual(['seen/0.txt']);
  });

  it('finds a ledger complete that has all that its stack records', async () => {
    for (const key of ['a.pdf', 'gone.pdf']) await world.put(key, 'x', 'seen');
    for (const key of ['b.bin', 'c.tmp']) await world.put(key, 'x', 'unseen');
    await world.remove('gone.pdf', 'unseen');
    const stack = recording({ suffix: '.pdf', events: ['ObjectCreated:*'] });
    const { stdout, exitCode } = await cli(['reconcile', `s3://${BUCKET}`, '--json', '--repair'], { ledger: stack });
    expect(linesOf(stdout).map((line) => JSON.parse(line))).toMatchObject([
      { summary: true, objects: 3, judged: 1, recorded: 1, excluded: 2, unclear: 1, gone: 0, completeness: 1 },
    ]);
    expect(exitCode).toBe(0);
    expect(await world.records()).toHaveLength(2);
  });

  it('does not say how complete the ledger is when nothing can be judged', async () => {
    await put(2, 'unseen');
    const args = ['reconcile', `s3://${BUCKET}`, '--grace', '15m'];
    const { stdout } = await cli(args);
    expect(linesOf(stdout).slice(-2)).toEqual([
      '  too recent to tell  2, younger than 15 min (made of parts: 8 d more)',
      '  complete            unknown: nothing could be checked',
    ]);
    const [summary] = linesOf((await cli([...args, '--json'])).stdout).map((line) => JSON.parse(line));
    expect(summary).toMatchObject({ judged: 0, too_recent: 2, grace_seconds: 900, completeness: null });
  });

  it('reports an upload with two records, and deletes the one that the notification has superseded', async () => {
    await put(1, 'unseen');
    await cli(['backfill', `s3://${BUCKET}`]);
    await world.record('unseen/0.txt');
    const { stdout, exitCode } = await cli(['reconcile', `s3://${BUCKET}`, '--json']);
    expect(linesOf(stdout).map((line) => JSON.parse(line))).toMatchObject([
      {
        finding: 'twice',
        s3_key: 'unseen/0.txt',
        record: { source: 'backfill' },
        superseded_by: { source: 'notification' },
        repaired: false,
      },
      { summary: true, recorded: 1, twice: 1, completeness: 0.5 },
    ]);
    expect(exitCode).toBe(1);
    const repaired = await cli(['reconcile', `s3://${BUCKET}`, '--repair']);
    expect(repaired.stdout).toMatch(/^twice {6}yes .* unseen\/0\.txt$/m);
    expect(repaired.exitCode).toBe(0);
    expect((await world.records()).map(({ source }) => source)).toEqual(['notification']);
  });

  it('writes its first finding before the last object is looked up', async () => {
    await put(5, 'unseen');
    let looks = 0;
    let looksAtFirstFinding: number | undefined;
    const client = {
      send: (command: object) => {
        looks += 1;
        return world.table.client.send(command as never);
      },
    } as never;
    const s3 = onePerPage();
    const watched = { ...ledger, clients: { ...ledger.clients, s3, dynamodb: async () => client } };
    const prepare: CliWorld['prepare'] = (stdout) => {
      stdout.onWrite = () => {
        looksAtFirstFinding ??= looks;
        return true;
      };
    };
    await cli(['reconcile', `s3://${BUCKET}`], { ledger: watched, prepare });
    expect(looksAtFirstFinding).toBe(1);
  });

  it('sends no key raw to the terminal', async () => {
    for (const key of HOSTILE_KEYS) await world.put(key, 'x', 'unseen');
    for (const args of [[], ['--json']]) {
      const { stdout } = await cli(['reconcile', `s3://${BUCKET}`, ...args], { columns: 100 });
      expect(linesOf(stdout).length).toBeGreaterThan(HOSTILE_KEYS.length);
      expect(linesOf(stdout).filter((line) => RAW.test(line))).toEqual([]);
    }
  });
});
