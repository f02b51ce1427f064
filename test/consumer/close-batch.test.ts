import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CloseBatchOptions, closeBatch } from '../../src/consumer/finish-with-email.ts';
import type { AlertRule } from '../../src/digest/alerts/alert-rules.ts';
import { foldWindow } from '../../src/digest/summary/summary-store.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { type ObservedClient, observe, sdkError } from '../digest/observed-client.ts';
import { records } from '../digest/records.ts';
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

let requests = 0;
function close(batch: readonly LedgerRecord[], options: Partial<CloseBatchOptions> = {}) {
  requests += 1;
  const whole = {
    client: server.client,
    tableName: TABLE_NAME,
    clock: { ...systemClock, now: () => time, random: () => 0 },
    deadline: time + 30_000,
    requestId: `request-${requests}`,
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
    expect(await stored()).toMatchObject({ uploads: { count: 3, bytes: 3000 }, alertsHeldBack: 0 });
  });

  it('costs one write when nothing matches', async () => {
    await close(records(3, () => ({ s3_key: 'other' })));
    expect(observed.commands).toEqual(['PutItemCommand']);
  });

  it('claims alert emails before it stores the summary, which counts those held back', async () => {
    await close(records(1), { rules: rules('a', 'b', 'c'), alertsPerMinute: 2 });
    expect(observed.commands).toEqual(['UpdateItemCommand', 'PutItemCommand']);
    expect(await stored()).toMatchObject({ alertsHeldBack: 1 });
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
    expect(await stored()).toMatchObject({ alertsHeldBack: 6, uploads: { count: 8 } });
  });

  it('serves the first rules first', async () => {
    const { alerts, heldBack } = await close(records(1), { rules: rules('a', 'b', 'c'), alertsPerMinute: 2 });
    expect(alerts.map(({ rule }) => rule.name)).toEqual(['a', 'b']);
    expect(heldBack.map(({ rule }) => rule.name)).toEqual(['c']);
  });

  it('starts again with each minute', async () => {
    const one = { alertsPerMinute: 1 };
    expect((await close(records(1), one)).alerts).toHaveLength(1);
    expect((await close(records(1), one)).alerts).toHaveLength(0);
    time += 60_000;
    expect((await close(records(1), one)).alerts).toHaveLength(1);
  });

  it('holds everything back, without failing the batch, when emails cannot be claimed', async () => {
    observed.before = (command) => {
      if (command === 'UpdateItemCommand') throw sdkError('InternalServerError', 500);
    };
    const { alerts, heldBack, claimError } = await close(records(1));
    expect({ alerts, heldBack: heldBack.length }).toEqual({ alerts: [], heldBack: 1 });
    expect(claimError).toMatchObject({ name: 'InternalServerError' });
    expect(await stored()).toMatchObject({ uploads: { count: 1 }, alertsHeldBack: 1 });
  });
});
