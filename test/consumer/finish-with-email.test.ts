import type { SQSRecord } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { foldWindow } from '../../src/digest/summary/summary-store.ts';
import { s3EventRecord, s3Message } from '../builders/s3-event.ts';
import { sqsMessage } from '../builders/sqs-message.ts';
import { tickMessage } from '../builders/tick-message.ts';
import { type ObservedClient, observe, sdkError } from '../digest/observed-client.ts';
import { type DynamoDBServer, startDynamoDB, TABLE_NAME } from '../ledger/dynamodb-server.ts';
import { finish } from './email-part-fixture.ts';

let server: DynamoDBServer;
let observed: ObservedClient;
/** Each test has a day to itself, so that a digest tells of one test. */
let time = Date.parse('2001-01-01T12:00:00.000Z');

beforeAll(async () => {
  server = await startDynamoDB();
});
afterAll(() => server.close());
beforeEach(() => {
  time += 7 * 24 * 60 * 60 * 1000;
  observed = observe(server.client);
});

const now = () => time;
const upload = (key: string): SQSRecord => sqsMessage({ body: s3Message(s3EventRecord({ key })) });
const tickNow = (name: string) => {
  const at = new Date(time).toISOString();
  return tickMessage({ digestName: name, scheduledTime: at, until: at });
};
const refuse = (refused: string) => {
  observed.before = (command) => {
    if (command === refused) throw sdkError('AccessDeniedException', 400);
  };
};

async function summary() {
  const window = { since: new Date(time - 60_000).toISOString(), until: new Date(time + 60_000).toISOString() };
  return (await foldWindow({ client: server.client, tableName: TABLE_NAME }, window)).summary;
}

describe('the email of an invocation', () => {
  it('stores the summary, reports, sends alerts, then handles the ticks, whose digests include the batch', async () => {
    const messages = [tickNow('in-order'), upload('a.txt'), upload('b.txt')];
    const { steps, failed, digests, metrics, alerts } = await finish(server, messages, { rules: ['all'], now });
    expect(steps).toEqual(['report', 'alert all', 'digest in-order']);
    expect(failed).toEqual([]);
    expect(await summary()).toMatchObject({ uploads: { count: 2 } });
    expect(alerts).toMatchObject([{ count: 2 }]);
    expect(digests).toMatchObject([{ batches: 1, summary: { uploads: { count: 2 } } }]);
    expect(metrics).toEqual({ AlertsSent: 1, DigestsSent: 1 });
  });

  it.each([
    [10, 1],
    [100, 5],
  ])('costs no call of its own, and no metric, for %i uploads that go out in %i calls', async (count, calls) => {
    const messages = Array.from({ length: count }, (_, at) => upload(`${at}.txt`));
    const { metrics, log } = await finish(server, messages, { now });
    expect(observed.commands).toEqual(Array(calls).fill('BatchWriteItemCommand'));
    expect(await summary()).toMatchObject({ uploads: { count } });
    expect(metrics).toEqual({});
    expect(log).toEqual([]);
  });

  it('counts failed and quarantined messages in the summary, but no ticks', async () => {
    const tick = tickNow('busy-with-nothing');
    await finish(server, [sqsMessage({ body: 'noise' }), tick], { now });
    expect(await summary()).toMatchObject({ quarantined: 1, failed: 0 });
  });
});

describe('an invocation whose summary cannot be stored', () => {
  it('stores it once more when only the call failed that it was in', async () => {
    refuse('BatchWriteItemCommand');
    const messages = [upload('a'), upload('b')];
    expect((await finish(server, messages, { now })).failed).toEqual(messages.map(({ messageId }) => messageId));
    expect(observed.commands).toEqual(['BatchWriteItemCommand', 'PutItemCommand']);
    expect(await summary()).toMatchObject({ uploads: { count: 0 }, failed: 2 });
  });

  it('brings back a quarantined message of which something is recorded, which no other summary would count', async () => {
    refuse('PutItemCommand');
    const half = sqsMessage({ body: s3Message(s3EventRecord({ key: 'a' }), s3EventRecord({ encodedKey: '%' })) });
    const { failed, reported } = await finish(server, [half, sqsMessage({ body: 'noise' })], { now });
    expect(failed).toEqual([half.messageId]);
    expect(reported).toMatchObject([{ stored: [], failed: 1, quarantined: 2 }]);
  });

  it('brings back every message except quarantined ones and ticks, and counts nothing as stored', async () => {
    refuse('PutItemCommand');
    const [first, second, poison, tick] = [upload('a'), upload('b'), sqsMessage({ body: '' }), tickNow('unsummarised')];
    const { failed, reported, steps, alerts } = await finish(server, [first, poison, tick, second], {
      rules: ['all'],
      now,
    });
    expect(failed).toEqual([first.messageId, second.messageId]);
    expect(reported).toMatchObject([
      { stored: [], failed: 2, quarantined: 1, failures: [{ code: 'summary-not-stored', messages: 2 }] },
    ]);
    expect(steps.filter((step) => step === 'quarantine')).toHaveLength(1);
    expect(alerts).toEqual([]);
  });
});

describe('the alerts of a batch', () => {
  it('wait in the queue when they cannot be sent, are counted and logged, and fail no message', async () => {
    const sendAlert = async () => {
      throw new Error('SES is down.', { cause: new Error('Look at its health page.') });
    };
    const { failed, metrics, log, queued } = await finish(server, [upload('a')], {
      rules: ['one', 'two'],
      mail: { sendAlert },
      now,
    });
    expect(failed).toEqual([]);
    expect(queued.map((body) => JSON.parse(body).rule)).toEqual(['one', 'two']);
    expect(metrics).toEqual({ AlertsFailed: 2 });
    const reason = 'SES is down. Look at its health page.';
    expect(log).toMatchObject([
      {
        level: 'warn',
        message: 'Alerts',
        facts: {
          sent: 0,
          failed: 2,
          failures: [{ alert: 'one', example: 'a', next: 'tried again', reason }, { alert: 'two' }],
        },
      },
    ]);
  });

  it('are counted and named when they are held back, and wait in the queue when nothing could be claimed', async () => {
    const stack = { rules: ['one', 'two', 'three'], perMinute: 4, now };
    expect((await finish(server, [upload('a')], stack)).metrics).toEqual({ AlertsSent: 3 });
    const bounded = await finish(server, [upload('a'), upload('b')], stack);
    expect(bounded.metrics).toEqual({ AlertsSent: 1, AlertsHeldBack: 2 });
    const heldBack = { uploads: 2, example: 'a' };
    expect(bounded.log).toMatchObject([
      {
        level: 'warn',
        message: 'Alerts',
        facts: {
          sent: 1,
          heldBack: 2,
          heldBackAlerts: [
            { alert: 'two', ...heldBack },
            { alert: 'three', ...heldBack },
          ],
        },
      },
    ]);
    refuse('UpdateItemCommand');
    const unclaimed = await finish(server, [upload('b')], { rules: ['one'], now });
    expect(unclaimed.metrics).toEqual({ AlertsFailed: 1 });
    expect(unclaimed.failed).toEqual([]);
    expect(unclaimed.queued).toHaveLength(1);
    expect(unclaimed.log).toMatchObject([
      { level: 'warn', facts: { failures: [{ reason: expect.stringContaining('AccessDenied') }] } },
    ]);
  });

  it('come from the queue as well, and come back there, beside uploads that are recorded', async () => {
    const refused = { rules: ['one'], mail: { sendAlert: () => Promise.reject(new Error('SES is down.')) }, now };
    const { queued } = await finish(server, [upload('a')], refused);
    const waiting = sqsMessage({
      body: queued[0] ?? '',
      attributes: { ...sqsMessage().attributes, SentTimestamp: `${time}` },
    });
    const again = await finish(server, [waiting, upload('b')], refused);
    expect(again.failed).toEqual([waiting.messageId]);
    expect(again.queued.map((body) => JSON.parse(body).mentions[0].key)).toEqual(['b']);
    const sent = await finish(server, [waiting], { rules: ['one'], perMinute: 10, now });
    expect(sent.failed).toEqual([]);
    expect(sent.alerts).toMatchObject([{ rule: { name: 'one' }, mentions: [{ key: 'a' }] }]);
  });

  it('are named once in the next digest when they could not be sent for an hour, also when delivered twice', async () => {
    const refused = { rules: ['one'], mail: { sendAlert: () => Promise.reject(new Error('SES is down.')) }, now };
    const { queued } = await finish(server, [upload('a')], refused);
    const sentAt = time;
    time += 60 * 60 * 1000;
    const attributes = { ...sqsMessage().attributes, SentTimestamp: `${sentAt}` };
    const waiting = [1, 2].map(() => sqsMessage({ body: queued[0] ?? '', attributes }));
    const { failed, log } = await finish(server, waiting, refused);
    expect(failed).toEqual([]);
    expect(log).toMatchObject([{ facts: { failures: [{ next: 'given up' }, { next: 'given up' }] } }]);
    expect((await summary()).heldBack).toEqual(new Map([['one', { count: 1, example: 'a' }]]));
  });

  it('share a few seconds, so that an SES that does not answer delays no uploads', async () => {
    const times: number[] = [];
    const sendAlert = async (_: unknown, deadline: number) => {
      times.push(deadline - time);
      time += 2_000;
    };
    await finish(server, [upload('a')], { rules: ['one', 'two', 'three'], mail: { sendAlert }, now });
    expect(times).toEqual([5_000, 3_000, 1_000]);
  });

  it('leave time for the answer when the invocation has little left', async () => {
    const times: number[] = [];
    const sendAlert = async (_: unknown, deadline: number) => void times.push(deadline - time);
    const short = { remainingMilliseconds: () => 3_000 };
    await finish(server, [upload('a')], { rules: ['one'], mail: { sendAlert }, invocation: short, now });
    expect(times).toEqual([2_000]);
  });
});

describe('the digest ticks of a batch', () => {
  it('come back alone when they fail, and are counted and logged with what to do', async () => {
    const sendDigest = async () => {
      throw new Error('SES is down.');
    };
    const tick = tickNow('failing');
    const { failed, metrics, log, reported } = await finish(server, [upload('a'), tick], {
      mail: { sendDigest },
      now,
    });
    expect(failed).toEqual([tick.messageId]);
    expect(reported).toMatchObject([{ failed: 0 }]);
    expect(metrics).toEqual({ DigestsFailed: 1, MessagesFailed: 1 });
    expect(log).toMatchObject([
      { level: 'error', facts: { digest: 'failing', reason: expect.stringContaining('SES is down.') } },
    ]);
  });

  it('are handled one after the other, and one that fails stops no other', async () => {
    const sendDigest = async ({ name }: { name: string }) => {
      if (name === 'second') throw new Error('injected');
    };
    const ticks = ['first', 'second', 'third'].map(tickNow);
    const { failed, steps, metrics } = await finish(server, [upload('a'), ...ticks], {
      mail: { sendDigest },
      now,
    });
    expect(steps).toEqual(['report', 'digest first', 'digest third']);
    expect(failed).toEqual([ticks[1]?.messageId]);
    expect(metrics).toEqual({ DigestsSent: 2, DigestsFailed: 1, MessagesFailed: 1 });
  });

  it('come back without counting as failed when another tick is sending', async () => {
    const ticks = [tickNow('twice'), tickNow('twice')];
    // The second of them runs while the first is sending.
    const sendDigest = async () => {
      const other = await finish(server, [ticks[1] as SQSRecord], { now });
      expect(other.failed).toEqual([ticks[1]?.messageId]);
      expect(other.metrics).toEqual({ MessagesFailed: 1 });
      expect(other.log).toMatchObject([{ level: 'info' }]);
    };
    const { metrics } = await finish(server, [upload('a'), ticks[0] as SQSRecord], {
      mail: { sendDigest },
      now,
    });
    expect(metrics).toEqual({ DigestsSent: 1 });
  });

  it('are only logged when there is nothing to send', async () => {
    const { failed, metrics, log, digests } = await finish(server, [tickNow('nothing')], { now });
    expect(failed).toEqual([]);
    expect(metrics).toEqual({});
    expect(digests).toEqual([]);
    expect(log).toMatchObject([{ level: 'info', message: 'No digest to send', facts: { kind: 'nothing' } }]);
  });

  it('cover what is surely stored: up to an invocation and a clock difference before they were due', async () => {
    await finish(server, [upload('a')], { now });
    const until = new Date(time + 34_999).toISOString();
    const early = tickMessage({ digestName: 'settled', scheduledTime: until });
    time += 60_000;
    expect((await finish(server, [early], { now })).digests).toEqual([]);
    const later = tickMessage({ digestName: 'settled', scheduledTime: new Date(time).toISOString() });
    expect((await finish(server, [later], { now })).digests).toMatchObject([{ summary: { uploads: { count: 1 } } }]);
  });
});
