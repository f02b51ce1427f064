import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Distribution } from '../../../src/local/metrics/metric-sink.ts';
import { documentLine, many, NOW, sinkWith, UPLOADS } from './metric-sink-fixture.ts';

const at = (time: string) => Date.parse(`2026-11-22T${time}Z`);

describe('metrics in log lines', () => {
  it('have a sum, a count, extremes and percentiles', () => {
    const sink = sinkWith(documentLine({ values: { Uploads: [5, 1, 3] } }), documentLine({ values: { Uploads: 11 } }));
    const total = (statistic: 'Sum' | 'SampleCount' | 'Average' | 'Minimum' | 'Maximum' | 'p50' | 'p100') =>
      sink.total({ ...UPLOADS, statistic });
    expect(total('Sum')).toBe(20);
    expect(total('SampleCount')).toBe(4);
    expect(total('Average')).toBe(5);
    expect(total('Minimum')).toBe(1);
    expect(total('Maximum')).toBe(11);
    expect(total('p50')).toBe(3);
    expect(total('p100')).toBe(11);
  });

  it('are kept apart by the minute of their own timestamp', () => {
    const sink = sinkWith(
      documentLine({ timestamp: at('11:59:59.999'), values: { Uploads: 1 } }),
      documentLine({ timestamp: at('11:00:00.000'), values: { Uploads: 2 } }),
      documentLine({ timestamp: at('11:59:00.000'), values: { Uploads: 4 } }),
    );
    expect(sink.datapoints({ ...UPLOADS, statistic: 'Sum' })).toEqual([
      { at: at('11:00:00'), value: 2 },
      { at: at('11:59:00'), value: 5 },
    ]);
    expect(sink.datapoints({ ...UPLOADS, statistic: 'Sum', periodSeconds: 3600 })).toEqual([
      { at: at('11:00:00'), value: 7 },
    ]);
  });

  it('are one metric for each value of a dimension, whatever the order of the dimensions', () => {
    const sink = sinkWith(
      documentLine({ dimensions: { service: 's', bucket: 'a' }, values: { Uploads: 1 } }),
      documentLine({ dimensions: { bucket: 'a', service: 's' }, values: { Uploads: 2 } }),
      documentLine({ dimensions: { service: 's', bucket: 'b' }, values: { Uploads: 4 } }),
    );
    const total = (dimensions: Record<string, string>) => sink.total({ ...UPLOADS, dimensions, statistic: 'Sum' });
    expect(total({ bucket: 'a', service: 's' })).toBe(3);
    expect(total({ bucket: 'b', service: 's' })).toBe(4);
    expect(total({ service: 's' })).toBeUndefined();
    expect(sink.list()).toHaveLength(2);
  });

  it('belong to each of several sets of dimensions', () => {
    const line = documentLine({
      dimensions: { service: 's', bucket: 'a' },
      sets: [['service'], ['service', 'bucket'], []],
    });
    const identities = sinkWith(line)
      .list()
      .map(({ dimensions }) => dimensions);
    expect(identities).toEqual([{ service: 's' }, { service: 's', bucket: 'a' }, {}]);
  });

  it('have the unit that they name, or none', () => {
    const sink = sinkWith(
      documentLine({ values: { A: 1, B: 2 }, metrics: [{ Name: 'A', Unit: 'Bytes' }, { Name: 'B' }] }),
    );
    expect(sink.list().map(({ name, unit }) => [name, unit])).toEqual([
      ['A', 'Bytes'],
      ['B', 'None'],
    ]);
  });

  it('are understood as Powertools writes them', () => {
    const metrics = new Metrics({ namespace: 'UploadLedger', serviceName: 'upload-ledger' });
    metrics.setTimestamp(NOW);
    for (const bytes of [10, 20, 30]) metrics.addMetric('UploadBytes', MetricUnit.Bytes, bytes);
    const sink = sinkWith(JSON.stringify(metrics.serializeMetrics()));
    expect(sink.violations).toEqual([]);
    expect(sink.total({ ...UPLOADS, name: 'UploadBytes', statistic: 'Sum' })).toBe(60);
  });

  it('are not looked for in lines that are no metric document', () => {
    const sink = sinkWith(
      '',
      'plain text',
      '{"level":"INFO"}',
      '{"_aws":{"Timestamp":1}}',
      '["CloudWatchMetrics"]',
      'null',
    );
    expect(sink.list()).toEqual([]);
    expect(sink.violationCount).toBe(0);
  });

  it('never make the sink throw, whatever the line', () => {
    const sink = sinkWith();
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((json) => `{"_aws":{"CloudWatchMetrics":${json}}}`),
    );
    fc.assert(
      fc.property(anything, (line) => sink.take(line)),
      { seed: 7 },
    );
  });
});

describe('memory', () => {
  it('is bounded in metrics: one too many is a violation', () => {
    const lines = many(1001, (index) => documentLine({ dimensions: { uploader: `u${index}` } }));
    const sink = sinkWith(...lines);
    expect(sink.list()).toHaveLength(1000);
    expect(sink.violations).toEqual([expect.stringContaining('More than 1000 metrics')]);
  });

  it('is bounded in refusals: the latest are kept, all are counted', () => {
    const sink = sinkWith(...many(150, (index) => documentLine({ namespace: `:${index}` })));
    expect(sink.violationCount).toBe(150);
    expect(sink.violations).toHaveLength(100);
  });

  it('is bounded in distinct values, with sum, count and extremes exact and percentiles to three digits', () => {
    const all = new Distribution();
    for (let value = 1; value <= 100_000; value += 1) all.add(value);
    expect(all.get('Sum')).toBe(5_000_050_000);
    expect(all.get('SampleCount')).toBe(100_000);
    expect([all.get('Minimum'), all.get('Maximum')]).toEqual([1, 100_000]);
    expect(all.get('p90')).toBeGreaterThanOrEqual(89_900);
    expect(all.get('p90')).toBeLessThanOrEqual(90_100);
  });
});

describe('a distribution', () => {
  const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 200 });
  const distributionOf = (numbers: readonly number[]) => {
    const distribution = new Distribution();
    for (const value of numbers) distribution.add(value);
    return distribution;
  };

  it('gives the percentile of the nearest rank', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 100 }), (numbers, percent) => {
        const sorted = [...numbers].sort((a, b) => a - b);
        const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
        expect(distributionOf(numbers).get(`p${percent}`)).toBe(sorted[rank - 1]);
      }),
      { seed: 7 },
    );
  });

  it('is the same merged from parts as taken whole', () => {
    fc.assert(
      fc.property(values, values, (first, second) => {
        const merged = distributionOf(first);
        merged.merge(distributionOf(second));
        const whole = distributionOf([...first, ...second]);
        for (const statistic of ['Sum', 'SampleCount', 'Minimum', 'Maximum', 'p50', 'p99'] as const) {
          expect(merged.get(statistic)).toBe(whole.get(statistic));
        }
      }),
      { seed: 7 },
    );
  });

  it.each(['p101', 'p-1', 'pNaN'] as const)('has no %s', (statistic) => {
    expect(() => distributionOf([1]).get(statistic as 'p50')).toThrow(RangeError);
  });
});
