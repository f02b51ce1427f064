import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ledgerReader } from '../../../src/ledger/read/reader.ts';
import { type LocalStack, startLocalStack } from '../../../src/local/stack.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';

let stack: LocalStack;

beforeAll(async () => {
  stack = await startLocalStack({ assemblyDirectory: assemblyDirectory('metadata') });
});

afterAll(() => stack?.close());

const put = (Key: string, Metadata: Record<string, string> = {}) =>
  stack.clients.s3.send(new PutObjectCommand({ Bucket: stack.bucketName, Key, Body: Key, Metadata }));

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
    found.set(s3_key, [...(found.get(s3_key) ?? []), `${status} by ${who} (${uploader_source})`].sort());
  }
  expect(Object.fromEntries(found)).toEqual({
    'named.txt': ['deleted by the signer (principal)', 'uploaded by carol (metadata)'],
    'uploads/alice/by-key.txt': ['uploaded by alice (key-template)'],
    'unnamed.txt': ['uploaded by the signer (principal)'],
    'replaced.txt': ['uploaded by dave (metadata)', 'uploaded by erin (metadata)'],
  });
});
