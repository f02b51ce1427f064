import { readFileSync } from 'node:fs';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATEGORIES } from '../../../src/contract/uploads.ts';
import { SummaryFold } from '../../../src/digest/summary/batch-summary.ts';
import { type BatchFacts, summarise } from '../../../src/digest/summary/summarise.ts';
import {
  parseSummaryText,
  summaryPartitions,
  toSortKeyRange,
  toSummaryItem,
  toSummaryText,
  UnreadableSummaryError,
} from '../../../src/digest/summary/summary-item.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { EMAIL_SETTINGS } from '../../../src/shared/validation.ts';
import { SEED } from '../../builders/arbitraries.ts';
import { summaries } from '../arbitraries.ts';
import { richDigest, summary } from '../email/email-samples.ts';
import { record } from '../records.ts';

const stored = (name: string) =>
  readFileSync(new URL(`../../fixtures/summaries/${name}.json`, import.meta.url), 'utf8');
/** As version 1 of the function has stored them: of nothing, of much, of a few records, of failures alone. */
const version1: readonly string[] = JSON.parse(stored('version-1'));
const version2: string = JSON.parse(stored('version-2'));

type Item = Record<string, AttributeValue>;

/** Bytes that a stored summary stays below, however large its batch. */
const MAX_ITEM_BYTES = 16 * 1024;

const window = (since: string, until: string) => ({ since: `2026-11-22T${since}Z`, until: `2026-11-22T${until}Z` });
const itemAt = (time: string) => toSummaryItem(summary(), { time: `2026-11-22T${time}Z`, requestId: 'request-1' });
const sortKeyAt = (time: string) => itemAt(time).upload_id;

describe('toSummaryItem', () => {
  it('has its hour and its time as keys, and expires after 35 days, rounded up to a second', () => {
    const { attributes, ...key } = itemAt('10:15:30.123');
    const { summary: text, ...keys }: Item = attributes;
    expect(key).toEqual({ s3_object: keys.s3_object?.S, upload_id: keys.upload_id?.S });
    expect(keys).toEqual({
      s3_object: { S: 'summary#2026-11-22T10Z' },
      upload_id: { S: '2026-11-22T10:15:30.123Z#request-1' },
      expires_at: { N: String(Date.parse('2026-12-27T10:15:31Z') / 1000) },
    });
    expect(parseSummaryText(text?.S ?? '')).toEqual(summary());
  });
});

describe('toSortKeyRange and summaryPartitions', () => {
  const { from, to } = toSortKeyRange(window('10:00:00.000', '11:00:00.000'));

  it.each([
    ['10:00:00.000', false],
    ['10:00:00.001', true],
    ['11:00:00.000', true],
    ['11:00:00.001', false],
  ])('cover the summary of %s: %s, because a window starts after its first millisecond', (time, held) => {
    expect(sortKeyAt(time) >= from && sortKeyAt(time) <= to).toBe(held);
  });

  it.each([
    ['10:15:00.000', '10:30:00.000', ['10']],
    ['09:59:59.999', '12:00:00.000', ['09', '10', '11', '12']],
    ['10:00:00.000', '11:59:59.999', ['10', '11']],
    ['10:00:00.000', '10:00:00.000', ['10']],
  ])('give the partitions of each hour between %s and %s, in order', (since, until, hours) => {
    expect([...summaryPartitions(window(since, until))]).toEqual(hours.map((hour) => `summary#2026-11-22T${hour}Z`));
  });
});

describe('toSummaryText and parseSummaryText', () => {
  it('read a summary back as it was written', () => {
    fc.assert(
      fc.property(summaries(), (summary) => {
        expect(parseSummaryText(toSummaryText(summary))).toStrictEqual(summary);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it('write the same text as the version that is deployed, to the byte', () => {
    expect(toSummaryText(richDigest().summary)).toBe(version2);
  });

  it('read what version 1 has stored, byte for byte', () => {
    const [empty, rich, mixed, heldBack] = version1.map(parseSummaryText);
    expect(empty).toStrictEqual(summary());
    expect(rich).toStrictEqual({
      ...richDigest().summary,
      versionsDeleted: 0,
      heldBack: new Map([['(unknown)', { count: 4 }]]),
    });
    expect(mixed).toMatchObject({ uploads: { count: 2, bytes: 2000 }, deletes: 1, versionsDeleted: 0, restores: 1 });
    expect(heldBack).toStrictEqual(summary({ failed: 2, heldBack: new Map([['(unknown)', { count: 3 }]]) }));
  });

  it('add what version 1 has stored to what this version stores', () => {
    const fold = new SummaryFold();
    for (const text of version1) fold.add(parseSummaryText(text));
    fold.add(richDigest().summary);
    expect(fold.toSummary()).toMatchObject({
      uploads: { count: 826 },
      deletes: 7,
      versionsDeleted: 12,
      failed: 12,
      heldBack: new Map([
        ['(unknown)', { count: 7 }],
        ['everything', { count: 3, example: 'in/a.txt' }],
        ['invoices', { count: 1, example: 'invoices/1.pdf' }],
      ]),
    });
  });

  it.each(['', '{}', 'null', '3', '{"v":3}', '{"v":1', '[]'])('refuse the text %j', (text) => {
    expect(() => parseSummaryText(text)).toThrow(UnreadableSummaryError);
  });

  it('say what came instead, and keep the cause', () => {
    expect(() => parseSummaryText('null')).toThrow('got version undefined: deploy');
    expect(() => parseSummaryText('<html>')).toThrow(
      expect.objectContaining({
        name: 'UnreadableSummaryError',
        code: 'unreadable-summary',
        message: expect.stringContaining('got text that is not JSON (6 characters): deploy'),
        cause: expect.any(SyntaxError),
      }),
    );
  });

  it('say which version came, so that a rollback can be recognised', () => {
    expect(() => parseSummaryText('{"v":3,"uploads":[1,2]}')).toThrow(/version 1 to 2, got version 3: deploy/);
  });
});

const TIME = '2026-11-22T10:15:30.123Z';
const REQUEST_ID = '00000000-0000-0000-0000-000000000000';
/** Of every rule that a stack can have, with names as long as they can be. */
const heldBack = Array.from({ length: EMAIL_SETTINGS.alertRules }, (_, at) => {
  return { rule: `${at}`.padEnd(EMAIL_SETTINGS.nameLength, 'x'), example: '"'.repeat(1024) };
});
const facts = { failed: 2 ** 53, quarantined: 2 ** 53, heldBack, now: 2 ** 42 };

/** Size as DynamoDB counts it: names and values of attributes, UTF-8; a number takes less than its digits. */
function itemBytes(records: readonly LedgerRecord[], batch: BatchFacts = facts): number {
  const item: Item = toSummaryItem(summarise(records, batch), { time: TIME, requestId: REQUEST_ID }).attributes;
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
      const records = Array.from({ length: 10_000 }, (_, at) => longRecord(filling, at));
      const bytes = itemBytes(records);
      expect(bytes).toBeLessThanOrEqual(MAX_ITEM_BYTES);
      // Such a batch comes near the bound, so the bound is tight.
      expect(bytes).toBeGreaterThan(MAX_ITEM_BYTES / 2);
    },
  );

  it('stays below its bound whatever the batch', () => {
    const filling = fc.string({ unit: 'binary', minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(filling, { minLength: 1, maxLength: 60 }), (fillings) => {
        expect(itemBytes(fillings.map(longRecord))).toBeLessThanOrEqual(MAX_ITEM_BYTES);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it('is a few write units for an ordinary batch of 100', () => {
    const ordinary = Array.from({ length: 100 }, (_, at) =>
      record({ s3_key: `photos/2026/11/IMG_${at}.jpg`, uploader: `user-${at % 5}` }),
    );
    expect(itemBytes(ordinary, { ...facts, heldBack: [] })).toBeLessThan(2 * 1024);
  });
});
