import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../src/shared/time.ts';
import { type DocumentOptions, documentLine, many, NOW, sinkWith } from './metric-sink-fixture.ts';

const names = (count: number) => Object.fromEntries(many(count, (index) => [`n${index}`, '1']));

describe("CloudWatch's rules", () => {
  it.each<[string, DocumentOptions]>([
    ['100 metrics', { values: Object.fromEntries(many(100, (index) => [`m${index}`, 1])) }],
    ['100 values of a metric', { values: { Uploads: many(100, () => 1) } }],
    ['30 dimensions', { dimensions: names(30) }],
    ['a timestamp of almost 14 days ago', { timestamp: NOW - 14 * 24 * HOUR_MS }],
    ['a timestamp of 2 hours ahead', { timestamp: NOW + 2 * HOUR_MS }],
  ])('allow %s', (_, options) => {
    const sink = sinkWith(documentLine(options));
    expect(sink.violations).toEqual([]);
    expect(sink.list()).not.toEqual([]);
  });

  it.each<[string, DocumentOptions, RegExp]>([
    ['101 metrics', { values: Object.fromEntries(many(101, (index) => [`m${index}`, 1])) }, /<=100 items/],
    ['101 values of a metric', { values: { Uploads: many(101, () => 1) } }, /Uploads/],
    ['31 dimensions', { dimensions: names(31) }, /<=30 items/],
    ['a timestamp of more than 14 days ago', { timestamp: NOW - 14 * 24 * HOUR_MS - 1 }, /more than 14 days old/],
    ['a timestamp of more than 2 hours ahead', { timestamp: NOW + 2 * HOUR_MS + 1 }, /more than 2 hours ahead/],
    ['a timestamp in seconds', { timestamp: Math.floor(NOW / 1000) }, /more than 14 days old/],
    ['no timestamp', { timestamp: undefined }, /Timestamp/],
    ['a timestamp that is a text', { timestamp: '2026-11-22' }, /Timestamp/],
    ['a metric that the document lacks', { metrics: [{ Name: 'Missing' }] }, /Missing/],
    ['a metric that only every object has', { metrics: [{ Name: 'constructor' }] }, /constructor/],
    ['a value that is a text', { values: { Uploads: '1' } }, /Uploads/],
    ['a value that was not a number', { values: { Uploads: null } }, /Uploads/],
    ['a dimension that the document lacks', { sets: [['bucket']] }, /bucket/],
    ['a dimension that is a number', { dimensions: { bucket: 1 } }, /bucket/],
    ['an empty dimension', { dimensions: { bucket: '' } }, /bucket/],
    ['a dimension beyond ASCII', { dimensions: { bucket: 'bücket' } }, /bucket/],
    ['an unknown unit', { metrics: [{ Name: 'Uploads', Unit: 'Files' }] }, /Unit/],
    ['no set of dimensions', { sets: [] }, /Dimensions/],
    ['a namespace that begins with a colon', { namespace: ':x' }, /Namespace/],
  ])('refuse %s, and take nothing of the document', (_, options, expected) => {
    const sink = sinkWith(documentLine(options));
    expect(sink.violationCount).toBe(1);
    expect(sink.violations).toEqual([expect.stringMatching(expected)]);
    expect(sink.list()).toEqual([]);
  });

  it('refuse a document that was cut', () => {
    expect(sinkWith(documentLine().slice(0, -5)).violations).toEqual([expect.stringContaining('not JSON')]);
  });
});
