import type { PutEventsRequestEntry, PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { groupDeliveries } from '../../src/dead-letters/deliveries.ts';
import { readDeadLetters } from '../../src/dead-letters/receive.ts';
import { type RedeliveryOptions, redeliver } from '../../src/dead-letters/redeliver.ts';
import { type DeadLetterQueues, openQueues, steppedClock } from './dead-letter-queues.ts';
import { type SqsServer, startSqs } from './sqs-server.ts';

let sqs: SqsServer;
let made = 0;

beforeAll(async () => {
  sqs = await startSqs();
});
afterAll(() => sqs.close());

const WEBHOOKS = [
  { name: 'orders', rule: 'ledger-orders-1' },
  { name: 'chat', rule: 'ledger-chat-1' },
];

/** A message as EventBridge writes it into a dead-letter queue. */
function failedDelivery(rule: string, number: number, error = 'SDK_CLIENT_ERROR') {
  const body = JSON.stringify({
    version: '0',
    id: `bus-${number}`,
    source: 'upload-ledger',
    'detail-type': 'UploadRecorded',
    resources: ['arn:aws:dynamodb:eu-west-1:111122223333:table/uploads'],
    detail: { version: 1, id: `event-${number}`, record: { s3_key: `in/"${number}"\n<!channel>` } },
  });
  const attributes = {
    RULE_ARN: `arn:aws:events:eu-west-1:111122223333:rule/uploads/${rule}`,
    TARGET_ARN: 'arn:aws:events:eu-west-1:111122223333:api-destination/d/1',
    ERROR_CODE: error,
    ERROR_MESSAGE: 'the endpoint answered 410',
  };
  return { body, attributes };
}

const RULE = { arn: 'arn:aws:events:eu-west-1:111122223333:rule/uploads/one', isEnabled: true, pattern: '{}' };

interface World {
  readonly queues: DeadLetterQueues;
  readonly put: PutEventsRequestEntry[];
  run(options?: Partial<RedeliveryOptions>): ReturnType<typeof redeliver>;
}

/** @param refuse Whether EventBridge refuses this entry. */
async function world(refuse: (entry: PutEventsRequestEntry) => boolean = () => false): Promise<World> {
  made += 1;
  const queues = await openQueues(sqs, `deliveries-${made}`);
  const put: PutEventsRequestEntry[] = [];
  const putEntries = async (entries: PutEventsRequestEntry[]): Promise<PutEventsResultEntry[]> =>
    entries.map((entry) => {
      if (refuse(entry)) return { ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' };
      put.push(entry);
      return { EventId: `again-${put.length}` };
    });
  const run: World['run'] = (options = {}) =>
    redeliver({
      deliveries: queues.deadLetters,
      putEntries,
      eventBus: 'uploads',
      webhooks: WEBHOOKS,
      dryRun: false,
      waitSeconds: 0,
      clock: { ...steppedClock(), now: () => Date.UTC(2026, 10, 30) },
      describeRule: async () => RULE,
      testPattern: async () => true,
      ...options,
    });
  return { queues, put, run };
}

async function fill({ queues }: World, rule: string, numbers: readonly number[], error?: string): Promise<void> {
  for (const number of numbers) {
    const { body, attributes } = failedDelivery(rule, number, error);
    await queues.send(queues.deadLetters, body, attributes);
  }
}

const detailsOf = (put: readonly PutEventsRequestEntry[]) => put.map(({ Detail = '' }) => JSON.parse(Detail));

describe('redeliver', () => {
  it('puts each event on the bus again as it was, for the webhook that missed it', async () => {
    const one = await world();
    await fill(one, 'ledger-orders-1', [1, 2]);
    await fill(one, 'ledger-chat-1', [1]);
    expect(await one.run()).toMatchObject({ looked: 3, chosen: 3, sent: 3, notSent: 0, end: 'empty' });
    expect(one.put).toHaveLength(3);
    for (const { EventBusName, Source, DetailType, Resources } of one.put) {
      expect({ EventBusName, Source, DetailType }).toEqual({
        EventBusName: 'uploads',
        Source: 'upload-ledger',
        DetailType: 'UploadRecorded',
      });
      expect(Resources).toEqual(['arn:aws:dynamodb:eu-west-1:111122223333:table/uploads']);
    }
    const details = detailsOf(one.put);
    expect(details.map(({ id, redeliver_to }) => `${id} ${redeliver_to}`).sort()).toEqual([
      'event-1 chat',
      'event-1 orders',
      'event-2 orders',
    ]);
    expect(details[0].record.s3_key).toMatch(/^in\/"\d"\n<!channel>$/);
    expect(await one.queues.bodies(one.queues.deadLetters)).toEqual([]);
  });

  it('leaves what EventBridge does not take in the queue, and says why', async () => {
    const one = await world(({ Detail = '' }) => Detail.includes('event-2'));
    await fill(one, 'ledger-orders-1', [1, 2, 3]);
    expect(await one.run()).toMatchObject({ sent: 2, notSent: 1, firstRefusal: 'slow down' });
    const [left, ...others] = await one.queues.bodies(one.queues.deadLetters);
    expect(left).toContain('event-2');
    expect(others).toEqual([]);
  });

  it.each([
    ['all but the one for which EventBridge refuses a whole call', [1, 2, 3]],
    ['nothing of a call with that one alone, and does not stop', [2]],
  ])('sends %s', async (_, numbers) => {
    const one = await world();
    await fill(one, 'ledger-orders-1', numbers);
    const putEntries = async (entries: PutEventsRequestEntry[]) => {
      if (!entries.some(({ Detail = '' }) => Detail.includes('event-2')))
        return entries.map(() => ({ EventId: 'again' }));
      throw Object.assign(new Error('Total size of the entries is too large'), { name: 'ValidationException' });
    };
    const firstRefusal = 'Total size of the entries is too large';
    expect(await one.run({ putEntries })).toMatchObject({ sent: numbers.length - 1, notSent: 1, firstRefusal });
    const left = await one.queues.bodies(one.queues.deadLetters);
    expect(left).toEqual([expect.stringContaining('event-2')]);
  });

  it('loses nothing when EventBridge does not answer', async () => {
    const one = await world();
    await fill(one, 'ledger-orders-1', [1, 2, 3]);
    const putEntries = async () => Promise.reject(new Error('no route to host'));
    await expect(one.run({ putEntries })).rejects.toThrow('no route to host');
    expect(await one.queues.bodies(one.queues.deadLetters)).toHaveLength(3);
  });

  it('sends those of one webhook, and leaves all others alone', async () => {
    const one = await world();
    await fill(one, 'ledger-orders-1', [1]);
    await fill(one, 'ledger-chat-1', [2]);
    await fill(one, 'ledger-gone-1', [3]);
    await one.queues.send(one.queues.deadLetters, 'noise', { RULE_ARN: 'rule/uploads/ledger-orders-1' });
    expect(await one.run({ webhook: 'chat' })).toMatchObject({ sent: 1, otherWebhook: 3 });
    expect(await one.run()).toMatchObject({ looked: 3, sent: 1, unknown: 2 });
    expect(detailsOf(one.put).map(({ redeliver_to }) => redeliver_to)).toEqual(['chat', 'orders']);
    expect(await one.queues.bodies(one.queues.deadLetters)).toHaveLength(2);
  });

  it('leaves what has no body of the format that the webhook has by now', async () => {
    const one = await world();
    const { body, attributes } = failedDelivery('ledger-orders-1', 1);
    const event = JSON.parse(body);
    for (const format of ['json', 'slack']) {
      const detail = { ...event.detail, bodies: { [format]: { text: format } } };
      await one.queues.send(one.queues.deadLetters, JSON.stringify({ ...event, detail }), attributes);
    }
    await fill(one, 'ledger-orders-1', [2]);
    const webhooks = [{ name: 'orders', rule: 'ledger-orders-1', format: 'slack' }];
    expect(await one.run({ webhooks })).toMatchObject({ looked: 3, chosen: 1, sent: 1, otherFormat: 2 });
    expect(detailsOf(one.put)).toMatchObject([{ bodies: { slack: { text: 'slack' } } }]);
    expect(await one.queues.bodies(one.queues.deadLetters)).toHaveLength(2);
  });

  it.each([
    ['was deleted', undefined, 'no-rule'],
    ['is disabled', { ...RULE, isEnabled: false }, 'rule-disabled'],
    ['has no pattern', { arn: RULE.arn, isEnabled: true }, 'not-matched'],
  ])('leaves the events of a webhook whose rule %s, and sends those of the others', async (_, rule, reason) => {
    const one = await world();
    await fill(one, 'ledger-chat-1', [1, 2]);
    await fill(one, 'ledger-orders-1', [3]);
    const described: string[] = [];
    const describeRule = async (name: string) => {
      described.push(name);
      return name === 'ledger-chat-1' ? rule : RULE;
    };
    const notTaken = [{ webhook: 'chat', reason, count: 2 }];
    for (const dryRun of [true, false]) {
      const report = await one.run({ describeRule, dryRun });
      expect(report).toMatchObject({ looked: 3, notTaken, chosen: 1, sent: dryRun ? 0 : 1 });
    }
    expect(detailsOf(one.put)).toMatchObject([{ redeliver_to: 'orders' }]);
    expect(await one.queues.bodies(one.queues.deadLetters)).toHaveLength(2);
    expect(described.sort()).toEqual(['ledger-chat-1', 'ledger-chat-1', 'ledger-orders-1', 'ledger-orders-1']);
  });

  it('leaves what the rule would not take, as EventBridge says of the event with its mark', async () => {
    const one = await world();
    await fill(one, 'ledger-orders-1', [1, 2, 3]);
    const pattern = JSON.stringify({ detail: { id: ['event-1', 'event-3'], redeliver_to: ['orders'] } });
    const events: Record<string, unknown>[] = [];
    const testPattern = async (given: string, event: string) => {
      events.push(JSON.parse(event));
      return given === pattern && JSON.parse(event).detail.id !== 'event-2';
    };
    const report = await one.run({ describeRule: async () => ({ ...RULE, pattern }), testPattern });
    expect(report).toMatchObject({ sent: 2, notTaken: [{ webhook: 'orders', reason: 'not-matched', count: 1 }] });
    expect(await one.queues.bodies(one.queues.deadLetters)).toEqual([expect.stringContaining('event-2')]);
    expect(events[0]).toMatchObject({
      id: expect.stringMatching(/^bus-\d$/),
      'detail-type': 'UploadRecorded',
      source: 'upload-ledger',
      account: '111122223333',
      time: '2026-11-30T00:00:00.000Z',
      region: 'eu-west-1',
      resources: ['arn:aws:dynamodb:eu-west-1:111122223333:table/uploads'],
      detail: { version: 1, redeliver_to: 'orders' },
    });
  });

  it('only counts in a dry run', async () => {
    const one = await world();
    await fill(one, 'ledger-orders-1', [1, 2]);
    expect(await one.run({ dryRun: true })).toMatchObject({ looked: 2, chosen: 2, sent: 0 });
    expect(one.put).toEqual([]);
    expect(await one.queues.bodies(one.queues.deadLetters)).toHaveLength(2);
  });

  it('stops at its limit', async () => {
    const one = await world();
    await fill(one, 'ledger-orders-1', [1, 2, 3]);
    expect(await one.run({ limit: 2 })).toMatchObject({ sent: 2, end: 'limit' });
    expect(await one.queues.bodies(one.queues.deadLetters)).toHaveLength(1);
  });

  it('ends when an endpoint refuses at once what it sends', async () => {
    const one = await world();
    await fill(
      one,
      'ledger-orders-1',
      Array.from({ length: 10 }, (_, index) => index),
    );
    let sent = 0;
    // As with an endpoint that answers 410: each comes back, with the id of its new put.
    const putEntries = async (entries: PutEventsRequestEntry[]) => {
      const results = entries.map((_, index) => ({ EventId: `again-${sent + index}` }));
      sent += entries.length;
      for (const [index, { EventId }] of results.entries()) {
        const { body, attributes } = failedDelivery('ledger-orders-1', index);
        const event = { ...JSON.parse(body), id: EventId, detail: JSON.parse(entries[index]?.Detail ?? '') };
        await one.queues.send(one.queues.deadLetters, JSON.stringify(event), attributes);
      }
      return results;
    };
    const report = await one.run({ putEntries });
    expect(report).toMatchObject({ sent: 10, cameBack: 10, end: 'came-back' });
    // Another run sends them again, with the same mark.
    expect(await one.run()).toMatchObject({ sent: 10 });
    expect(new Set(detailsOf(one.put).map(({ redeliver_to }) => redeliver_to))).toEqual(new Set(['orders']));
  });
});

describe('groupDeliveries', () => {
  it('counts by webhook and error, with the error of the oldest as an example', async () => {
    const one = await world();
    await fill(one, 'ledger-orders-1', [1, 2, 3]);
    await fill(one, 'ledger-orders-1', [4], 'NO_PERMISSIONS');
    await fill(one, 'ledger-gone-1', [5, 6]);
    const messages = readDeadLetters(one.queues.deadLetters, { waitSeconds: 0, clock: steppedClock() });
    expect(await groupDeliveries(messages, WEBHOOKS)).toMatchObject([
      {
        webhook: 'orders',
        error: 'SDK_CLIENT_ERROR',
        count: 3,
        example: { detail: 'SDK_CLIENT_ERROR: the endpoint answered 410' },
      },
      { error: 'SDK_CLIENT_ERROR', count: 2 },
      { webhook: 'orders', error: 'NO_PERMISSIONS', count: 1 },
    ]);
  });
});
