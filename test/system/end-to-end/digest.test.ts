import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BatchReport } from '../../../src/local/poller/invocation.ts';
import type { LocalStack } from '../../../src/local/stack.ts';
import {
  ALERT_TO,
  type Burst,
  burst,
  DIGEST_TO,
  emailsTo,
  metricSum,
  startEmailStack,
  totalsOf,
} from './email-fixture.ts';

const UPLOADS = 600;
const URGENT = 10;

describe('a burst of uploads, ten of which match an alert rule', () => {
  let stack: LocalStack;
  let done: Burst;
  const batches: BatchReport[] = [];

  beforeAll(async () => {
    stack = await startEmailStack({ onBatch: (batch) => batches.push(batch) });
    done = await burst(stack, UPLOADS, URGENT);
    await stack.drained();
    await stack.scheduler.tickNow();
    await stack.drained();
  });

  afterAll(() => stack?.close());

  it('is reported in one digest, exact to the byte', async () => {
    const digests = await emailsTo(stack, DIGEST_TO);
    expect(digests).toHaveLength(1);
    expect(digests.map(totalsOf)).toEqual([{ uploads: UPLOADS, bytes: done.bytes }]);
    expect(digests[0]?.subject).toMatch(/^600 uploads, [\d.]+ kB in /);
    expect(digests[0]?.from).toContain('ledger@example.com');
    expect(metricSum(stack, 'DigestsSent')).toBe(1);
  });

  it('sends at most one alert email a batch, about the ten uploads and no other', async () => {
    const alerts = await emailsTo(stack, ALERT_TO);
    const uploadBatches = batches.filter(({ size }) => size > 1);
    expect(alerts.length).toBeGreaterThan(0);
    expect(alerts.length).toBeLessThanOrEqual(Math.min(URGENT, uploadBatches.length));
    const totals = alerts.map(totalsOf);
    const sum = (of: 'uploads' | 'bytes') => totals.reduce((all, one) => all + one[of], 0);
    expect({ uploads: sum('uploads'), bytes: sum('bytes') }).toEqual(done.urgent);
    expect(metricSum(stack, 'AlertsSent')).toBe(alerts.length);
    expect(metricSum(stack, 'AlertsHeldBack') + metricSum(stack, 'AlertsFailed')).toBe(0);
  });

  it('lets the digest read one item a batch, not one an upload', async () => {
    const [digest] = await emailsTo(stack, DIGEST_TO);
    const told = Number(/made of (\d+) batch/.exec(digest?.body.text ?? '')?.[1]);
    expect(told).toBeLessThanOrEqual(batches.length);
    expect(told).toBeGreaterThanOrEqual(UPLOADS / 100);
  });

  it('is reported once: the next digest has only later uploads', async () => {
    await stack.scheduler.tickNow();
    await stack.drained();
    expect(await emailsTo(stack, DIGEST_TO)).toHaveLength(1);
    const later = await burst(stack, 5, 1, 2);
    await stack.drained();
    await stack.scheduler.tickNow();
    await stack.drained();
    const digests = await emailsTo(stack, DIGEST_TO);
    expect(digests.slice(1).map(totalsOf)).toEqual([{ uploads: 5, bytes: later.bytes }]);
  });

  it('emits nothing that CloudWatch would refuse, and fails no message', () => {
    expect(stack.metrics.violations).toEqual([]);
    expect(metricSum(stack, 'MessagesFailed')).toBe(0);
  });
});
