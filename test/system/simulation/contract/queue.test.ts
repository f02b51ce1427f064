import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  type MessageAttributeValue,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SECOND_MS } from '../../../../src/shared/time.ts';
import {
  emulatedQueues,
  MAX_RECEIVES,
  type QueueSubject,
  type Queues,
  simulatedQueues,
  VISIBILITY_SECONDS,
} from './queue-subjects.ts';

/** Longer than a visibility timeout. */
const VISIBLE_AGAIN_MS = VISIBILITY_SECONDS * SECOND_MS + 100;

describe.each([
  { kind: 'emulated', open: emulatedQueues },
  { kind: 'simulated', open: simulatedQueues },
])('a queue, $kind', ({ open }) => {
  let subject: QueueSubject;

  beforeAll(async () => {
    subject = await open();
  });

  afterAll(() => subject.close());

  const inTime = (work: (queues: Queues) => Promise<void>) => () => subject.run(work);
  const send = async (
    QueueUrl: string,
    MessageBody: string,
    { delay, attributes }: { delay?: number; attributes?: Record<string, MessageAttributeValue> } = {},
  ) => {
    const command = { QueueUrl, MessageBody, DelaySeconds: delay, MessageAttributes: attributes };
    return (await subject.client.send(new SendMessageCommand(command))).MessageId ?? '';
  };
  const receive = async (QueueUrl: string, input: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> => {
    const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...input });
    return (await subject.client.send(command)).Messages ?? [];
  };
  const remove = (QueueUrl: string, ...receipts: (string | undefined)[]) => {
    const Entries = receipts.map((ReceiptHandle = '', at) => ({ Id: `entry-${at}`, ReceiptHandle }));
    return subject.client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  };
  const hide = (QueueUrl: string, ReceiptHandle: string | undefined, VisibilityTimeout: number) => {
    const Entries = [{ Id: 'entry', ReceiptHandle, VisibilityTimeout }];
    return subject.client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
  };
  const counts = async (QueueUrl: string) => {
    const AttributeNames = [
      'ApproximateNumberOfMessages',
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateNumberOfMessagesDelayed',
    ] as const;
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] });
    const { Attributes } = await subject.client.send(command);
    return AttributeNames.map((name) => Number(Attributes?.[name]));
  };

  it(
    'gives a message with the attributes that are asked for',
    inTime(async ({ uploads }) => {
      const text = (StringValue: string) => ({ DataType: 'String', StringValue });
      const id = await send(uploads, 'body', { attributes: { reason: text('x'), detail: text('y') } });
      const [all] = await receive(uploads, { MessageAttributeNames: ['All'], VisibilityTimeout: 0 });
      expect(all).toMatchObject({ MessageId: id, Body: 'body' });
      expect(Object.keys(all?.MessageAttributes ?? {}).sort()).toEqual(['detail', 'reason']);
      expect(all?.Attributes).toBeUndefined();
      const [one] = await receive(uploads, {
        MessageAttributeNames: ['reason'],
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      });
      expect(one?.MessageAttributes).toMatchObject({ reason: text('x') });
      expect(one?.Attributes).toEqual({ ApproximateReceiveCount: '2' });
    }),
  );

  it(
    'says when a message was sent and first received, and how often',
    inTime(async ({ uploads }) => {
      const sentAfter = subject.now();
      await send(uploads, 'body');
      const sentBefore = subject.now();
      await subject.pass(50);
      const read = async () =>
        (await receive(uploads, { MessageSystemAttributeNames: ['All'], VisibilityTimeout: 0 }))[0]?.Attributes ?? {};
      const [first, second] = [await read(), await read()];
      const { SentTimestamp, ApproximateFirstReceiveTimestamp } = first;
      expect(Number(SentTimestamp)).toBeGreaterThanOrEqual(sentAfter);
      expect(Number(SentTimestamp)).toBeLessThanOrEqual(sentBefore);
      expect(Number(ApproximateFirstReceiveTimestamp)).toBeGreaterThan(Number(SentTimestamp));
      expect(first.ApproximateReceiveCount).toBe('1');
      expect(second).toMatchObject({ SentTimestamp, ApproximateFirstReceiveTimestamp, ApproximateReceiveCount: '2' });
    }),
  );

  it(
    'hides a message that was received, until its visibility timeout is over',
    inTime(async ({ uploads }) => {
      const id = await send(uploads, 'body');
      const [first] = await receive(uploads);
      expect(await receive(uploads)).toEqual([]);
      await subject.pass(VISIBLE_AGAIN_MS);
      const [again] = await receive(uploads);
      expect(again?.MessageId).toBe(id);
      expect(again?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
    }),
  );

  it(
    'deletes by the last receipt alone, and says yes to others',
    inTime(async ({ uploads }) => {
      await send(uploads, 'body');
      const [first] = await receive(uploads, { VisibilityTimeout: 0 });
      const [last] = await receive(uploads, { VisibilityTimeout: 0 });
      expect((await remove(uploads, first?.ReceiptHandle)).Successful).toEqual([{ Id: 'entry-0' }]);
      expect((await counts(uploads)).reduce((sum, count) => sum + count)).toBe(1);
      expect(last?.ReceiptHandle).toBeDefined();
    }),
  );

  it(
    'deletes what is hidden, and nothing twice',
    inTime(async ({ uploads }) => {
      await send(uploads, 'a');
      await send(uploads, 'b');
      const receipts = (await receive(uploads)).map(({ ReceiptHandle }) => ReceiptHandle);
      const expected = { Successful: [{ Id: 'entry-0' }, { Id: 'entry-1' }] };
      expect(await remove(uploads, ...receipts)).toMatchObject(expected);
      expect(await counts(uploads)).toEqual([0, 0, 0]);
      expect(await remove(uploads, ...receipts)).toMatchObject(expected);
    }),
  );

  it(
    'extends and ends the time for which a message is hidden',
    inTime(async ({ uploads }) => {
      await send(uploads, 'body');
      const [message] = await receive(uploads);
      expect(await hide(uploads, message?.ReceiptHandle, 20)).toMatchObject({ Successful: [{ Id: 'entry' }] });
      await subject.pass(VISIBLE_AGAIN_MS);
      expect(await receive(uploads)).toEqual([]);
      await hide(uploads, message?.ReceiptHandle, 0);
      const [again] = await receive(uploads);
      expect(again?.Body).toBe('body');
    }),
  );

  it(
    'changes the visibility of nothing that is gone',
    inTime(async ({ uploads }) => {
      await send(uploads, 'body');
      const [message] = await receive(uploads);
      await remove(uploads, message?.ReceiptHandle);
      const { Successful = [], Failed = [] } = await hide(uploads, message?.ReceiptHandle, 20);
      expect(Successful).toEqual([]);
      expect(Failed).toMatchObject([{ Id: 'entry', SenderFault: true }]);
    }),
  );

  it(
    'keeps a message back for its delay',
    inTime(async ({ uploads }) => {
      await send(uploads, 'later', { delay: 1 });
      await send(uploads, 'now');
      expect(await counts(uploads)).toEqual([1, 0, 1]);
      expect((await receive(uploads, { VisibilityTimeout: 10 })).map(({ Body }) => Body)).toEqual(['now']);
      expect(await counts(uploads)).toEqual([0, 1, 1]);
      await subject.pass(1.1 * SECOND_MS);
      expect((await receive(uploads)).map(({ Body }) => Body)).toEqual(['later']);
    }),
  );

  it(
    'moves what was received too often to the dead letters, with its id, age, attributes and count',
    inTime(async ({ uploads, dead }) => {
      const attributes = { reason: { DataType: 'String', StringValue: 'x' } };
      const id = await send(uploads, 'body', { attributes });
      const system: Partial<ReceiveMessageCommandInput> = {
        MessageSystemAttributeNames: ['All'],
        VisibilityTimeout: 0,
      };
      let sentAt: string | undefined;
      for (let receives = 1; receives <= MAX_RECEIVES; receives += 1) {
        const [message] = await receive(uploads, system);
        expect(message?.Attributes?.ApproximateReceiveCount).toBe(String(receives));
        sentAt = message?.Attributes?.SentTimestamp;
      }
      expect(await receive(uploads)).toEqual([]);
      expect(await counts(uploads)).toEqual([0, 0, 0]);
      const [message] = await receive(dead, { ...system, MessageAttributeNames: ['All'] });
      expect(message).toMatchObject({ MessageId: id, Body: 'body', MessageAttributes: attributes });
      expect(message?.Attributes?.SentTimestamp).toBe(sentAt);
      expect(Number(message?.Attributes?.ApproximateReceiveCount)).toBeGreaterThan(MAX_RECEIVES);
      expect(message?.Attributes?.DeadLetterQueueSourceArn).toMatch(/:uploads-/);
    }),
  );

  it(
    'waits for a message as long as it is told',
    inTime(async ({ uploads }) => {
      const waiting = receive(uploads, { WaitTimeSeconds: 5 });
      await subject.pass(200);
      await send(uploads, 'body');
      expect((await waiting).map(({ Body }) => Body)).toEqual(['body']);
    }),
  );

  it(
    'wakes who waits when a hidden message appears again',
    inTime(async ({ uploads }) => {
      await send(uploads, 'body');
      await receive(uploads);
      const [again] = await receive(uploads, { WaitTimeSeconds: 5 });
      expect(again?.Body).toBe('body');
    }),
  );

  it(
    'gives nothing when the wait is over',
    inTime(async ({ uploads }) => {
      const before = subject.now();
      expect(await receive(uploads, { WaitTimeSeconds: 1 })).toEqual([]);
      expect(subject.now() - before).toBeGreaterThanOrEqual(990);
    }),
  );

  it(
    'gives as many messages as are asked for, and no more',
    inTime(async ({ uploads }) => {
      for (let at = 0; at < 5; at += 1) await send(uploads, `${at}`);
      expect(await receive(uploads, { MaxNumberOfMessages: 3 })).toHaveLength(3);
      expect(await receive(uploads)).toHaveLength(2);
    }),
  );

  it(
    'takes ten messages in one call, with delays of their own',
    inTime(async ({ uploads }) => {
      const Entries = Array.from({ length: 10 }, (_, at) => ({
        Id: `entry-${at}`,
        MessageBody: `${at}`,
        ...(at === 0 && { DelaySeconds: 5 }),
      }));
      const { Successful = [] } = await subject.client.send(
        new SendMessageBatchCommand({ QueueUrl: uploads, Entries }),
      );
      expect(Successful.map(({ Id }) => Id)).toEqual(Entries.map(({ Id }) => Id));
      expect(new Set(Successful.map(({ MessageId }) => MessageId)).size).toBe(10);
      expect(await counts(uploads)).toEqual([9, 0, 1]);
    }),
  );

  it.each([
    ['eleven entries', Array.from({ length: 11 }, (_, at) => `e${at}`)],
    ['no entries', []],
    ['an id twice', ['e1', 'e2', 'e1']],
  ])('refuses a batch of %s', (_what, ids) =>
    subject.run(async ({ uploads }) => {
      const Entries = ids.map((Id) => ({ Id, MessageBody: 'body' }));
      const command = new SendMessageBatchCommand({ QueueUrl: uploads, Entries });
      await expect(subject.client.send(command)).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
      expect(await counts(uploads)).toEqual([0, 0, 0]);
    }),
  );

  it(
    'refuses a message of more than a mebibyte',
    inTime(async ({ uploads }) => {
      await send(uploads, 'x'.repeat(1024 * 1024));
      const error = { $metadata: { httpStatusCode: 400 } };
      await expect(send(uploads, 'x'.repeat(1024 * 1024 + 1))).rejects.toMatchObject(error);
      const attributes = { a: { DataType: 'String', StringValue: 'y' } };
      const nearly = 'x'.repeat(1024 * 1024 - 2);
      await expect(send(uploads, nearly, { attributes })).rejects.toMatchObject(error);
    }),
  );

  it(
    'says that there is no such queue',
    inTime(async ({ uploads }) => {
      const error = { name: 'QueueDoesNotExist', $metadata: { httpStatusCode: 400 } };
      await expect(send(`${uploads}-x`, 'body')).rejects.toMatchObject(error);
    }),
  );

  it(
    'purges what is visible, hidden and delayed',
    inTime(async ({ uploads }) => {
      await send(uploads, 'hidden');
      await receive(uploads, { VisibilityTimeout: 1 });
      await send(uploads, 'visible');
      await send(uploads, 'delayed', { delay: 1 });
      await subject.client.send(new PurgeQueueCommand({ QueueUrl: uploads }));
      await subject.pass(1.1 * SECOND_MS);
      expect(await counts(uploads)).toEqual([0, 0, 0]);
      expect(await receive(uploads)).toEqual([]);
    }),
  );
});
