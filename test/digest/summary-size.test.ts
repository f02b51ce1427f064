import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SUMMARY_ITEM_BYTES } from '../../src/digest/batch-summary.ts';
import { summarise } from '../../src/digest/summarise.ts';
import { toSummaryItem } from '../../src/digest/summary-item.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { CATEGORIES } from '../../src/upload/category.ts';
import { SEED } from '../builders/arbitraries.ts';
import { record } from './records.ts';

const TIME = '2026-11-22T10:15:30.123Z';
const REQUEST_ID = '00000000-0000-0000-0000-000000000000';
const facts = { failed: 2 ** 53, quarantined: 2 ** 53, alertsHeldBack: 2 ** 53, now: 2 ** 42 };

/** Size as DynamoDB counts it: names and values of attributes, UTF-8; a number takes less than its digits. */
function itemBytes(records: readonly LedgerRecord[]): number {
  const item = toSummaryItem(summarise(records, facts), TIME, REQUEST_ID);
  return Object.entries(item)
    .map(([name, value]) => Buffer.byteLength(name) + Buffer.byteLength(value.S ?? value.N ?? ''))
    .reduce((sum, bytes) => sum + bytes, 0);
}

/** The text repeated until it has so many bytes, or just under. */
function fill(text: string, bytes: number): string {
  return text.repeat(Math.floor(bytes / Buffer.byteLength(text)));
}

/** A record with everything as long as it can be. */
function longRecord(filling: string, at: number): LedgerRecord {
  return record({
    s3_bucket: `${at}${fill(filling, 250)}`,
    s3_key: `${at}${fill(filling, 1019)}`,
    upload_id: `${at}${fill(filling, 1019)}`,
    uploader: `${at}${fill(filling, 2000)}`,
    filesize: Number.MAX_SAFE_INTEGER - at,
    category: CATEGORIES[at % CATEGORIES.length] ?? 'other',
  });
}

describe('the size of a stored summary', () => {
  it.each(['x', '"', '\\', '\u0000', '\u007f', 'é', '\u202e', '€', '😀', '\ud800'])(
    'stays below its bound with 10,000 records of keys made of %j',
    (filling) => {
      const hostile = Array.from({ length: 10_000 }, (_, at) => longRecord(filling, at));
      const bytes = itemBytes(hostile);
      expect(bytes).toBeLessThanOrEqual(SUMMARY_ITEM_BYTES);
      // The bound means something: such a batch comes near it.
      expect(bytes).toBeGreaterThan(SUMMARY_ITEM_BYTES / 2);
    },
  );

  it('stays below its bound whatever the batch', () => {
    const filling = fc.string({ unit: 'binary', minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(filling, { minLength: 1, maxLength: 60 }), (fillings) => {
        expect(itemBytes(fillings.map(longRecord))).toBeLessThanOrEqual(SUMMARY_ITEM_BYTES);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it('is a few units of writing for an ordinary batch of 100', () => {
    const ordinary = Array.from({ length: 100 }, (_, at) =>
      record({ s3_key: `photos/2026/11/IMG_${at}.jpg`, uploader: `user-${at % 5}` }),
    );
    expect(itemBytes(ordinary)).toBeLessThan(2 * 1024);
  });
});
