import { Metrics } from '@aws-lambda-powertools/metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoredRecord } from '../../src/consumer/handle-batch.ts';
import { BucketDimension, type MetricDocument, toEmf, toUploadDocuments } from '../../src/consumer/metrics.ts';
import { METRIC_NAMESPACE } from '../../src/contract/metrics.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { ledgerRecord } from '../ledger/records.ts';

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

describe('toEmf', () => {
  it('writes what Powertools writes, to the byte', () => {
    fc.assert(
      fc.property(document, (one) => {
        expect(JSON.stringify(toEmf(SERVICE, one, NOW))).toBe(JSON.stringify(byPowertools(one)));
      }),
      { seed: 11, numRuns: 200 },
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, '7', null])('throws for %s among the values', (value) => {
    const metrics = [{ name: 'UploadBytes', unit: 'Bytes', values: [1, value as number] }] as const;
    expect(() => toEmf(SERVICE, { dimensions: {}, metrics }, NOW)).toThrow(
      'Expected a finite number as a value of UploadBytes',
    );
  });
});

const HOUR = 3_600_000;

function stored(overrides: Partial<LedgerRecord> = {}, delay = 5): StoredRecord {
  return { record: ledgerRecord({ timestamp: '2026-11-22T11:59:59.999Z', ...overrides }), delay };
}

function documents(all: readonly StoredRecord[]): Record<string, unknown>[] {
  return toUploadDocuments(all, NOW, new BucketDimension()).map(({ timestamp, dimensions, metrics }) => ({
    minute: timestamp === undefined ? undefined : new Date(timestamp).toISOString(),
    ...dimensions,
    ...Object.fromEntries(metrics.map(({ name, values }) => [name, values])),
  }));
}

const at = (time: number) => new Date(time).toISOString();

describe('the metrics of uploads', () => {
  it('are counted under the minute of the event', () => {
    expect(documents([stored({ filesize: 7 }, 501)])).toEqual([
      {
        minute: '2026-11-22T11:59:00.000Z',
        bucket: 'uploads-bucket',
        category: 'image',
        UploadsRecorded: [1],
        UploadBytes: [7],
        RecordingDelay: [501],
      },
    ]);
  });

  it('share a document when minute, bucket and category are equal', () => {
    const all = [
      stored({ filesize: 1 }),
      stored({ filesize: 2, timestamp: '2026-11-22T11:59:00.000Z' }),
      stored({ timestamp: '2026-11-22T11:58:59.999Z' }),
      stored({ category: 'video' }),
      stored({ s3_bucket: 'other-bucket' }),
    ];
    expect(documents(all).map(({ UploadsRecorded }) => UploadsRecorded)).toEqual([[2], [1], [1], [1]]);
  });

  it('share a document of all categories, where categories are not told apart', () => {
    const all = [stored({ filesize: 1 }), stored({ filesize: 2, category: 'video' })];
    expect(toUploadDocuments(all, NOW, new BucketDimension(), false)).toMatchObject([
      { dimensions: { bucket: 'uploads-bucket', category: '(all)' } },
    ]);
  });

  it('count an upload without a size, without bytes', () => {
    const { filesize: _, ...sizeless } = ledgerRecord({ timestamp: at(NOW) });
    expect(documents([{ record: sizeless, delay: 1 }])).toMatchObject([{ UploadsRecorded: [1], UploadBytes: [] }]);
  });

  it.each(['deleted', 'restored'] as const)('do not count what was %s', (status) => {
    expect(documents([stored({ status })])).toEqual([]);
    expect(documents([stored({ status }), stored()])).toMatchObject([{ UploadsRecorded: [1] }]);
  });

  it('have no more values than CloudWatch takes', () => {
    const all = Array.from({ length: 250 }, () => stored());
    expect(
      documents(all).map(({ UploadBytes, UploadsRecorded }) => [(UploadBytes as []).length, UploadsRecorded]),
    ).toEqual([
      [100, [100]],
      [100, [100]],
      [50, [50]],
    ]);
  });

  it.each([
    ['13 days ago', -13 * 24 * HOUR, at(Math.floor((NOW - 13 * 24 * HOUR) / 60_000) * 60_000)],
    ['15 days ago', -15 * 24 * HOUR, '2026-11-22T12:00:00.000Z'],
    ['an hour ahead', HOUR, at(Math.floor((NOW + HOUR) / 60_000) * 60_000)],
    ['3 hours ahead', 3 * HOUR, '2026-11-22T12:00:00.000Z'],
  ])('of %s are counted where CloudWatch takes them', (_, offset, minute) => {
    expect(documents([stored({ timestamp: at(NOW + offset) })])).toMatchObject([{ minute }]);
  });
});

describe('the bucket dimension', () => {
  it('is the name of the bucket', () => {
    expect(new BucketDimension().valueFor('acme-uploads.eu')).toBe('acme-uploads.eu');
  });

  it.each(['', 'ab', ':x', 'ünïcode', 'with space', 'a\nb', 'x'.repeat(256), '(other)', '__proto__'])(
    'is (other) for %j, which is no bucket name',
    (bucket) => expect(new BucketDimension().valueFor(bucket)).toBe('(other)'),
  );

  it('is bounded, because every value has a price', () => {
    const dimension = new BucketDimension();
    const values = new Set(Array.from({ length: 1000 }, (_, index) => dimension.valueFor(`made-up-${index}`)));
    expect(values.size).toBe(51);
    expect(dimension.valueFor('made-up-0')).toBe('made-up-0');
    expect(dimension.valueFor('made-up-999')).toBe('(other)');
  });

  it('is always the name of a configured bucket, and (other) for every other bucket, whatever comes first', () => {
    const configured = Array.from({ length: 60 }, (_, index) => `configured-${index}`);
    const dimension = new BucketDimension(configured);
    const madeUp = Array.from({ length: 100 }, (_, index) => dimension.valueFor(`made-up-${index}`));
    expect(new Set(madeUp)).toEqual(new Set(['(other)']));
    expect(configured.map((bucket) => dimension.valueFor(bucket))).toEqual(configured);
  });
});
