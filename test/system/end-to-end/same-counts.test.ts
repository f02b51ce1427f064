import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figureIn } from '../../../src/cli/demo/sent-emails.ts';
import { readRecords, sumMetrics } from '../../../src/cli/demo/stack-contents.ts';
import { MinuteSeries } from '../../../src/console/live/live-state.ts';
import { ledgerReader } from '../../../src/ledger/read/reader.ts';
import { addCounts, groupsByTime, noCounts } from '../../../src/ledger/read/statistics.ts';
import type { LocalStack } from '../../../src/local/stack.ts';
import { DAY_MS, HOUR_MS } from '../../../src/shared/time.ts';
import { s3EventRecord, s3Message } from '../../builders/s3-event.ts';
import { type Burst, burst, DIGEST_TO, emailsTo, startEmailStack } from './email-fixture.ts';

const UPLOADS = 30;

/** Events that are no uploads, as S3 tells of them: a version deleted, expiries, and an object restored. */
const OTHERS = [
  ['ObjectRemoved:Delete', 'v1'],
  ['LifecycleExpiration:Delete', undefined],
  ['LifecycleExpiration:Delete', undefined],
  ['LifecycleExpiration:DeleteMarkerCreated', 'm1'],
  ['ObjectRestore:Completed', undefined],
] as const;

describe('a run with uploads, deletes, expiries and restores', () => {
  let stack: LocalStack;
  let done: Burst;

  beforeAll(async () => {
    stack = await startEmailStack();
    done = await burst(stack, UPLOADS, 1);
    await stack.drained();
    const { clients, bucketName: Bucket, queueUrl: QueueUrl } = stack;
    for (const at of [1, 2, 3]) await clients.s3.send(new DeleteObjectCommand({ Bucket, Key: `usual/1-${at}.txt` }));
    const eventTime = new Date().toISOString();
    const events = OTHERS.map(([eventName, versionId], at) => {
      const object = { sequencer: `0067B2F0A41C5D3E${at}F`, ...(versionId !== undefined && { versionId }) };
      return s3EventRecord({ eventName, eventTime, bucket: Bucket, key: `old/${at}.txt`, object });
    });
    await clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: s3Message(...events) }));
    await stack.notifier.flush();
    await stack.drained();
    await stack.scheduler.tickNow();
    await stack.drained();
  });

  afterAll(() => stack?.close());

  it('has the same number of uploads in the ledger, stats, the digest, the console and the metrics', async () => {
    const records = await readRecords(stack);
    expect(records).toHaveLength(UPLOADS + 3 + OTHERS.length);
    const [email] = await emailsTo(stack, DIGEST_TO);
    const metrics = sumMetrics(stack.metrics);
    expect({
      ledger: records.filter(({ status }) => status === 'uploaded').length,
      stats: (await countsInStats(stack)).uploads,
      digest: email && figureIn(email, 'Uploads'),
      console: uploadsInConsole(records),
      metrics: [metrics.UploadsRecorded, metrics.UploadsStored],
    }).toEqual({ ledger: UPLOADS, stats: UPLOADS, digest: UPLOADS, console: UPLOADS, metrics: [UPLOADS, UPLOADS] });
  });

  it('has the same bytes of uploads in the digest and the metrics', async () => {
    const [email] = await emailsTo(stack, DIGEST_TO);
    expect([email && figureIn(email, 'Size'), sumMetrics(stack.metrics).UploadBytes]).toEqual([done.bytes, done.bytes]);
  });

  it('tells in stats, digest and metrics of what was no upload, each kind apart', async () => {
    const [email] = await emailsTo(stack, DIGEST_TO);
    const told = ['Objects deleted', 'Versions deleted', 'Restores'].map((label) => email && figureIn(email, label));
    // An expiry without a version id is of an object, and so is a delete marker.
    expect(told).toEqual([6, 1, 1]);
    expect(await countsInStats(stack)).toMatchObject({
      bytes: done.bytes,
      deletes: 6,
      versionsDeleted: 1,
      restores: 1,
    });
    expect(sumMetrics(stack.metrics)).toMatchObject({ DeletesStored: 4, ExpirationsStored: 3, RestoresStored: 1 });
  });
});

async function countsInStats({ clients, tableName, indexShards }: LocalStack) {
  const range = { since: new Date(Date.now() - DAY_MS), until: new Date(Date.now() + HOUR_MS) };
  const records = ledgerReader({ client: clients.dynamodb, tableName, indexShards }).newest(range);
  const total = noCounts();
  for await (const group of groupsByTime(records, 'day', range)) addCounts(total, group);
  return total;
}

function uploadsInConsole(records: Awaited<ReturnType<typeof readRecords>>): number {
  const now = Date.now();
  const series = new MinuteSeries();
  for (const record of records) series.add(record, now);
  return series.all(now).reduce((sum, { uploads }) => uploads.reduce((all, count) => all + count, sum), 0);
}
