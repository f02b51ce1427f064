import type { SQSRecord } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HELD_BACK_MESSAGE } from '../../src/contract/alert-message.ts';
import { s3EventRecord, s3Message } from '../builders/s3-event.ts';
import { sqsMessage } from '../builders/sqs-message.ts';
import { tickMessage } from '../builders/tick-message.ts';
import { type ObservedClient, observe, sdkError } from '../digest/observed-client.ts';
import { type DynamoDBServer, startDynamoDB } from '../ledger/dynamodb-server.ts';
import { type FinishOptions, finish } from './email-part-fixture.ts';

const MINUTE_MS = 60_000;

let server: DynamoDBServer;
let observed: ObservedClient;
/** Each test has a day to itself, and starts at 20 seconds of a minute. */
let day = Date.parse('2002-01-01T12:00:20.000Z');
let time = day;

beforeAll(async () => {
  server = await startDynamoDB();
});
afterAll(() => server.close());
beforeEach(() => {
  day += 24 * 60 * MINUTE_MS;
  time = day;
  observed = observe(server.client);
});

const upload = (key: string): SQSRecord => sqsMessage({ body: s3Message(s3EventRecord({ key })) });
const uploads = (...keys: string[]) => keys.map(upload);
const minuteOf = (at: number) => new Date(Math.floor(at / MINUTE_MS) * MINUTE_MS).toISOString();
const heldBackMessage = (minute: string) =>
  sqsMessage({ body: JSON.stringify({ uploadLedger: HELD_BACK_MESSAGE, minute }) });

/** A stack of these rules that sends as few emails as it may. */
const run = (messages: readonly SQSRecord[], options: FinishOptions = {}) =>
  finish(server, messages, { rules: ['one'], perMinute: options.rules?.length ?? 1, now: () => time, ...options });

/** Three batches of one minute: the alert of the first is sent, those of the others are held back. */
async function holdBack(options: FinishOptions = {}) {
  const batches = [uploads('a'), uploads('b', 'c'), uploads('d')];
  const queued = [];
  for (const batch of batches) queued.push(...(await run(batch, options)).queued);
  return queued;
}

describe('alerts that are held back without digests', () => {
  it('send one message a minute, which shows when the minute is over and names it alone', async () => {
    const delays: (number | undefined)[] = [];
    const queued = await holdBack({ onEnqueue: ({ DelaySeconds }) => void delays.push(DelaySeconds) });
    expect(queued.map((body) => JSON.parse(body))).toEqual([
      { uploadLedger: HELD_BACK_MESSAGE, minute: minuteOf(day) },
    ]);
    expect(delays).toEqual([50]);
  });

  it('are told by one email a rule, with their number and the first of them', async () => {
    const [body = ''] = await holdBack({ rules: ['one', 'two'] });
    time += MINUTE_MS;
    const { alerts, failed, metrics } = await run([sqsMessage({ body })], { rules: ['one', 'two'] });
    const told = { count: 3, since: minuteOf(day), mentions: [{ key: 'b' }] };
    expect(alerts).toMatchObject([
      { rule: { name: 'one' }, ...told },
      { rule: { name: 'two' }, ...told },
    ]);
    expect(failed).toEqual([]);
    expect(metrics).toEqual({ AlertsSent: 2 });
  });

  it('have their email of the next minute claimed, so that a noisy rule cannot take it, and the bound holds', async () => {
    const [body = ''] = await holdBack();
    time += MINUTE_MS;
    expect((await run(uploads('e'))).alerts).toEqual([]);
    expect((await run([sqsMessage({ body })])).alerts).toMatchObject([{ count: 3 }]);
  });

  it('claim an email of the minute in which their message comes late, and wait in the queue when none is left', async () => {
    const [body = ''] = await holdBack();
    time += 2 * MINUTE_MS;
    await run(uploads('e'));
    const late = await run([sqsMessage({ body })]);
    expect(late.alerts).toEqual([]);
    expect(late.queued.map((text) => JSON.parse(text))).toMatchObject([
      { uploadLedger: 'alert', rule: 'one', count: 3, since: minuteOf(day) },
    ]);
    time += MINUTE_MS;
    const waiting = sqsMessage({ body: late.queued[0] ?? '' });
    expect((await run([waiting])).alerts).toMatchObject([{ count: 3, since: minuteOf(day) }]);
  });

  it('wait in the queue as an alert of their own when SES does not take their email', async () => {
    const [body = ''] = await holdBack();
    time += MINUTE_MS;
    const mail = { sendAlert: () => Promise.reject(new Error('SES is down.')) };
    const { failed, queued } = await run([sqsMessage({ body })], { mail });
    expect(failed).toEqual([]);
    expect(queued.map((text) => JSON.parse(text))).toMatchObject([{ uploadLedger: 'alert', count: 3 }]);
  });

  it('are told once when their message comes twice', async () => {
    const [body = ''] = await holdBack();
    time += MINUTE_MS;
    const twice = [sqsMessage({ body }), sqsMessage({ body })];
    expect((await run(twice)).alerts).toHaveLength(1);
    expect((await run([sqsMessage({ body })])).alerts).toEqual([]);
  });

  it('are not told by a message about another minute, which leaves nothing in the table', async () => {
    await holdBack();
    const others = [-1, 1].map((minutes) => heldBackMessage(minuteOf(day + minutes * 30 * MINUTE_MS)));
    const again = [...others, ...others];
    expect(await run(again)).toMatchObject({ alerts: [], failed: [], queued: [] });
  });

  it('are told by the next message when the queue did not take that of their batch', async () => {
    const refused = await holdBack({
      onEnqueue: () => {
        throw sdkError('AccessDenied', 403);
      },
    });
    expect(refused).toEqual([]);
    const { queued } = await run(uploads('e'));
    time += MINUTE_MS;
    expect((await run([sqsMessage({ body: queued[0] ?? '' })])).alerts).toMatchObject([{ count: 4 }]);
  });

  it('bring their message back when the table does not answer, and fail no upload when they cannot be noted', async () => {
    const [body = ''] = await holdBack();
    time += MINUTE_MS;
    observed.before = (command) => {
      if (command === 'UpdateItemCommand') throw sdkError('AccessDeniedException', 400);
    };
    const message = sqsMessage({ body });
    const { failed, log } = await run([message, upload('e')]);
    expect(failed).toEqual([message.messageId]);
    expect(log.map(({ level }) => level)).toContain('warn');
  });

  it('are told by a message that does not come back with its batch, whose summary cannot be stored', async () => {
    const [body = ''] = await holdBack();
    time += MINUTE_MS;
    observed.before = (command) => {
      if (command === 'PutItemCommand') throw sdkError('AccessDeniedException', 400);
    };
    const recorded = upload('e');
    const { failed, alerts, reported } = await run([sqsMessage({ body }), sqsMessage({ body: 'noise' }), recorded]);
    expect(alerts).toMatchObject([{ count: 3 }]);
    expect(failed).toEqual([recorded.messageId]);
    expect(reported).toMatchObject([{ failed: 1, failures: [{ code: 'summary-not-stored', messages: 1 }] }]);
  });

  it('cause no message where the stack has digests, which name them', async () => {
    const at = new Date(day).toISOString();
    const tick = tickMessage({ digestName: 'daily', scheduledTime: at, until: at });
    await run(uploads('a'));
    const { metrics, queued } = await run([tick, upload('b')]);
    expect(metrics).toMatchObject({ AlertsHeldBack: 1 });
    expect(queued).toEqual([]);
  });

  it('quarantine the message in a stack without alerts', async () => {
    expect((await run([heldBackMessage(minuteOf(day))], { rules: [] })).steps).toContain('quarantine');
  });
});
