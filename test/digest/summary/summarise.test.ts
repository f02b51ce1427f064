import { describe, expect, it } from 'vitest';
import { MAX_GROUPS, MAX_MENTIONS, OTHER, UNKNOWN } from '../../../src/digest/summary/batch-summary.ts';
import { summarise } from '../../../src/digest/summary/summarise.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { record, records, versionDelete } from '../records.ts';

const NOW = Date.parse('2026-11-22T10:15:40.123Z');
const facts = { failed: 0, quarantined: 0, heldBack: [], now: NOW };
const summaryOf = (batch: readonly LedgerRecord[]) => summarise(batch, facts);

describe('summarise', () => {
  it('counts uploads with their bytes, and deletes and restores apart', () => {
    const summary = summaryOf([
      record({ filesize: 3 }),
      record({ filesize: 4, category: 'video', s3_bucket: 'beta', uploader: 'alice' }),
      record({ status: 'deleted' }),
      record({ status: 'restored', filesize: 99 }),
    ]);
    expect(summary).toMatchObject({ uploads: { count: 2, bytes: 7 }, deletes: 1, restores: 1 });
    expect(summary.byCategory).toEqual({ image: { count: 1, bytes: 3 }, video: { count: 1, bytes: 4 } });
    expect(summary.byBucket).toEqual(
      new Map([
        ['acme-uploads', { count: 1, bytes: 3 }],
        ['beta', { count: 1, bytes: 4 }],
      ]),
    );
    expect(summary.byUploader).toEqual(
      new Map([
        [UNKNOWN, { count: 1, bytes: 3 }],
        ['alice', { count: 1, bytes: 4 }],
      ]),
    );
  });

  it('counts an upload whose size the sender did not say', () => {
    const { filesize: _, ...sizeless } = record();
    expect(summaryOf([sizeless])).toMatchObject({ uploads: { count: 1, bytes: 0 }, largest: [{ filesize: 0 }] });
  });

  it('counts deletes of versions and of delete markers apart from those of objects', () => {
    const summary = summaryOf([
      record({ status: 'deleted', event_name: 'ObjectRemoved:Delete' }),
      record({ status: 'deleted', event_name: 'ObjectRemoved:DeleteMarkerCreated', version_id: 'm1' }),
      record({ status: 'deleted', event_name: 'LifecycleExpiration:DeleteMarkerCreated', version_id: 'm2' }),
      versionDelete(),
      versionDelete({ event_name: 'LifecycleExpiration:Delete' }),
    ]);
    expect(summary).toMatchObject({ uploads: { count: 0 }, deletes: 3, versionsDeleted: 2, restores: 0 });
  });

  it('keeps how many messages failed and were quarantined, and which rules held back how many alerts', () => {
    const heldBack = ['everything b', 'invoices c', 'everything a'].map((text) => {
      const [rule = '', example = ''] = text.split(' ');
      return { rule, example };
    });
    expect(summarise([], { failed: 1, quarantined: 2, heldBack, now: NOW })).toMatchObject({
      failed: 1,
      quarantined: 2,
      heldBack: new Map([
        ['everything', { count: 2, example: 'a' }],
        ['invoices', { count: 1, example: 'c' }],
      ]),
    });
  });

  it('gives the longest delay between an event and its record', () => {
    const times = ['2026-11-22T10:15:39.000Z', '2026-11-22T10:15:30.123Z'];
    expect(summaryOf(times.map((timestamp) => record({ timestamp }))).maxDelay).toBe(10_000);
  });

  it('gives an event from the future no delay', () => {
    expect(summaryOf([record({ timestamp: '2026-11-23T00:00:00.000Z' })]).maxDelay).toBe(0);
  });
});

describe('the groups of a summary', () => {
  it('have a line of their own if they have most uploads; the others share one', () => {
    // Uploader 0 has 30 uploads, uploader 1 has 29, and so on.
    const batch = Array.from({ length: 30 }, (_, at) =>
      records(30 - at, () => ({ uploader: `uploader-${at}` })),
    ).flat();
    const { byUploader, uploads } = summaryOf(batch);
    expect(byUploader.size).toBe(MAX_GROUPS + 1);
    expect(byUploader.get('uploader-19')).toEqual({ count: 11, bytes: 11_000 });
    expect(byUploader.has('uploader-20')).toBe(false);
    expect(byUploader.get(OTHER)).toEqual({ count: 55, bytes: 55_000 });
    expect([...byUploader.values()].reduce((sum, { count }) => sum + count, 0)).toBe(uploads.count);
  });

  it('are chosen by bytes, then by name, when they have equally many uploads', () => {
    const small = records(MAX_GROUPS, (at) => ({
      s3_bucket: `bucket-${String(at).padStart(2, '0')}`,
      filesize: 1,
    }));
    const batch = [...small, record({ s3_bucket: 'zebra', filesize: 2 })];
    for (const { byBucket } of [summaryOf(batch), summaryOf(batch.toReversed())]) {
      expect(byBucket.has('zebra')).toBe(true);
      expect(byBucket.has('bucket-18')).toBe(true);
      expect(byBucket.has('bucket-19')).toBe(false);
    }
  });

  it('keep uploaders apart from our own groups of the same name', () => {
    const uploaders = [OTHER, UNKNOWN, `\\${OTHER}`, `\\\\${OTHER}`, '(others)', '(oth\\er)', undefined];
    const batch = uploaders.map((uploader) => record(uploader === undefined ? {} : { uploader }));
    expect([...summaryOf(batch).byUploader.keys()].sort()).toEqual(
      [`\\${OTHER}`, `\\${UNKNOWN}`, `\\\\${OTHER}`, `\\\\\\${OTHER}`, '(others)', '(oth\\er)', UNKNOWN].sort(),
    );
  });

  it('are added up when their shortened names are equal', () => {
    const long = (middle: string) => 'a'.repeat(500) + middle + 'z'.repeat(500);
    const { byUploader } = summaryOf([record({ uploader: long('1') }), record({ uploader: long('2') })]);
    expect([...byUploader.values()]).toEqual([{ count: 2, bytes: 2000 }]);
  });
});

describe('the mentions of a summary', () => {
  it('are the largest uploads, largest first', () => {
    const sizes = [5, 9, 1, 7, 3, 8, 2];
    const batch = records(sizes.length, (at) => ({ filesize: sizes[at] ?? 0 }));
    expect(summaryOf(batch).largest.map(({ filesize }) => filesize)).toEqual([9, 8, 7, 5, 3]);
  });

  it('are the latest uploads, latest first', () => {
    const batch = records(7, (at) => ({ timestamp: `2026-11-22T10:15:3${at}.000Z` }));
    const seconds = summaryOf(batch).latest.map(({ timestamp }) => timestamp.at(18));
    expect(seconds).toEqual(['6', '5', '4', '3', '2']);
  });

  it('hold everything that an email shows', () => {
    expect(summaryOf([record({ uploader: 'alice' })]).latest).toEqual([
      {
        bucket: 'acme-uploads',
        key: 'photos/cat.jpg',
        filesize: 1000,
        timestamp: '2026-11-22T10:15:30.123Z',
        uploader: 'alice',
        uploadId: '0067B2F0A41C5D3E7F00000000000000',
      },
    ]);
  });

  it('name no uploader where none is known', () => {
    expect(summaryOf([record()]).latest[0]).not.toHaveProperty('uploader');
  });

  it('are never deletes, and never more than the limit', () => {
    const batch = [...records(50, () => ({ status: 'deleted', filesize: 9999 })), ...records(50)];
    const { largest, latest } = summaryOf(batch);
    expect(largest.map(({ filesize }) => filesize)).toEqual(Array(MAX_MENTIONS).fill(1000));
    expect(latest).toHaveLength(MAX_MENTIONS);
  });

  it('shorten a long key in the middle', () => {
    const [mention] = summaryOf([record({ s3_key: `photos/${'x'.repeat(1000)}/cat.jpg` })]).largest;
    expect(mention?.key).toMatch(/^photos\/x+…x+\/cat\.jpg$/);
    expect(mention?.key.length).toBeLessThan(400);
  });

  it('shorten a long name of an uploader in the middle', () => {
    const [mention] = summaryOf([record({ uploader: `alice.${'x'.repeat(1000)}@example.com` })]).largest;
    expect(mention?.uploader).toMatch(/^alice\.x+…x+@example\.com$/);
    expect(mention?.uploader?.length).toBeLessThanOrEqual(128);
  });
});
