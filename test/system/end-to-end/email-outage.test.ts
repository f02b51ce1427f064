import { afterEach, describe, expect, it, vi } from 'vitest';
import { readDeadLetters, readRecords } from '../../../src/cli/demo/stack-contents.ts';
import type { BatchReport } from '../../../src/local/poller/event-source.ts';
import type { LocalStack } from '../../../src/local/stack.ts';
import { ALERT_TO, burst, DIGEST_TO, emailsTo, metricSum, startEmailStack, totalsOf } from './email-fixture.ts';

const UPLOADS = 200;
const URGENT = 10;
const PATIENCE = { timeout: 45_000, interval: 100 };

describe('SES down for a whole burst', () => {
  let stack: LocalStack;
  let batches: BatchReport[];
  let before: number;

  /** A burst while SES is down, recorded, with the digest's tick behind it. */
  async function burstWithoutSes(retryAfterSeconds: number) {
    batches = [];
    stack = await startEmailStack({ retryAfterSeconds, onBatch: (batch) => batches.push(batch) });
    // Servers of one process share their store.
    before = (await emailsTo(stack, DIGEST_TO)).length;
    stack.servers.mail.setDown(true);
    const done = await burst(stack, UPLOADS, URGENT);
    await stack.drained();
    const failedBefore = batches.reduce((sum, { failures }) => sum + failures, 0);
    await stack.scheduler.tickNow();
    return { ...done, failedBefore };
  }

  afterEach(() => stack?.close());

  const digests = async () => (await emailsTo(stack, DIGEST_TO)).slice(before);

  it('loses no record and fails only the tick, whose digest arrives complete once SES is back', async () => {
    const { bytes, failedBefore } = await burstWithoutSes(2);
    expect(await readRecords(stack)).toHaveLength(UPLOADS);
    expect(failedBefore).toBe(0);
    expect(metricSum(stack, 'AlertsFailed')).toBeGreaterThan(0);
    expect(metricSum(stack, 'AlertsSent')).toBe(0);
    await vi.waitUntil(() => metricSum(stack, 'DigestsFailed') > 0, PATIENCE);
    expect(await digests()).toEqual([]);

    stack.servers.mail.setDown(false);
    await stack.drained();
    expect((await digests()).map(totalsOf)).toEqual([{ uploads: UPLOADS, bytes }]);
    expect(await readDeadLetters(stack)).toEqual([]);
    expect(metricSum(stack, 'DigestsSent')).toBe(1);
    // Alerts are not tried again: they say what is so now.
    expect(await emailsTo(stack, ALERT_TO)).toEqual([]);
  });

  it('moves the tick to the dead-letter queue after the last try, and a redrive sends the digest', async () => {
    const { bytes } = await burstWithoutSes(0);
    await stack.drained();
    const [letter, ...others] = await readDeadLetters(stack);
    expect(others).toEqual([]);
    expect(JSON.parse(letter?.body ?? '')).toMatchObject({ uploadLedger: 'digest-tick', digest: { name: 'daily' } });
    expect(metricSum(stack, 'DigestsFailed')).toBe(20);

    stack.servers.mail.setDown(false);
    await stack.servers.services.sendMessages(stack.queueUrl, [{ body: letter?.body ?? '' }]);
    await stack.drained();
    expect((await digests()).map(totalsOf)).toEqual([{ uploads: UPLOADS, bytes }]);
  });
});
