import { QueryCommand } from '@aws-sdk/client-dynamodb';
import type { SQSRecord } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAnnouncer } from '../../src/consumer/announce.ts';
import type { LedgerEventType } from '../../src/contract/events.ts';
import { eventPartition } from '../../src/contract/table.ts';
import { toAlert } from '../../src/digest/alerts/alert-rules.ts';
import { fromOutboxItem } from '../../src/events/outbox.ts';
import type { SendPuts } from '../../src/ledger/write/batch-write.ts';
import { alertRule } from '../builders/email-settings.ts';
import { manualClock } from '../builders/manual-clock.ts';
import { s3EventRecord, s3Message } from '../builders/s3-event.ts';
import { sqsMessage } from '../builders/sqs-message.ts';
import { tickMessage } from '../builders/tick-message.ts';
import { type ObservedClient, observe, sdkError } from '../digest/observed-client.ts';
import { schemaErrors } from '../events/event-schemas.ts';
import { type DynamoDBServer, startDynamoDB, TABLE_NAME } from '../ledger/dynamodb-server.ts';
import { finish } from './email-part-fixture.ts';

let server: DynamoDBServer;
let observed: ObservedClient;
/** Each test has a week to itself. */
let time = Date.parse('2003-01-01T12:00:00.000Z');

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

/** Details of the events of one type that wait in the table. */
async function waiting(type: LedgerEventType) {
  const { Items = [] } = await server.client.send(
    new QueryCommand({
      TableName: TABLE_NAME,
      KeyConditionExpression: 's3_object = :type',
      ExpressionAttributeValues: { ':type': { S: eventPartition(type) } },
    }),
  );
  const details = Items.map((item) => fromOutboxItem(item)?.detail);
  for (const detail of details) expect(schemaErrors(type, detail)).toEqual([]);
  return details;
}

describe('an invocation where events are published', () => {
  it('leaves an event for each alert, whether or not an email of it is held back, and for each digest', async () => {
    const messages = [tickNow('told'), upload('told/a.txt'), upload('told/b.txt')];
    const { failed, steps } = await finish(server, messages, {
      rules: ['one', 'two'],
      perMinute: 2,
      announces: true,
      now,
    });
    expect([failed, steps.length]).toEqual([[], 4]);
    const alerts = await waiting('AlertRaised');
    expect(alerts).toMatchObject([
      { alert: { rule: 'one', count: 2, objects: [{ s3_key: 'told/a.txt' }, { s3_key: 'told/b.txt' }] } },
      { alert: { rule: 'two', count: 2 } },
    ]);
    expect(await waiting('DigestReady')).toMatchObject([
      { digest: { name: 'told', uploads: 2, deletes: 0, to: new Date(time).toISOString() } },
    ]);
    // The emails of the minute are used up: the event is there all the same.
    const held = await finish(server, [upload('told/c.txt')], {
      rules: ['one', 'two'],
      perMinute: 2,
      announces: true,
      now,
    });
    expect(held.alerts).toEqual([]);
    expect(await waiting('AlertRaised')).toHaveLength(alerts.length + 2);
  });

  it('brings the batch back, without emails, when the table does not take the events: records change by nothing', async () => {
    // The first call carries the record and the summary.
    observed.before = () => {
      if (observed.commands.filter((name) => name === 'BatchWriteItemCommand').length > 1)
        throw sdkError('AccessDeniedException', 400);
    };
    const message = upload('refused.txt');
    const refused = await finish(server, [message], { rules: ['refused'], announces: true, now });
    expect(refused.failed).toEqual([message.messageId]);
    expect(refused.alerts).toEqual([]);
    observed.before = () => undefined;
    expect(await server.storedKeys()).toContainEqual(expect.stringContaining('acme-uploads/refused.txt'));
    const again = await finish(server, [message], { rules: ['refused'], announces: true, now });
    expect([again.failed, again.alerts.length]).toEqual([[], 1]);
    const rules = (await waiting('AlertRaised')).map((detail) => JSON.stringify(detail)).join('\n');
    expect(rules.match(/"rule":"refused"/g)).toHaveLength(1);
  });

  it('announces a digest once, however often its email has to be sent again', async () => {
    const tick = [upload('digest.txt'), tickNow('again')];
    const mail = { sendDigest: async () => Promise.reject(new Error('SES is down')) };
    const failed = await finish(server, tick, { announces: true, mail, now });
    expect(failed.failed).toEqual([tick[1]?.messageId]);
    const again = await finish(server, [tick[1] ?? upload('none')], { announces: true, now });
    expect(again.digests).toHaveLength(1);
    const told = (await waiting('DigestReady')).filter((detail) => JSON.stringify(detail).includes('"again"'));
    expect(told).toHaveLength(1);
  });

  it('costs a batch without alerts no call', async () => {
    await finish(server, [upload('quiet.txt')], { announces: true, now });
    expect(observed.commands).toEqual(['BatchWriteItemCommand']);
  });
});

describe('the announcer', () => {
  const alerts = ['one', 'two', 'three'].map((name) =>
    toAlert(`request/${name}`, alertRule(name), { count: 1, bytes: 1, buckets: [], mentions: [] }),
  );

  it('puts again what DynamoDB left out, and nothing else', async () => {
    const calls: string[][] = [];
    const send: SendPuts = async (items) => {
      calls.push(items.map(({ upload_id }) => upload_id));
      return calls.length < 3 ? items.slice(1) : [];
    };
    await createAnnouncer(send).announceAlerts(alerts, { clock: manualClock(), deadline: 1_000 });
    expect(calls).toEqual([
      ['request/one', 'request/two', 'request/three'],
      ['request/two', 'request/three'],
      ['request/three'],
    ]);
  });

  it('gives up when its time is up', async () => {
    const send: SendPuts = async (items) => items;
    const clock = manualClock({ random: () => 1 });
    await expect(createAnnouncer(send).announceAlerts(alerts, { clock, deadline: 1_000 })).rejects.toThrow(
      'DynamoDB left out 3 of the events',
    );
    expect(clock.time).toBeLessThanOrEqual(1_000);
  });
});
