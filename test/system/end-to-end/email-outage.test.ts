import { afterEach, describe, expect, it, vi } from 'vitest';
import { readDeadLetters, readRecords } from '../../../src/cli/demo/stack-contents.ts';
import type { LocalStack } from '../../../src/local/stack.ts';
import { ALERT_TO, burst, DIGEST_TO, emailsTo, metricSum, startEmailStack, totalsOf } from './email-fixture.ts';

const UPLOADS = 200;
const URGENT = 10;
const PATIENCE = { timeout: 45_000, interval: 100 };

describe('SES down for a whole burst', () => {
  let stack: LocalStack;
  let before: { readonly digests: number; readonly alerts: number };

  /** A burst while SES is down, recorded, with the digest's tick behind it. */
  async function burstWithoutSes(retryAfterSeconds: number) {
    stack = await startEmailStack({ retryAfterSeconds });
    // Servers of one process share their store.
    const count = async (address: string) => (await emailsTo(stack, address)).length;
    before = { digests: await count(DIGEST_TO), alerts: await count(ALERT_TO) };
    stack.servers.mail.setDown(true);
    const done = await burst(stack, UPLOADS, URGENT);
    // The queue holds its alerts for an hour, or for as many receives as there may be.
    await vi.waitUntil(async () => (await readRecords(stack)).length === UPLOADS, PATIENCE);
    await stack.scheduler.tickNow();
    return done;
  }

  afterEach(() => stack?.close());

  const digests = async () => (await emailsTo(stack, DIGEST_TO)).slice(before.digests);
  const alerted = async () => (await emailsTo(stack, ALERT_TO)).slice(before.alerts).map(totalsOf);

  it('loses no record and fails only the tick, whose digest and whose alerts arrive complete once SES is back', async () => {
    const { bytes, urgent } = await burstWithoutSes(2);
    expect(metricSum(stack, 'AlertsFailed')).toBeGreaterThan(0);
    expect(metricSum(stack, 'AlertsSent')).toBe(0);
    await vi.waitUntil(() => metricSum(stack, 'DigestsFailed') > 0, PATIENCE);
    expect(await digests()).toEqual([]);

    stack.servers.mail.setDown(false);
    await stack.drained();
    expect((await digests()).map(totalsOf)).toEqual([{ uploads: UPLOADS, bytes }]);
    expect(await readDeadLetters(stack)).toEqual([]);
    expect(metricSum(stack, 'DigestsSent')).toBe(1);
    const alerts = await alerted();
    expect(alerts.reduce((sum, { uploads }) => sum + uploads, 0)).toBe(URGENT);
    expect(alerts.reduce((sum, totals) => sum + totals.bytes, 0)).toBe(urgent.bytes);
  });

  it('moves tick and alerts to the dead-letter queue after the last try, and a redrive sends digest and alerts', async () => {
    const { bytes } = await burstWithoutSes(0);
    await stack.drained();
    const letters = await readDeadLetters(stack);
    const kinds = letters.map(({ body }) => JSON.parse(body).uploadLedger);
    expect(kinds.filter((kind) => kind === 'digest-tick')).toHaveLength(1);
    expect(new Set(kinds)).toEqual(new Set(['digest-tick', 'alert']));
    expect(metricSum(stack, 'DigestsFailed')).toBe(20);

    stack.servers.mail.setDown(false);
    await stack.servers.services.sendMessages(
      stack.queueUrl,
      letters.map(({ body }) => ({ body })),
    );
    await stack.drained();
    expect((await digests()).map(totalsOf)).toEqual([{ uploads: UPLOADS, bytes }]);
    expect((await alerted()).reduce((sum, { uploads }) => sum + uploads, 0)).toBe(URGENT);
  });
});
