import { readFileSync } from 'node:fs';
import path from 'node:path';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readDeadLetters, readRecords } from '../../../src/cli/demo/stack-contents.ts';
import { type LocalStack, startLocalStack } from '../../../src/local/stack.ts';
import { s3EventRecord, s3Message } from '../../builders/s3-event.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';

const FIXTURES = path.resolve(import.meta.dirname, '../../fixtures/events');
const fixture = (name: string) => readFileSync(path.join(FIXTURES, `${name}.json`), 'utf8');

/** A put of one object, with the sequencer that generators of test events write into every event. */
function generated(eventTime: string): string {
  return s3Message(s3EventRecord({ key: 'generated.txt', eventTime, object: { sequencer: '0A1B2C3D4E5F678901' } }));
}

let stack: LocalStack;

beforeAll(async () => {
  stack = await startLocalStack({ assemblyDirectory: assemblyDirectory() });
  const bodies = [
    ...['ceph-put-plus', 'ceph-put-older', 'minio-put-tagging', 'noobaa-put'].map(fixture),
    ...['2026-11-22T10:15:30.000Z', '2026-11-22T10:15:31.000Z'].map(generated),
  ];
  for (const MessageBody of bodies) {
    await stack.clients.sqs.send(new SendMessageCommand({ QueueUrl: stack.queueUrl, MessageBody }));
  }
  await stack.drained();
});

afterAll(() => stack?.close());

it('records what other stores and generators send under the keys that they mean, and no change of tags', async () => {
  const keys = (await readRecords(stack)).map(({ s3_key }) => s3_key).sort();
  const expected = ['generated.txt', 'generated.txt', 'photos/red flower.jpg', 'reports/100%.txt', 'reports/a+b.txt'];
  expect(keys).toEqual(expected);
  expect(await readDeadLetters(stack)).toEqual([]);
});
