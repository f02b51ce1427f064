import fc from 'fast-check';
import { CATEGORIES, UPLOAD_STATUSES } from '../../src/contract/uploads.ts';
import type { BatchSummary } from '../../src/digest/summary/batch-summary.ts';
import { summarise } from '../../src/digest/summary/summarise.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { record } from './records.ts';

/** Few enough names, sizes and times that groups, ties and equal mentions are common. */
export function ledgerRecords(): fc.Arbitrary<LedgerRecord> {
  return fc
    .record({
      s3_bucket: fc.constantFrom('acme', 'beta', 'gamma'),
      s3_key: fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.string({ unit: 'binary', minLength: 1, maxLength: 8 })),
      upload_id: fc.constantFrom('01', '02'),
      filesize: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 2 ** 40 })),
      timestamp: fc.integer({ min: 0, max: 5 }).map((second) => `2026-11-22T10:15:0${second}.000Z`),
      status: fc.constantFrom(...UPLOAD_STATUSES, 'uploaded' as const),
      event_name: fc.constantFrom('ObjectRemoved:Delete', 'ObjectRemoved:DeleteMarkerCreated'),
      version_id: fc.constantFrom('null', 'v1'),
      category: fc.constantFrom(...CATEGORIES),
      uploader: fc.oneof(
        fc.constantFrom('alice', '(other)', '(unknown)', '\\(other)'),
        fc.nat({ max: 60 }).map(String),
      ),
    })
    .chain(({ uploader, ...parts }) => fc.constantFrom(record(parts), record({ ...parts, uploader })));
}

/** Summaries as batches leave them. */
export function summaries(): fc.Arbitrary<BatchSummary> {
  const facts = fc.record({
    failed: fc.nat({ max: 5 }),
    quarantined: fc.nat({ max: 5 }),
    heldBack: fc.array(fc.record({ rule: fc.constantFrom('everything', 'invoices'), example: fc.string() }), {
      maxLength: 5,
    }),
    now: fc.nat({ max: 10_000 }).map((after) => Date.parse('2026-11-22T10:15:06.000Z') + after),
  });
  return fc
    .tuple(fc.array(ledgerRecords(), { maxLength: 30 }), facts)
    .map(([records, batchFacts]) => summarise(records, batchFacts));
}
