import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ledgerReader } from '../../../src/ledger/read/reader.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { type LocalStack, startLocalStack } from '../../../src/local/stack.ts';
import { s3EventRecord, s3Message } from '../../builders/s3-event.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';

let stack: LocalStack;

beforeAll(async () => {
  stack = await startLocalStack({ assemblyDirectory: assemblyDirectory('metadata') });
});

afterAll(() => stack?.close());

const put = (Key: string, Metadata: Record<string, string> = {}) =>
  stack.clients.s3.send(new PutObjectCommand({ Bucket: stack.bucketName, Key, Body: Key, Metadata }));

/** Every record of an object, newest first. */
async function historyOf(key: string): Promise<LedgerRecord[]> {
  const { clients, tableName, indexShards } = stack;
  const reader = ledgerReader({ client: clients.dynamodb, tableName, indexShards });
  const records = await Array.fromAsync(reader.all());
  return records.filter(({ s3_key }) => s3_key === key);
}

/** The message of S3 that made a record. */
function messageOf({ s3_bucket, s3_key, timestamp, upload_id, filesize, etag }: LedgerRecord): string {
  const object = { size: filesize, eTag: etag, sequencer: upload_id.slice(0, 18) };
  return s3Message(s3EventRecord({ bucket: s3_bucket, key: s3_key, eventTime: timestamp, object }));
}

it('records a name that a presigned URL carries in any script, so that it is found by it', async () => {
  const Metadata = { uploader: 'Jürgen Groß' };
  const command = new PutObjectCommand({ Bucket: stack.bucketName, Key: 'script.txt', Metadata });
  const url = await getSignedUrl(stack.clients.s3, command);
  expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(200);
  await stack.drained();
  expect(await historyOf('script.txt')).toMatchObject([
    {
      uploader: 'Jürgen Groß',
      uploader_source: 'metadata',
      uploader_shard: expect.stringMatching(/^Jürgen Groß#\d\d$/),
    },
  ]);
});

it('keeps the name when the message comes again after the object was deleted', async () => {
  await put('again.txt', { uploader: 'carol' });
  await stack.drained();
  const [record] = await historyOf('again.txt');
  if (record === undefined) throw new Error('Expected a record of again.txt.');
  expect(record).toMatchObject({ uploader: 'carol', uploader_source: 'metadata' });
  await stack.clients.s3.send(new DeleteObjectCommand({ Bucket: stack.bucketName, Key: 'again.txt' }));
  await stack.drained();
  const command = new SendMessageCommand({ QueueUrl: stack.queueUrl, MessageBody: messageOf(record) });
  await stack.clients.sqs.send(command);
  await stack.drained();
  const [deleted, ...uploads] = (await historyOf('again.txt')).sort((a, b) => (a.status < b.status ? -1 : 1));
  expect(deleted?.status).toBe('deleted');
  expect(uploads).toEqual([record]);
});

it('records the uploader that the metadata name, else the signer', async () => {
  await put('named.txt', { uploader: 'carol' });
  await put('uploads/alice/by-key.txt', { uploader: 'carol' });
  await put('unnamed.txt');
  await put('replaced.txt', { uploader: 'dave' });
  await stack.drained();
  await put('replaced.txt', { uploader: 'erin' });
  await stack.clients.s3.send(new DeleteObjectCommand({ Bucket: stack.bucketName, Key: 'named.txt' }));
  await stack.drained();
  const { clients, tableName, indexShards } = stack;
  const reader = ledgerReader({ client: clients.dynamodb, tableName, indexShards });
  const found = new Map<string, (string | undefined)[]>();
  for await (const { s3_key, status, uploader, uploader_source } of reader.all()) {
    const who = uploader_source === 'principal' ? 'the signer' : uploader;
    if (s3_key === 'script.txt' || s3_key === 'again.txt') continue;
    found.set(s3_key, [...(found.get(s3_key) ?? []), `${status} by ${who} (${uploader_source})`].sort());
  }
  expect(Object.fromEntries(found)).toEqual({
    'named.txt': ['deleted by the signer (principal)', 'uploaded by carol (metadata)'],
    'uploads/alice/by-key.txt': ['uploaded by alice (key-template)'],
    'unnamed.txt': ['uploaded by the signer (principal)'],
    'replaced.txt': ['uploaded by dave (metadata)', 'uploaded by erin (metadata)'],
  });
});
