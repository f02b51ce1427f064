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
    const fixed = totalDollars(cost({}, { uploadsPerMonth: 1 }));
    expect(fixed).toBeGreaterThan(totalDollars(cost()) / 2);
    const [highest] = dollarsByService(cost({}, { uploadsPerMonth: 100_000_000 })).keys();
    expect(highest).toBe('DynamoDB');
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
    expect(totalDollars(cost({ source: '{"delivery":"eventbridge"}' }))).toBeCloseTo(total + 1, 1);
    const email = cost(EMAIL, { alertEmailsPerMonth: 100 });
    expect(quantity(email, 'emails')).toBe(30 + 100);
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

  it('names what it has no price for', () => {
    expect(stackFacts(synthesizedResources(VARIANTS['all options'])).unpriced.toSorted()).toEqual([
      'AWS::KMS::Key',
      'AWS::Pipes::Pipe',
      'Contributor Insights',
      'X-Ray',
    ]);
  });
});
