import { readFileSync } from 'node:fs';
import path from 'node:path';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { currentState } from '../../../src/ledger/current-state.ts';
import { historyOf } from '../../../src/ledger/read/history.ts';
import { type LocalStack, startLocalStack } from '../../../src/local/stack.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';

const CASES = path.resolve(import.meta.dirname, '../../fixtures/cases');

const bodiesOf = (file: string): readonly object[] => JSON.parse(readFileSync(path.join(CASES, file), 'utf8'));

const BUCKET = 'acme-uploads';

describe('expiries, restores and versions in the whole local stack', () => {
  let stack: LocalStack;

  beforeAll(async () => {
    stack = await startLocalStack({ assemblyDirectory: assemblyDirectory() });
    for (const body of ['expiry-and-restore.json', 'versions.json'].flatMap(bodiesOf)) {
      const MessageBody = JSON.stringify(body);
      await stack.clients.sqs.send(new SendMessageCommand({ QueueUrl: stack.queueUrl, MessageBody }));
    }
    await stack.drained();
  });

  afterAll(() => stack?.close());

  const history = (key: string, order: 'oldest-first' | 'newest-first' = 'oldest-first') =>
    historyOf({ client: stack.clients.dynamodb, tableName: stack.tableName, indexShards: 1 }, BUCKET, key, { order });

  it.each([
    ['lc/expired.txt', ['uploaded by alice', 'deleted by s3.amazonaws.com']],
    ['lc/same-message.txt', ['uploaded by alice', 'deleted by s3.amazonaws.com']],
    [
      'lc/restored-twice.bin',
      ['uploaded by alice', 'restored by AmazonCustomer:A2EXAMPLE', 'restored by AmazonCustomer:A2EXAMPLE'],
    ],
  ])('keep every record of %s, in order', async (key, expected) => {
    const records = await Array.fromAsync(history(key));
    expect(records.map(({ status, uploader }) => `${status} by ${uploader}`)).toEqual(expected);
  });

  it.each([
    ['ver/noncurrent.txt', 'v2aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 20],
    ['ver/undeleted.txt', 'v1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 10],
    ['ver/rollback.txt', 'v1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 10],
  ])('give %s the version that its bucket has', async (key, version_id, filesize) => {
    const state = await currentState(history(key, 'newest-first'));
    expect(state).toMatchObject({ exists: true, record: { version_id, filesize } });
  });
});
