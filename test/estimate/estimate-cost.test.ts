import { describe, expect, it } from 'vitest';
import { CATEGORIES } from '../../src/contract/uploads.ts';
import { dollarsByService, estimateCost, totalDollars } from '../../src/estimate/estimate-cost.ts';
import { DEFAULT_WORKLOAD, type Workload } from '../../src/estimate/prices.ts';
import { stackFacts } from '../../src/estimate/stack-facts.ts';
import { EMAIL, VARIANTS } from '../infra/variants.ts';
import { synthesizedResources } from './synthesized-resources.ts';

/** US dollars a month that the default stack may cost at a million uploads, however they arrive. */
const BUDGET = 20;

const byDefault = stackFacts(synthesizedResources({}));

function cost(settings: Readonly<Record<string, string>> = {}, workload: Partial<Workload> = {}) {
  const facts = Object.keys(settings).length === 0 ? byDefault : stackFacts(synthesizedResources(settings));
  return estimateCost(facts, { ...DEFAULT_WORKLOAD, ...workload });
}

const quantity = (lines: ReturnType<typeof cost>, item: string) => lines.find((line) => line.item === item)?.quantity;

describe('estimateCost', () => {
  it('stays within the budget for a million uploads to the default stack', () => {
    expect(totalDollars(cost())).toBeLessThan(BUDGET);
  });

  it('counts every part of the default stack', () => {
    expect(byDefault.unpriced).toEqual([]);
    expect([...dollarsByService(cost()).keys()].sort()).toEqual(['CloudWatch', 'DynamoDB', 'Lambda', 'SQS']);
  });

  it('gives mostly metrics, alarms and the dashboard until there are many uploads', () => {
    const { CloudWatch = 0 } = Object.fromEntries(dollarsByService(cost()));
    expect(CloudWatch).toBeGreaterThan(totalDollars(cost()) / 2);
    const [highest] = dollarsByService(cost({}, { uploadsPerMonth: 100_000_000 })).keys();
    expect(highest).toBe('DynamoDB');
  });

  it('counts for a month without uploads what is there: dashboard, alarms and polling', () => {
    const lines = cost({}, { uploadsPerMonth: 0 }).filter(({ dollars }) => dollars > 0);
    expect(lines.map(({ item }) => item).sort()).toEqual(['dashboards', 'idle polling', 'metrics in alarms']);
    expect(totalDollars(lines)).toBeCloseTo(3 + 1.1 + 0.26, 2);
    expect(
      cost({ uploaderMetadata: 'true' }, { uploadsPerMonth: 0 }).filter(({ dollars }) => Number.isNaN(dollars)),
    ).toEqual([]);
  });

  it('counts metrics for the hours in which they report', () => {
    const one = { uploadsPerMonth: 72 };
    expect(quantity(cost({}, one), 'metrics of batches')).toBeCloseTo(
      (quantity(cost(), 'metrics of batches') ?? 0) / 10,
    );
    expect(quantity(cost({}, { hoursPerDay: 6 }), 'metrics of uploads (8 categories)')).toBe(24 / 4);
  });

  it('leaves out what is switched off', () => {
    const lines = cost({ metricsByCategory: 'false', dashboard: 'false' });
    expect(quantity(lines, 'metrics of uploads (1 category)')).toBe(3);
    expect(quantity(lines, 'dashboards')).toBe(0);
  });

  it('counts a write for the table and one for each index', () => {
    expect(quantity(cost(), 'writes of records and indexes')).toBe(3_000_000);
  });

  it('counts metrics by bucket and category', () => {
    const item = `metrics of uploads (${CATEGORIES.length} categories)`;
    expect(DEFAULT_WORKLOAD.categories).toBe(CATEGORIES.length);
    expect(quantity(cost(), item)).toBe(3 * CATEGORIES.length);
    expect(quantity(cost(VARIANTS['two buckets']), item)).toBe(2 * 3 * CATEGORIES.length);
  });

  it('counts polling of an idle queue, and the metrics that alarms watch', () => {
    const idle = cost({}, { uploadsPerMonth: 1 });
    expect(quantity(idle, 'idle polling')).toBe((30 * 24 * 3600) / 4);
    // Three of the seven watch several metrics: two, two and three.
    expect(quantity(idle, 'metrics in alarms')).toBe(11);
  });

  it('falls with fuller batches, and rises with EventBridge and email', () => {
    const total = totalDollars(cost());
    expect(totalDollars(cost({}, { hoursPerDay: 1 }))).toBeLessThan(total);
    expect(totalDollars(cost({ source: '{"delivery":"eventbridge"}' }))).toBeCloseTo(total + 1.2, 1);
    const email = cost(EMAIL, { alertEmailsPerMonth: 100 });
    expect(quantity(email, 'emails')).toBe(30 + 100);
    expect(quantity(cost(EMAIL, { digestRecipients: 3 }), 'emails')).toBe(3 * 30);
    // Nothing happened, no email.
    expect(quantity(cost(EMAIL, { uploadsPerMonth: 0 }), 'emails')).toBe(0);
    expect(quantity(email, 'schedules due')).toBe(30);
    expect(totalDollars(email)).toBeGreaterThan(total);
  });

  it('counts a HeadObject an upload where metadata is read, and the time that the function waits for it', () => {
    const lines = cost({ uploaderMetadata: 'true' });
    expect(quantity(lines, 'HeadObject, for the uploader')).toBe(1_000_000);
    expect(dollarsByService(lines).get('S3')).toBeCloseTo(0.4);
    expect(quantity(lines, 'GB-seconds')).toBeGreaterThan(2 * (quantity(cost(), 'GB-seconds') ?? 0));
    expect(quantity(cost(), 'HeadObject, for the uploader')).toBeUndefined();
  });

  it('counts the events, and the function that publishes them, only where there is a bus for them', () => {
    const lines = cost(VARIANTS['owned bucket with events']);
    expect(dollarsByService(lines).get('EventBridge')).toBeCloseTo(1);
    expect(quantity(lines, 'invocations of the publisher')).toBe(1_000_000);
    expect(quantity(lines, 'GB-seconds')).toBe(quantity(cost(), 'GB-seconds'));
    expect(totalDollars(lines) - totalDollars(cost())).toBeLessThan(3);
    const busy = cost(VARIANTS['owned bucket with events'], { uploadsPerMonth: 100_000_000 });
    expect(quantity(busy, 'invocations of the publisher')).toBeLessThan(5_000_000);
    const silent = cost(VARIANTS['owned bucket with events'], { uploadsPerMonth: 0 });
    expect(quantity(silent, 'GB-seconds of the publisher')).toBe(0);
    expect(cost().filter(({ item }) => /publisher|events of records/.test(item))).toEqual([]);
  });

  it('counts a request to each webhook for each upload, and no S3 events for their rules', () => {
    const lines = cost(VARIANTS['owned bucket with webhooks']);
    expect(quantity(lines, 'requests to webhooks')).toBe(3_000_000);
    expect(quantity(lines, 'S3 events')).toBeUndefined();
    expect(quantity(cost(), 'requests to webhooks')).toBeUndefined();
  });

  it('names what it has no price for', () => {
    expect(stackFacts(synthesizedResources(VARIANTS['all options'])).unpriced.toSorted()).toEqual([
      'AWS::KMS::Key',
      'Contributor Insights',
      'X-Ray',
    ]);
  });
});
