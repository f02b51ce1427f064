import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDeadLetters, readRecords } from '../../../src/cli/demo/stack-contents.ts';
import { QUARANTINE_ATTRIBUTES } from '../../../src/contract/quarantine.ts';
import { presignUpload } from '../../../src/local/s3/presign.ts';
import { type LocalStack, startLocalStack } from '../../../src/local/stack.ts';
import { s3EventRecord, s3Message } from '../../builders/s3-event.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';

const NOISE = Array.from({ length: 64 * 1024 }, (_, index) => String.fromCharCode(33 + ((index * 7919) % 90))).join('');

/** Unreadable messages, each with the reason that it must have in the dead-letter queue. SQS takes no empty body. */
const POISON = [
  ['an empty object', '{}', 'not-an-s3-event'],
  ['null', 'null', 'not-an-s3-event'],
  ['white space', ' ', 'empty-body'],
  ['no records', '{"Records":[]}', 'no-records'],
  ['records of the wrong type', '{"Records":"many"}', 'no-records'],
  ['64 KB of noise', NOISE, 'not-json'],
  ['a lone percent sign in the key', s3Message(s3EventRecord({ encodedKey: '100%' })), 'key-not-decodable'],
] as const;

const NEIGHBOURS = 20;

describe('unreadable messages among uploads', () => {
  let stack: LocalStack;
  const batches: { readonly size: number; readonly failures: number }[] = [];

  beforeAll(async () => {
    stack = await startLocalStack({ assemblyDirectory: assemblyDirectory(), onBatch: (batch) => batches.push(batch) });
    const { clients, bucketName, queueUrl } = stack;
    for (const [, body] of POISON) {
      await clients.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }));
    }
    for (let index = 0; index < NEIGHBOURS; index += 1) {
      const url = await presignUpload(clients.s3, { bucket: bucketName, key: `neighbour-${index}.txt` });
      await fetch(url, { method: 'PUT', body: 'content' });
    }
    await stack.drained();
  });

  afterAll(() => stack?.close());

  it('neither fail nor delay the uploads in their batch', async () => {
    expect(await readRecords(stack)).toHaveLength(NEIGHBOURS);
    expect(batches.reduce((sum, { failures }) => sum + failures, 0)).toBe(0);
  });

  it('are received once', () => {
    // Test events of the four notification configurations, poison and uploads: nothing came a second time.
    expect(batches.reduce((sum, { size }) => sum + size, 0)).toBe(4 + POISON.length + NEIGHBOURS);
  });

  it.each(POISON)('are in the dead-letter queue unchanged, with their reason: %s', async (_, body, reason) => {
    const letters = await readDeadLetters(stack);
    const letter = letters.find((message) => message.body === body);
    expect(letter?.messageAttributes[QUARANTINE_ATTRIBUTES.reason]?.StringValue).toBe(reason);
    expect(letter?.messageAttributes[QUARANTINE_ATTRIBUTES.detail]?.StringValue).toMatch(/\w/);
    expect(letters).toHaveLength(POISON.length);
  });
});
