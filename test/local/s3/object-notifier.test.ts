import { PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from 'vitest';
import type { BucketNotification } from '../../../src/local/s3/notification.ts';
import { type ObjectNotifierOptions, startObjectNotifier } from '../../../src/local/s3/object-notifier.ts';
import { presignUpload } from '../../../src/local/s3/presign.ts';
import { parseMessageBody } from '../../../src/notification/parse-message.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { AWKWARD_KEYS, BUCKET, type Services, startServices } from '../servers/service-server-fixture.ts';
import { changeSource, recordingQueue } from './object-notifier-fixture.ts';

const REGION = 'eu-central-1';
const all: BucketNotification = { id: 'all', bucket: 'uploads', queueUrl: 'http://q', events: ['s3:ObjectCreated:*'] };

async function startOver(some: Partial<ObjectNotifierOptions> = {}) {
  const source = changeSource();
  const queue = recordingQueue();
  const options = { source, send: queue.send, region: REGION, notifications: () => [all], ...some };
  return { source, queue, notifier: await startObjectNotifier(options) };
}

/** The key and the sequencer of each event among the bodies. */
function events(bodies: readonly string[]) {
  return bodies.flatMap((body) => {
    const notification = parseMessageBody(body);
    return notification.kind === 'events' ? notification.events : [];
  });
}

describe('the notifier', () => {
  it('sends a test event for each configuration before anything else', async () => {
    const notifications = [
      all,
      { ...all, id: 'b', queueUrl: 'http://r' },
      { ...all, envelope: 'event-bridge' as const },
    ];
    const { queue, notifier } = await startOver({
      notifications: () => notifications,
      clock: { ...systemClock, now: () => 0 },
    });
    expect(queue.batches.map(({ queueUrl }) => queueUrl)).toEqual(['http://q', 'http://r']);
    expect(queue.bodies().map((body) => JSON.parse(body))).toEqual(
      Array(2).fill({
        Service: 'Amazon S3',
        Event: 's3:TestEvent',
        Time: '1970-01-01T00:00:00.000Z',
        Bucket: 'uploads',
        RequestId: expect.any(String),
        HostId: expect.any(String),
      }),
    );
    expect(parseMessageBody(queue.bodies()[0] ?? '')).toEqual({ kind: 'test-event' });
    expect(notifier.counts()).toMatchObject({ testEvents: 2, messages: 2, changes: 0 });
  });

  it('sends a burst in full batches, in order', async () => {
    const { source, queue, notifier } = await startOver();
    for (let index = 0; index < 95; index += 1) source.change({ key: String(index) });
    await notifier.flush();
    expect(queue.batches.slice(1).map(({ messages }) => messages.length)).toEqual([...Array(9).fill(10), 5]);
    expect(events(queue.bodies()).map(({ key }) => key)).toEqual(
      Array.from({ length: 95 }, (_, index) => String(index)),
    );
    expect(notifier.counts()).toEqual({ changes: 95, messages: 96, testEvents: 1, duplicates: 0, delayed: 0 });
  });

  it('sends a batch again that a queue refused', async () => {
    let refusals = 2;
    const queue = recordingQueue();
    const { source, notifier } = await startOver({
      send: async (queueUrl, messages) => {
        if (messages.some(({ body }) => body.includes('Records')) && refusals-- > 0) throw new Error('busy');
        await queue.send(queueUrl, messages);
      },
    });
    source.change();
    await notifier.flush();
    expect(events(queue.bodies())).toHaveLength(1);
  });

  it('reports a message that could not be sent once, and continues', async () => {
    let isDown = false;
    const queue = recordingQueue();
    const { source, notifier } = await startOver({
      send: async (...sent) => {
        if (isDown) throw new Error('gone');
        await queue.send(...sent);
      },
    });
    isDown = true;
    source.change({ key: 'lost' });
    await expect(notifier.flush()).rejects.toMatchObject({ code: 'notification-lost', cause: { message: 'gone' } });
    isDown = false;
    source.change({ key: 'kept' });
    await notifier.stop();
    expect(events(queue.bodies()).map(({ key }) => key)).toEqual(['kept']);
    expect(source.listeners).toBe(0);
  });

  it('tells at once what could not be sent, where somebody wants to know, and fails nothing for it', async () => {
    const lost: Error[] = [];
    const { source, notifier } = await startOver({
      send: async (_, messages) => {
        if (messages.some(({ body }) => body.includes('Records'))) throw new Error('gone');
      },
      onLost: (error) => lost.push(error),
    });
    source.change({ key: 'lost' });
    source.change({ key: 'lost too' });
    await expect.poll(() => lost.length).toBe(1);
    expect(lost[0]?.message).toBe('2 notifications could not be sent to http://q: gone');
    await notifier.flush();
    await notifier.stop();
  });
});

describe('a notifier with injected faults', () => {
  const COUNT = 300;
  const run = async (seed: number) => {
    const { source, queue, notifier } = await startOver({ faults: { seed, shuffle: 20, duplicate: 0.2, delay: 3 } });
    for (let index = 0; index < COUNT; index += 1) source.change({ key: String(index) });
    await notifier.stop();
    const keys = events(queue.bodies()).map(({ key }) => Number(key));
    return { keys, delays: queue.messages().map(({ delaySeconds }) => delaySeconds), counts: notifier.counts() };
  };

  it('delivers every message, some twice, out of order and late', async () => {
    const { keys, delays, counts } = await run(7);
    expect(new Set(keys).size).toBe(COUNT);
    expect(keys.length).toBe(COUNT + counts.duplicates);
    expect(counts.duplicates).toBeGreaterThan(COUNT * 0.1);
    expect(counts.duplicates).toBeLessThan(COUNT * 0.3);
    expect(keys).not.toEqual(keys.toSorted((left, right) => left - right));
    expect(new Set(delays)).toEqual(new Set([undefined, 1, 2, 3]));
    expect(delays.filter((delay) => delay !== undefined)).toHaveLength(counts.delayed);
  });

  it('lets no message be overtaken by more later ones than set', async () => {
    const { keys } = await run(7);
    for (const [place, key] of keys.entries()) {
      const later = new Set(keys.slice(0, place).filter((other) => other > key));
      expect(later.size).toBeLessThanOrEqual(20);
    }
  });

  it('repeats itself with the same seed, and differs with another', async () => {
    const [one, same, other] = [await run(7), await run(7), await run(8)];
    expect(one).toEqual(same);
    expect(one).not.toEqual(other);
  });

  it('sends what it holds back when no further message comes', async () => {
    const { source, queue, notifier } = await startOver({ faults: { seed: 1, shuffle: 1000 } });
    source.change();
    source.change();
    expect(notifier.counts().messages).toBe(1);
    await expect.poll(() => events(queue.bodies()).length, { timeout: 5000 }).toBe(2);
  });
});

describe('the notifier on the emulator', () => {
  let services: Services;
  afterEach(() => services.stop());

  it('sends a message for every upload, which the parser reads', async () => {
    services = await startServices();
    const { QueueUrl: queueUrl = '' } = await services.sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
    const notifications = [{ ...all, bucket: BUCKET, queueUrl }];
    const { server } = services;
    await startObjectNotifier({
      source: server,
      notifications: () => notifications,
      send: server.sendMessages,
      region: REGION,
    });
    const s3 = services.s3As('alice');
    await Promise.all(AWKWARD_KEYS.map((Key) => s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: Key }))));
    await expect.poll(async () => (await server.inspectQueue('q'))?.ready.length).toBe(AWKWARD_KEYS.length + 1);
    const bodies = (await server.inspectQueue('q'))?.ready.map(({ body }) => body) ?? [];
    const told = events(bodies);
    const expected = services.changes.map(({ kind, principalId, userMetadata, ...change }) => ({
      ...change,
      eventName: `ObjectCreated:${kind}`,
      principalId,
      region: REGION,
    }));
    expect(told).toEqual(expected);
    expect(told.map(({ key }) => key).sort()).toEqual([...AWKWARD_KEYS].sort());
    expect(new Set(told.map(({ principalId }) => principalId))).toEqual(new Set(['AWS:AROALOCALSTACKROLE000:alice']));
  });

  it('sends a message for an upload whose key and access key id hold an emoji', async () => {
    services = await startServices();
    const { server } = services;
    const { QueueUrl: queueUrl = '' } = await services.sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
    for (const envelope of ['s3', 'event-bridge'] as const) {
      const notification = { ...all, bucket: BUCKET, queueUrl, envelope };
      const source = { source: server, send: server.sendMessages, region: REGION };
      await startObjectNotifier({ ...source, notifications: () => [notification] });
    }
    const url = await presignUpload(services.s3As('🎉'), { bucket: BUCKET, key: '🎉.txt' });
    const answer = await fetch(url, { method: 'PUT', body: 'x' });
    expect(answer.status).toBe(200);
    // With the test event of the first.
    await expect.poll(async () => (await server.inspectQueue('q'))?.ready.length).toBe(3);
    const bodies = (await server.inspectQueue('q'))?.ready.map(({ body }) => body) ?? [];
    const [first, second] = events(bodies);
    expect(first).toMatchObject({ key: '🎉.txt', principalId: 'AWS:AROALOCALSTACKROLE000:🎉' });
    expect(second).toMatchObject({ key: '🎉.txt' });
  });

  it('has sent every message when the server has closed', async () => {
    services = await startServices();
    const queue = recordingQueue();
    const faults = { seed: 1, shuffle: 50 };
    await startObjectNotifier({
      source: services.server,
      notifications: () => [all],
      send: queue.send,
      region: REGION,
      faults,
    });
    const puts = Array.from({ length: 30 }, (_, index) =>
      services.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: `k${index}`, Body: 'x' })),
    );
    await Promise.all(puts);
    await services.server.close();
    expect(events(queue.bodies())).toHaveLength(30);
  });
});
