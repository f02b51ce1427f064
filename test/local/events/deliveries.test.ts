import { describe, expect, it, onTestFinished } from 'vitest';
import type { BusEvent } from '../../../src/local/events/bus-event.ts';
import { Deliveries, type DeliveriesOptions, type DeliveryReport } from '../../../src/local/events/deliveries.ts';
import type { QueueMessage } from '../../../src/local/servers/queue-access.ts';
import type { EventRuleResource, RuleTarget } from '../../../src/local/template/resources.ts';
import { DAY_MS } from '../../../src/shared/time.ts';
import { type ManualClock, manualClock } from '../../builders/manual-clock.ts';
import { startReceiver, statuses } from './receiver.ts';

const HOOKS = 'https://hooks.example.com/';
const ENDPOINT = 'arn:aws:events:us-east-1:000000000000:api-destination/hooks';
const CONNECTION = 'arn:aws:events:us-east-1:000000000000:connection/hooks';
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:target';
const DEAD = 'arn:aws:sqs:us-east-1:000000000000:deliveries';

const queue = (arn: string) => ({
  logicalId: 'Queue',
  name: arn,
  arn,
  url: `http://queue/${arn}`,
  visibilityTimeoutSeconds: 30,
  retentionSeconds: 60,
});

const target: RuleTarget = {
  arn: ENDPOINT,
  inputPath: ['detail', 'body'],
  maximumRetryAttempts: 185,
  maximumEventAgeSeconds: 86_400,
  deadLetterQueueArn: DEAD,
};

const rule: EventRuleResource = {
  logicalId: 'Rule',
  arn: 'arn:aws:events:us-east-1:000000000000:rule/ledger/hooks',
  bus: 'ledger',
  enabled: true,
  pattern: { source: ['upload-ledger'] },
  targets: [target],
};

function event(
  detail: Readonly<Record<string, unknown>> = { body: { key: 'a.jpg' } },
  source = 'upload-ledger',
): BusEvent {
  const envelope = { version: '0', account: '000000000000', region: 'us-east-1', resources: [] } as const;
  const time = '2026-11-30T08:00:00Z';
  return { ...envelope, id: 'event-1', 'detail-type': 'UploadRecorded', source, time, detail };
}

interface Setup {
  readonly rules?: readonly EventRuleResource[];
  readonly url?: string;
  readonly ratePerSecond?: number;
  readonly clock?: ManualClock;
  readonly options?: Partial<DeliveriesOptions>;
}

/** Deliveries of one endpoint; its clock jumps over every pause. */
function open({ rules = [rule], url, ratePerSecond = 300, clock = manualClock(), options }: Setup) {
  const sent: { readonly queueUrl: string; readonly message: QueueMessage }[] = [];
  const reports: DeliveryReport[] = [];
  const errors: Error[] = [];
  const headers = { Authorization: 'Bearer local' };
  const deliveries = new Deliveries({
    resources: {
      eventRules: rules,
      queues: [queue(QUEUE), queue(DEAD)],
      connections: [{ logicalId: 'C', arn: CONNECTION, headers, query: { sig: 'local' }, body: { channel: 'C1' } }],
      apiDestinations: [
        {
          logicalId: 'D',
          name: 'hooks',
          arn: ENDPOINT,
          url: HOOKS,
          method: 'POST',
          ratePerSecond,
          connectionArn: CONNECTION,
        },
      ],
    },
    sendMessages: async (queueUrl, messages) => {
      for (const message of messages) sent.push({ queueUrl, message });
    },
    ...(url !== undefined && { receivers: { [HOOKS]: url } }),
    onDelivery: (report) => reports.push(report),
    onError: (error) => errors.push(error),
    clock,
    ...options,
  });
  onTestFinished(() => deliveries.close());
  const deliver = async (...events: readonly BusEvent[]) => {
    for (const one of events) deliveries.take('ledger', one);
    await deliveries.settled();
  };
  return { deliveries, sent, reports, errors, clock, deliver };
}

/** A clock on which every sleep lasts until it is ended, and a promise of the first one. */
function stoppedClock() {
  const waiting = Promise.withResolvers<void>();
  const sleep = (_: number, signal?: AbortSignal) => {
    waiting.resolve();
    return new Promise<void>((__, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  };
  return { clock: { ...manualClock(), sleep }, waiting: waiting.promise };
}

const withTarget = (parts: Partial<RuleTarget>) => [{ ...rule, targets: [{ ...target, ...parts }] }];

describe('a delivery to an endpoint', () => {
  it('is one request with the body that the rule takes from the event, and what the connection adds', async () => {
    const receiver = await startReceiver();
    const { deliver, sent, reports } = open({ url: receiver.url });
    await deliver(event({ body: { key: 'für 😀.jpg' } }));
    expect(receiver.requests).toMatchObject([
      {
        method: 'POST',
        path: '/hooks?sig=local',
        headers: {
          authorization: 'Bearer local',
          'content-type': 'application/json; charset=utf-8',
          'user-agent': 'Amazon/EventBridge/ApiDestinations',
        },
        body: '{"key":"für 😀.jpg","channel":"C1"}',
      },
    ]);
    expect(reports).toMatchObject([{ attempt: 1, url: receiver.url, outcome: { isDelivered: true, status: 200 } }]);
    expect(sent).toEqual([]);
  });

  it('is made for the events of its own bus that its pattern matches, and while its rule is enabled', async () => {
    const receiver = await startReceiver();
    const { deliver, deliveries } = open({ url: receiver.url });
    await deliver(event({ body: 1 }, 'somebody-else'));
    deliveries.take('default', event());
    await deliveries.settled();
    const disabled = open({ url: receiver.url, rules: [{ ...rule, enabled: false }] });
    await disabled.deliver(event());
    expect(receiver.requests).toEqual([]);
  });

  it.each([401, 407, 409, 429, 500, 503])('is tried again after status %s', async (status) => {
    const receiver = await startReceiver(statuses(status, status, 204));
    const { deliver, sent, reports, clock } = open({ url: receiver.url, clock: manualClock({ random: () => 1 }) });
    await deliver(event());
    expect(receiver.requests).toHaveLength(3);
    expect(clock.sleeps).toEqual([1000, 2000]);
    expect(reports.map(({ nextAfterMs }) => nextAfterMs)).toEqual([1000, 2000, undefined]);
    expect(sent).toEqual([]);
  });

  it.each([301, 400, 403, 404, 410])('is a dead letter at once after status %s', async (status) => {
    const receiver = await startReceiver(statuses(status));
    const { deliver, sent } = open({ url: receiver.url });
    await deliver(event());
    expect(receiver.requests).toHaveLength(1);
    expect(sent).toMatchObject([
      {
        queueUrl: `http://queue/${DEAD}`,
        message: {
          attributes: {
            RULE_ARN: rule.arn,
            TARGET_ARN: ENDPOINT,
            ERROR_CODE: 'ERROR_FROM_TARGET',
            ERROR_MESSAGE: `The endpoint answered with status ${status}.`,
            RETRY_ATTEMPTS: '0',
          },
        },
      },
    ]);
    expect(sent[0]?.message.attributes).not.toHaveProperty('EXHAUSTED_RETRY_CONDITION');
    expect(JSON.parse(sent[0]?.message.body ?? '')).toEqual(event());
  });

  it('is lost when it fails for good and its rule has no dead-letter queue', async () => {
    const receiver = await startReceiver(statuses(410));
    const { deadLetterQueueArn: _, ...withoutQueue } = target;
    const { deliver, sent } = open({ url: receiver.url, rules: [{ ...rule, targets: [withoutQueue] }] });
    await deliver(event());
    expect(sent).toEqual([]);
  });

  it('is tried again when the connection is cut behind the headers of a success', async () => {
    const receiver = await startReceiver((response, _, number) => {
      if (number > 1) return void response.end();
      response.writeHead(200, { 'content-length': '10' });
      response.write('{');
      setImmediate(() => response.destroy());
    });
    const { deliver, reports } = open({ url: receiver.url });
    await deliver(event());
    expect(reports).toMatchObject([
      { outcome: { isDelivered: false, code: 'CONNECTION_FAILURE', isRetryable: true } },
      { outcome: { isDelivered: true } },
    ]);
  });

  it('is tried again when nothing listens', async () => {
    const receiver = await startReceiver();
    await receiver.close();
    const { deliver, sent } = open({ url: receiver.url, rules: withTarget({ maximumRetryAttempts: 1 }) });
    await deliver(event());
    const attributes = { ERROR_CODE: 'CONNECTION_FAILURE', ERROR_MESSAGE: expect.stringContaining('ECONNREFUSED') };
    expect(sent).toMatchObject([
      { message: { attributes: { ...attributes, EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts' } } },
    ]);
  });

  it('is given 5 seconds for each request', async () => {
    const receiver = await startReceiver(() => undefined);
    const timeouts: number[] = [];
    const timeout = (milliseconds: number) => {
      timeouts.push(milliseconds);
      return AbortSignal.timeout(20);
    };
    const clock = { ...manualClock(), timeout };
    const { deliver, sent } = open({ url: receiver.url, clock, rules: withTarget({ maximumRetryAttempts: 2 }) });
    await deliver(event());
    expect(timeouts).toEqual([5000, 5000, 5000]);
    expect(sent).toMatchObject([{ message: { attributes: { ERROR_CODE: 'TIMEOUT', RETRY_ATTEMPTS: '2' } } }]);
  });

  it('is tried 185 times within a day, with delays that grow to a minute', async () => {
    const receiver = await startReceiver(statuses(503));
    const { deliver, sent, clock } = open({ url: receiver.url });
    await deliver(event());
    expect(receiver.requests).toHaveLength(186);
    expect(clock.sleeps.slice(0, 4)).toEqual([500, 1000, 2000, 4000]);
    expect(Math.max(...clock.sleeps)).toBe(30_000);
    expect(sent[0]?.message.attributes).toMatchObject({
      RETRY_ATTEMPTS: '185',
      EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
    });
  });

  it('is given up when the next try would be too late', async () => {
    const receiver = await startReceiver((response) => response.writeHead(503, { 'retry-after': '7200' }).end());
    const { deliver, sent, clock } = open({ url: receiver.url });
    await deliver(event());
    expect(clock.time).toBeLessThanOrEqual(DAY_MS);
    expect(receiver.requests).toHaveLength(13);
    expect(sent[0]?.message.attributes).toMatchObject({ EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds' });
  });

  it.each([
    ['seconds', '30', 30_000],
    ['a date', 'Thu, 01 Jan 1970 00:01:00 GMT', 60_000],
    ['less than the next delay', '0', 500],
    ['nothing that can be read', 'soon', 500],
  ])('waits as long as the endpoint asks for in %s', async (_, retryAfter, wait) => {
    const receiver = await startReceiver((response, __, number) =>
      number > 1 ? response.end() : response.writeHead(429, { 'retry-after': retryAfter }).end(),
    );
    const { deliver, clock } = open({ url: receiver.url });
    await deliver(event());
    expect(clock.sleeps).toEqual([wait]);
  });

  it('ends when the endpoint asks for no further request', async () => {
    const receiver = await startReceiver((response) => response.writeHead(503, { 'retry-after': '-1' }).end());
    const { deliver, sent } = open({ url: receiver.url });
    await deliver(event());
    expect(receiver.requests).toHaveLength(1);
    expect(sent).toHaveLength(1);
  });

  it('waits for its turn where an endpoint takes only so many requests a second', async () => {
    const receiver = await startReceiver();
    const { deliver, clock } = open({ url: receiver.url, ratePerSecond: 2 });
    await deliver(...Array.from({ length: 6 }, () => event()));
    expect(receiver.requests).toHaveLength(6);
    expect(clock.time).toBeGreaterThanOrEqual(2000);
  });

  it('leaves this machine never, and says so once', async () => {
    const { deliver, errors, reports, sent } = open({});
    await deliver(event(), event());
    expect(errors.map(({ message }) => message)).toEqual([
      'Events for https://hooks.example.com are not sent: the local stack delivers on this machine only.',
    ]);
    expect([...reports, ...sent]).toEqual([]);
  });

  it('to a topic does not leave it either', async () => {
    const { deliver, errors, reports, sent } = open({
      rules: withTarget({ arn: 'arn:aws:sns:eu-west-1:111122223333:alerts' }),
    });
    await deliver(event(), event());
    expect(errors.map(({ message }) => message)).toEqual([
      'Events for the topic arn:aws:sns:eu-west-1:111122223333:alerts are not sent: the local stack delivers on this machine only.',
    ]);
    expect([...reports, ...sent]).toEqual([]);
  });

  it('ends its retries when the deliveries are closed', async () => {
    const receiver = await startReceiver(statuses(503));
    const { clock, waiting } = stoppedClock();
    const { deliveries, sent } = open({ url: receiver.url, clock });
    deliveries.take('ledger', event());
    await waiting;
    await deliveries.close();
    expect(receiver.requests).toHaveLength(1);
    expect(sent).toEqual([]);
  });

  it('is not made when the deliveries are closed while it waits for its turn', async () => {
    const receiver = await startReceiver();
    const { clock, waiting } = stoppedClock();
    const { deliveries, reports } = open({ url: receiver.url, ratePerSecond: 1, clock });
    for (let count = 0; count < 5; count += 1) deliveries.take('ledger', event());
    await waiting;
    await deliveries.close();
    expect(receiver.requests.length).toBeLessThanOrEqual(1);
    expect(reports.length).toBeLessThanOrEqual(1);
  });

  it('is cut when the deliveries are closed before the endpoint answers', async () => {
    const arrived = Promise.withResolvers<void>();
    const receiver = await startReceiver(() => arrived.resolve());
    const { deliveries, reports, sent, errors } = open({ url: receiver.url });
    // More than may be open at once.
    for (let count = 0; count < 150; count += 1) deliveries.take('ledger', event());
    await arrived.promise;
    await deliveries.close();
    expect(receiver.requests.length).toBeLessThanOrEqual(100);
    expect([...reports, ...sent, ...errors]).toEqual([]);
  });
});

describe('a delivery to a queue', () => {
  it('is a message with what the rule takes from the event', async () => {
    const { deliver, sent } = open({ rules: withTarget({ arn: QUEUE, inputPath: [] }) });
    await deliver(event({ body: '😀' }));
    expect(sent).toMatchObject([{ queueUrl: `http://queue/${QUEUE}` }]);
    expect(sent[0]?.message.body).not.toContain('😀');
    expect(JSON.parse(sent[0]?.message.body ?? '')).toEqual(event({ body: '😀' }));
  });

  it('is reported when the queue does not take it', async () => {
    const sendMessages = () => Promise.reject(new Error('no such queue'));
    const { deliver, errors } = open({ rules: withTarget({ arn: QUEUE }), options: { sendMessages } });
    await deliver(event());
    expect(errors).toMatchObject([{ message: 'no such queue' }]);
  });
});
