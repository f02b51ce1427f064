import { Metrics } from '@aws-lambda-powertools/metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MetricDocument } from '../../src/consumer/metric-document.ts';
import { toEmf } from '../../src/consumer/to-emf.ts';
import { METRIC_NAMESPACE } from '../../src/contract/metrics.ts';

const SERVICE = 'UploadLedger/Uploads';
const NOW = Date.parse('2026-11-22T12:00:30.000Z');

/** The same document by Powertools, which is told value by value. */
function byPowertools({ timestamp = NOW, dimensions, metrics: all }: MetricDocument): object {
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: SERVICE });
  metrics.setTimestamp(timestamp);
  for (const [name, value] of Object.entries(dimensions)) metrics.addDimension(name, value);
  for (const { name, unit, values } of all) for (const value of values) metrics.addMetric(name, unit, value);
  return metrics.serializeMetrics();
}

const metric = (name: string) =>
  fc.record({
    name: fc.constant(name),
    unit: fc.constantFrom('Count' as const, 'Bytes' as const, 'Milliseconds' as const),
    // Powertools writes a metric with 100 values at once, and begins anew.
    values: fc.array(fc.nat(), { maxLength: 99, size: 'max' }),
  });

const document: fc.Arbitrary<MetricDocument> = fc.record(
  {
    timestamp: fc.integer({ min: NOW - 86_400_000, max: NOW }),
    dimensions: fc.constantFrom({}, { bucket: 'a-bucket', category: 'image' }),
    metrics: fc.tuple(metric('UploadsRecorded'), metric('UploadBytes'), metric('RecordingDelay')),
  },
  { requiredKeys: ['dimensions', 'metrics'] },
);

describe('a metric document', () => {
  /** One for all documents, as the function has it. */
  const powertools = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: SERVICE });

  it('is what Powertools writes when it is told every value, to the byte', () => {
    fc.assert(
      fc.property(document, (one) => {
        expect(JSON.stringify(toEmf(powertools, one, NOW))).toBe(JSON.stringify(byPowertools(one)));
      }),
      { seed: 11, numRuns: 200 },
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, '7', null])('is refused with %s among its values', (value) => {
    const metrics = [{ name: 'UploadBytes', unit: 'Bytes', values: [1, value as number] }] as const;
    expect(() => toEmf(powertools, { dimensions: {}, metrics }, NOW)).toThrow(
      'Expected a finite number as a value of UploadBytes',
    );
  });
});
