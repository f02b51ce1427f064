import {
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { moveAll } from '../../../../src/dead-letters/move-task.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../../../src/shared/time.ts';
import { type QueueOptions, SimulatedQueue } from './simulated-sqs.ts';
import { SimulatedSqs, type SqsOptions } from './sqs-client.ts';
import { VirtualClock } from './virtual-clock.ts';

const VISIBILITY_MS = 30 * SECOND_MS;

function openQueues(options: Partial<QueueOptions> = {}, fault?: SqsOptions['fault']) {
  const clock = new VirtualClock(0, 1);
  const dead = new SimulatedQueue('dead', { clock, visibilityMs: VISIBILITY_MS, retentionMs: 4 * DAY_MS });
  const uploads = new SimulatedQueue('uploads', { clock, visibilityMs: VISIBILITY_MS, deadLetters: dead, ...options });
  const sqs = new SimulatedSqs({ clock, queues: [uploads, dead], ...(fault && { fault }) });
  return { clock, uploads, dead, sqs };
}

describe('retention', () => {
  it('deletes a message so long after it was sent, however often it was received', async () => {
    const { clock, uploads } = openQueues({ retentionMs: DAY_MS });
    uploads.send('old');
    await clock.runUntil(DAY_MS - 1_000);
    uploads.send('new');
    expect(uploads.receive(10)).toHaveLength(2);
    await clock.runUntil(DAY_MS + 1);
    expect(uploads.all().map(({ body }) => body)).toEqual(['new']);
    expect([uploads.size, uploads.inFlight, uploads.expired]).toEqual([1, 1, 1]);
  });

  it('counts from the first send in the dead-letter queue too', async () => {
    const { clock, uploads, dead } = openQueues({ retentionMs: 14 * DAY_MS, maxReceiveCount: 1 });
    uploads.send('body');
    uploads.receive(1);
    await clock.runUntil(3 * DAY_MS);
    uploads.receive(1);
    expect([uploads.size, dead.size, uploads.moved]).toEqual([0, 1, 1]);
    await clock.runUntil(4 * DAY_MS + 1);
    expect([dead.size, dead.expired]).toEqual([0, 1]);
  });
});

describe('messages in flight', () => {
  it('are so many at most: who waits gets nothing, and who does not wait an error', async () => {
    const { clock, uploads, sqs } = openQueues({ maxInFlight: 2 });
    for (let at = 0; at < 3; at += 1) uploads.send(`${at}`);
    const held = uploads.receive(10);
    expect(held).toHaveLength(2);
    const client = sqs.connect();
    const receive = (WaitTimeSeconds: number) =>
      clock.run(client.send(new ReceiveMessageCommand({ QueueUrl: 'uploads', WaitTimeSeconds })));
    await expect(receive(0)).rejects.toMatchObject({ name: 'OverLimit' });
    expect((await receive(1)).Messages).toBeUndefined();
    uploads.delete(held[0]?.receipt ?? '');
    expect((await receive(0)).Messages).toHaveLength(1);
  });

  it('go to who waits as soon as there is room for them', async () => {
    const { clock, uploads } = openQueues({ maxInFlight: 1 });
    uploads.send('first');
    uploads.send('second');
    const [first] = uploads.receive(1);
    const waiting = uploads.poll({ max: 1, waitMs: MINUTE_MS });
    await clock.runUntil(5_000);
    uploads.delete(first?.receipt ?? '');
    expect(await clock.run(waiting)).toMatchObject([{ body: 'second' }]);
    expect(clock.now()).toBe(5_000);
  });
});

describe('a poller', () => {
  it('goes on for its window after the first message', async () => {
    const { clock, uploads } = openQueues();
    const batch = uploads.poll({ max: 10, waitMs: MINUTE_MS, windowMs: 5_000 });
    for (const at of [10_000, 12_000, 14_999, 15_001]) clock.after(at, () => uploads.send(`${at}`));
    expect((await clock.run(batch)).map(({ body }) => body)).toEqual(['10000', '12000', '14999']);
    expect(clock.now()).toBe(15_000);
  });

  it('ends its window when it has as many messages as it may', async () => {
    const { clock, uploads } = openQueues();
    const batch = uploads.poll({ max: 2, waitMs: MINUTE_MS, windowMs: 5_000 });
    for (const at of [1_000, 2_000, 3_000]) clock.after(at, () => uploads.send(`${at}`));
    expect(await clock.run(batch)).toHaveLength(2);
    expect(clock.now()).toBe(2_000);
  });

  it('takes turns with others', async () => {
    const { clock, uploads } = openQueues();
    const polls = [1, 2].map(() => uploads.poll({ max: 10, waitMs: MINUTE_MS, windowMs: 5_000 }));
    for (let at = 0; at < 4; at += 1) clock.after(at, () => uploads.send(`${at}`));
    const batches = await clock.run(Promise.all(polls));
    expect(batches.map((messages) => messages.map(({ body }) => body))).toEqual([
      ['0', '2'],
      ['1', '3'],
    ]);
  });

  it('hides each message from its own receive on', async () => {
    const { clock, uploads } = openQueues();
    const batch = uploads.poll({ max: 2, waitMs: MINUTE_MS, windowMs: 5_000 });
    for (const at of [0, 4_000]) clock.after(at, () => uploads.send(`${at}`));
    await clock.run(batch);
    await clock.runUntil(VISIBILITY_MS + 1_000);
    expect(uploads.receive(10).map(({ body }) => body)).toEqual(['0']);
  });

  it('shows a message as it was received, whatever becomes of it', async () => {
    const { clock, uploads } = openQueues();
    uploads.send('body');
    const [first] = uploads.receive(1);
    await clock.runUntil(VISIBILITY_MS);
    uploads.receive(1);
    expect(first?.receives).toBe(1);
    expect(uploads.delete(first?.receipt ?? '')).toBe(false);
  });
});

describe('a call whose answer is lost', () => {
  it('has hidden what it received', async () => {
    let calls = 0;
    const { clock, uploads, sqs } = openQueues({}, () => (++calls === 1 ? 'answer-lost' : undefined));
    uploads.send('body');
    const command = new ReceiveMessageCommand({ QueueUrl: 'uploads', WaitTimeSeconds: 0 });
    expect((await clock.run(sqs.connect().send(command))).Messages).toBeUndefined();
    expect(calls).toBe(2);
    expect(uploads.inFlight).toBe(1);
  });

  it('is repeated twice, then fails', async () => {
    let calls = 0;
    const { clock, sqs } = openQueues({}, () => (++calls > 0 ? 'refused' : undefined));
    const command = new ReceiveMessageCommand({ QueueUrl: 'uploads' });
    await expect(clock.run(sqs.connect().send(command))).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } });
    expect(calls).toBe(3);
  });
});

describe('a move task', () => {
  it('moves everything at its rate, as new messages, and can be followed', async () => {
    const { clock, uploads, dead, sqs } = openQueues();
    for (let at = 0; at < 25; at += 1) dead.send(`${at}`);
    const [first] = dead.all();
    await clock.runUntil(DAY_MS);
    const client = sqs.connect() as SQSClient;
    const [from, to] = [
      { client, url: 'dead' },
      { client, url: 'uploads' },
    ];
    const progress: number[] = [];
    const state = await clock.run(
      moveAll({ deadLetters: from, uploads: to, clock, rate: 10, onProgress: ({ moved }) => progress.push(moved) }),
    );
    expect(state).toEqual({ status: 'done', moved: 25, toMove: 25 });
    expect(progress).toEqual([0, 20, 25]);
    expect([dead.size, uploads.size]).toEqual([0, 25]);
    const [copy] = uploads.all();
    expect(copy?.id).not.toBe(first?.id);
    expect(copy?.sentAt).toBeGreaterThan(DAY_MS);
  });

  it('is the only one of its queue', async () => {
    const { clock, dead, uploads, sqs } = openQueues();
    dead.send('body');
    const client = sqs.connect();
    const start = () =>
      clock.run(client.send(new StartMessageMoveTaskCommand({ SourceArn: dead.arn, DestinationArn: uploads.arn })));
    await start();
    await expect(start()).rejects.toMatchObject({ name: 'UnsupportedOperation' });
    await clock.runUntil(clock.now() + MINUTE_MS);
    const list = new ListMessageMoveTasksCommand({ SourceArn: dead.arn });
    expect((await clock.run(client.send(list))).Results).toMatchObject([{ Status: 'COMPLETED' }]);
    await start();
  });
});
