import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BatchSummary,
  isEmptySummary,
  largestFirst,
  latestFirst,
  MAX_MENTIONS,
  SummaryFold,
} from '../../../src/digest/summary/batch-summary.ts';
import { summarise } from '../../../src/digest/summary/summarise.ts';
import { SEED } from '../../builders/arbitraries.ts';
import { ledgerRecords, summaries } from '../arbitraries.ts';
import { record, records, versionDelete } from '../records.ts';

const settings = { seed: SEED, numRuns: 300 };
const EMPTY_SUMMARY = new SummaryFold().toSummary();

function merge(a: BatchSummary, b: BatchSummary): BatchSummary {
  const fold = new SummaryFold();
  fold.add(a);
  fold.add(b);
  return fold.toSummary();
}

const facts = { failed: 0, quarantined: 0, heldBack: [], now: Date.parse('2026-11-22T10:16:00.000Z') };

describe('SummaryFold', () => {
  it('gives the same whichever two summaries are merged first', () => {
    fc.assert(
      fc.property(summaries(), summaries(), summaries(), (a, b, c) => {
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
      }),
      settings,
    );
  });

  it('gives the same in either order', () => {
    fc.assert(
      fc.property(summaries(), summaries(), (a, b) => {
        expect(merge(a, b)).toEqual(merge(b, a));
      }),
      settings,
    );
  });

  it('is not changed by an empty summary', () => {
    fc.assert(
      fc.property(summaries(), (summary) => {
        expect(merge(summary, EMPTY_SUMMARY)).toEqual(summary);
        expect(merge(EMPTY_SUMMARY, summary)).toEqual(summary);
      }),
      settings,
    );
  });

  it('gives the same totals and mentions however the records fell into batches', () => {
    const cuts = fc.array(fc.nat({ max: 40 }), { maxLength: 5 });
    fc.assert(
      fc.property(fc.uniqueArray(ledgerRecords(), { maxLength: 40 }), cuts, (all, places) => {
        const ends = [...places, all.length].sort((a, b) => a - b);
        const batches = ends.map((end, at) => all.slice(ends[at - 1] ?? 0, end));
        const fold = new SummaryFold();
        for (const batch of batches) fold.add(summarise(batch, facts));
        const { byUploader: _, ...folded } = fold.toSummary();
        const { byUploader: __, ...whole } = summarise(all, facts);
        expect(folded).toEqual(whole);
      }),
      settings,
    );
  });

  it('never cuts groups, so that the sum of the lines is the total', () => {
    const batch = (prefix: string) =>
      summarise(
        records(20, (at) => ({ uploader: `${prefix}-${at}` })),
        facts,
      );
    const merged = merge(batch('morning'), batch('evening'));
    expect(merged.byUploader.size).toBe(40);
    expect(merged.uploads).toEqual({ count: 40, bytes: 40_000 });
  });

  it('names an upload that two batches have recorded once, and two uploads of one key twice', () => {
    const first = summarise([record({ upload_id: '01' })], facts);
    const again = summarise([record({ upload_id: '01' }), record({ upload_id: '02' })], facts);
    expect(merge(first, again).largest.map(({ uploadId }) => uploadId)).toEqual(['01', '02']);
  });

  it('orders records of one upload that name different uploaders, so that nothing depends on who came first', () => {
    const [known] = summarise([record({ uploader: 'alice' })], facts).largest;
    if (known === undefined) throw new Error('Expected a mention.');
    const { uploader: _, ...unknown } = known;
    const inOrder = [unknown, known, { ...known, uploader: 'bob' }];
    for (const order of [largestFirst, latestFirst]) {
      const signs = inOrder.map((a) => inOrder.map((b) => order(a, b)));
      expect(signs).toEqual([
        [0, -1, -1],
        [1, 0, -1],
        [1, 1, 0],
      ]);
    }
  });

  it('does not change the summaries that it adds', () => {
    const a = summarise([record({ uploader: 'alice' })], facts);
    const before = structuredClone(a);
    merge(a, a);
    expect(a).toEqual(before);
  });

  it('keeps the number of mentions bounded', () => {
    const batches = Array.from({ length: 4 }, (_, at) =>
      summarise(
        records(5, () => ({ upload_id: `${at}` })),
        facts,
      ),
    );
    expect(batches.reduce(merge).latest).toHaveLength(MAX_MENTIONS);
  });
});

describe('isEmptySummary', () => {
  it('is true for a batch in which nothing happened', () => {
    expect(isEmptySummary(EMPTY_SUMMARY)).toBe(true);
    expect(isEmptySummary(summarise([], facts))).toBe(true);
  });

  it.each([
    ['an upload of no bytes', summarise([record({ filesize: 0 })], facts)],
    ['a delete', summarise([record({ status: 'deleted' })], facts)],
    ['a deleted version', summarise([versionDelete()], facts)],
    ['a restore', summarise([record({ status: 'restored' })], facts)],
    ['a failure', summarise([], { ...facts, failed: 1 })],
    ['a quarantined message', summarise([], { ...facts, quarantined: 1 })],
    ['an alert that was held back', summarise([], { ...facts, heldBack: [{ rule: 'invoices', example: 'a' }] })],
  ])('is false for a batch with %s', (_, summary) => {
    expect(isEmptySummary(summary)).toBe(false);
    // Also with an upload besides: the two do not cancel each other.
    expect(isEmptySummary(merge(summary, summarise([record()], facts)))).toBe(false);
  });
});
