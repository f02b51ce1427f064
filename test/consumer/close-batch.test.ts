import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CloseBatchOptions, closeBatch } from '../../src/consumer/finish-with-email.ts';
import type { AlertRule } from '../../src/contract/email-settings.ts';
import { countHeldBack } from '../../src/digest/summary/batch-summary.ts';
import { BatchSummaryWriter, foldWindow } from '../../src/digest/summary/summary-store.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { SEED } from '../builders/arbitraries.ts';
import { type ObservedClient, observe, sdkError } from '../digest/observed-client.ts';
import { record, records } from '../digest/records.ts';
import { type DynamoDBServer, startDynamoDB, TABLE_NAME } from '../ledger/dynamodb-server.ts';

let server: DynamoDBServer;
let observed: ObservedClient;
/** Each test has a day to itself. */
let time = Date.parse('2000-01-01T12:00:00.000Z');

beforeAll(async () => {
  server = await startDynamoDB();
});
afterAll(() => server.close());
beforeEach(() => {
  time += 24 * 60 * 60 * 1000;
  observed = observe(server.client);
});

const rules = (...names: string[]): AlertRule[] =>
  names.map((name) => ({ name, recipients: ['team@example.com'], timeZone: 'UTC', prefix: 'key-' }));

const everything: AlertRule = { name: 'everything', recipients: ['a@example.com'], timeZone: 'UTC', everything: true };

let requests = 0;
/** Closes a batch whose summary has not gone with its records. */
function close(batch: readonly LedgerRecord[], options: Partial<CloseBatchOptions> = {}) {
  requests += 1;
  const clock = { ...systemClock, now: () => time, random: () => 0 };
  const whole = {
    client: server.client,
    tableName: TABLE_NAME,
    clock,
    deadline: time + 30_000,
    requestId: `request-${requests}`,
    summary: new BatchSummaryWriter({ requestId: `request-${requests}`, clock }),
    rules: rules('keys'),
    alertsPerMinute: 10,
    ...options,
  };
  const stored = batch.map((record) => ({ record, delay: 0 }));
  return closeBatch({ stored, failed: 0, quarantined: 0 }, whole);
}

async function stored() {
  const window = { since: new Date(time - 60_000).toISOString(), until: new Date(time + 600_000).toISOString() };
  return (await foldWindow({ client: server.client, tableName: TABLE_NAME }, window)).summary;
}

describe('closeBatch', () => {
  it('returns the alerts to send and stores the summary', async () => {
    const { alerts, heldBack } = await close(records(3));
    expect(alerts.map(({ rule, count }) => [rule.name, count])).toEqual([['keys', 3]]);
    expect(heldBack).toEqual([]);
    expect(await stored()).toMatchObject({ uploads: { count: 3, bytes: 3000 }, heldBack: new Map() });
  });

  it('costs one write when nothing matches', async () => {
    await close(records(3, () => ({ s3_key: 'other' })));
    expect(observed.commands).toEqual(['PutItemCommand']);
  });

  it.each([
    { what: 'has an alert, which may have to go to the queue afterwards', s3_key: 'key-0', lastTry: 29_250 },
    { what: 'has none', s3_key: 'other', lastTry: 29_750 },
  ])('tries to store the summary for as long as there is time: where the batch $what', async ({ s3_key, lastTry }) => {
    const begin = time;
    const tries: number[] = [];
    observed.before = (command) => {
      if (command !== 'PutItemCommand') return;
      tries.push(time - begin);
      time += 250;
      throw sdkError('InternalServerError', 500);
    };
    await expect(close(records(1, () => ({ s3_key })))).rejects.toThrow('InternalServerError');
    time = begin;
    expect(tries.at(-1)).toBe(lastTry);
  });

  it('claims alert emails in one call, before it stores what happened, which names those held back', async () => {
    const stack = { rules: rules('a', 'b', 'c'), alertsPerMinute: 3 };
    await close(records(1), stack);
    observed.commands.length = 0;
    await close(records(1), stack);
    expect(observed.commands).toEqual(['UpdateItemCommand', 'PutItemCommand', 'PutItemCommand']);
    const one = { count: 1, example: 'key-0' };
    expect((await stored()).heldBack).toEqual(
      new Map([
        ['a', one],
        ['b', one],
        ['c', one],
      ]),
    );
  });

  it('has time for both when little is left', async () => {
    const { alerts } = await close(records(1), { deadline: time + 2_001.5 });
    expect(alerts).toHaveLength(1);
    expect(await stored()).toMatchObject({ uploads: { count: 1 } });
  });

  it('fails when the summary cannot be stored', async () => {
    observed.before = (command) => {
      if (command === 'PutItemCommand') throw sdkError('AccessDeniedException', 400);
    };
    await expect(close(records(1))).rejects.toThrow('AccessDeniedException');
  });
});

describe('the limit on alert emails a minute', () => {
  it('holds for all batches of a minute together, at the same time too', async () => {
    const closed = await Promise.all(Array.from({ length: 8 }, () => close(records(1), { rules: rules('a', 'b') })));
    expect(closed.flatMap(({ alerts }) => alerts)).toHaveLength(10);
    expect(closed.flatMap(({ heldBack }) => heldBack)).toHaveLength(6);
    const summary = await stored();
    expect(countHeldBack(summary)).toBe(6);
    expect(summary.uploads.count).toBe(8);
  });

  it('reserves one for each rule: everything, in a batch a second, does not silence the one invoice', async () => {
    const stack = { rules: [everything, ...rules('invoices')], alertsPerMinute: 10 };
    const sent: string[] = [];
    for (let second = 0; second < 60; second += 1) {
      const isInvoice = second === 45;
      const { alerts } = await close(
        records(1, () => ({ s3_key: isInvoice ? 'key-invoice' : 'other' })),
        stack,
      );
      sent.push(...alerts.map(({ rule }) => `${rule.name} at ${second}`));
      time += 1_000;
    }
    expect(sent).toEqual([...Array.from({ length: 9 }, (_, second) => `everything at ${second}`), 'invoices at 45']);
    time -= 60_000;
    expect((await stored()).heldBack).toEqual(new Map([['everything', { count: 51, example: 'key-invoice' }]]));
  });

  it('serves whoever comes first with the rest, and within a batch the first rules', async () => {
    const stack = { rules: rules('a', 'b', 'c'), alertsPerMinute: 5 };
    const names = async () => (await close(records(1), stack)).alerts.map(({ rule }) => rule.name);
    expect([await names(), await names(), await names()]).toEqual([['a', 'b', 'c'], ['a', 'b'], []]);
  });

  it('is kept to, and one is reserved for each rule, whatever matches when', async () => {
    const names = ['a', 'b', 'c', 'd'];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.subarray(names, { minLength: 1 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: names.length, max: 9 }),
        async (batches, alertsPerMinute) => {
          time += 60_000;
          const all = names.map((name) => ({ ...rules(name)[0], prefix: `${name}-` }) as AlertRule);
          const closed = await Promise.all(
            batches.map((matching) =>
              close(
                matching.map((name, at) => record({ s3_key: `${name}-${at}` })),
                { rules: all, alertsPerMinute },
              ),
            ),
          );
          const sent = closed.flatMap(({ alerts }) => alerts.map(({ rule }) => rule.name));
          const wanted = batches.flat().length;
          const heldBack = closed.flatMap((batch) => batch.heldBack).length;
          const matched = new Set(batches.flat());
          expect(sent.length + heldBack).toBe(wanted);
          expect(new Set(sent)).toEqual(matched);
          // Of the rest, nothing is kept from whoever asks.
          const rest = wanted - matched.size;
          expect(sent.length).toBe(matched.size + Math.min(rest, alertsPerMinute - names.length));
        },
      ),
      { seed: SEED, numRuns: 30 },
    );
  });

  it('starts again with each minute', async () => {
    const one = { alertsPerMinute: 1 };
    expect((await close(records(1), one)).alerts).toHaveLength(1);
    expect((await close(records(1), one)).alerts).toHaveLength(0);
    time += 60_000;
    expect((await close(records(1), one)).alerts).toHaveLength(1);
  });

  it('names the alerts for which no email could be claimed, without failing the batch', async () => {
    observed.before = (command) => {
      if (command === 'UpdateItemCommand') throw sdkError('InternalServerError', 500);
    };
    const { alerts, heldBack, failed } = await close(records(1));
    expect({ alerts, heldBack }).toEqual({ alerts: [], heldBack: [] });
    expect(failed).toMatchObject([{ alert: { rule: { name: 'keys' } }, error: { name: 'InternalServerError' } }]);
    expect(await stored()).toMatchObject({ uploads: { count: 1 }, heldBack: new Map() });
  });
});
