import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/contract/limits.ts';
import { type LedgerEvent, toAlertEvent, toDigestEvent, toRecordEvent } from '../../src/events/event.ts';
import { fromOutboxItem, toOutboxItem } from '../../src/events/outbox.ts';
import { sizeOf, toEntry } from '../../src/events/publish.ts';
import { fromItem, toItem } from '../../src/ledger/item.ts';
import { type LedgerRecord, toLedgerRecord } from '../../src/ledger/record.ts';
import { SEED, uploads } from '../builders/arbitraries.ts';
import { upload } from '../builders/upload.ts';
import { schemaErrors } from './event-schemas.ts';

const NOTIFIED = { indexShards: 8, source: 'notification', retentionDays: 30 } as const;
const record = toLedgerRecord(
  upload({ key: 'in/IMG_1.jpg', filename: 'IMG_1.jpg', size: 48_213, uploader: 'alice', uploaderSource: 'metadata' }),
  NOTIFIED,
);

/** Texts that are chosen to break out of JSON, markup or a log. */
const texts = () =>
  fc.oneof(
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.constantFrom('"', '\\', '<!channel>', '@here', '**b**', '\r\n', '\u202e', '😀', '\ud800', '\udfff', '\u0000'),
  );

/** A record with any text in it, also such that no bucket can have sent. */
function hostileRecords(): fc.Arbitrary<LedgerRecord> {
  const fields = { s3_key: texts(), filename: texts(), uploader: texts(), etag: texts(), source_ip: texts() };
  return fc
    .tuple(uploads(), fc.record(fields))
    .map(([one, hostile]) => ({ ...toLedgerRecord(one, NOTIFIED), ...hostile }));
}

function expectSound({ type, detail }: LedgerEvent): void {
  const entry = toEntry(
    { type, detail },
    { eventBus: 'default', tableArn: 'arn:aws:dynamodb:eu-west-1:111122223333:table/uploads' },
  );
  expect(schemaErrors(type, JSON.parse(entry.Detail))).toEqual([]);
  // As EventBridge reads it: a lone half of a character would be refused, or replaced.
  expect(entry.Detail.isWellFormed()).toBe(true);
  expect(entry.Detail).not.toMatch(/\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])/);
  expect(sizeOf(entry)).toBeLessThanOrEqual(LIMITS.eventbridge.callBytes);
}

describe('the event of a record', () => {
  it('has the attributes of the record, without those that place it in the indexes', () => {
    const { day_shard: _day, uploader_shard: _uploader, ...own } = record;
    expect(toRecordEvent(record)).toEqual({
      type: 'UploadRecorded',
      detail: {
        version: 1,
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        summary: 'Uploaded IMG_1.jpg (48.2 kB) to the bucket acme-uploads by alice.',
        record: own,
      },
    });
  });

  it.each([
    ['deleted', 'ObjectRemoved:Delete', 'DeleteRecorded', 'Deleted IMG_1.jpg in the bucket acme-uploads by alice.'],
    ['deleted', 'LifecycleExpiration:Delete', 'DeleteRecorded', 'Expired IMG_1.jpg in the bucket acme-uploads.'],
    ['restored', 'ObjectRestore:Completed', 'RestoreRecorded', 'Restored IMG_1.jpg in the bucket acme-uploads.'],
  ] as const)('of what was %s by %s is %s', (status, event_name, type, summary) => {
    const event = toRecordEvent({ ...record, status, event_name });
    expect([event.type, event.detail.summary]).toEqual([type, summary]);
    expectSound(event);
  });

  it('keeps its id, whatever else of the record changes, and shares it with no other record', () => {
    const idOf = (changes: Partial<LedgerRecord>) => toRecordEvent({ ...record, ...changes }).detail.id;
    expect(idOf({ uploader: 'bob', source: 'backfill', expires_at: 1 })).toBe(idOf({}));
    expect(idOf({ upload_id: `${record.upload_id}0` })).not.toBe(idOf({}));
    // The border between the two keys counts.
    expect(idOf({ s3_object: 'b/k', upload_id: 'id' })).not.toBe(idOf({ s3_object: 'b/', upload_id: 'kid' }));
  });

  it('is the same when it has been through the table', () => {
    fc.assert(
      fc.property(uploads(), (one) => {
        const fresh = toLedgerRecord(one, NOTIFIED);
        expect(toRecordEvent(fromItem(toItem(fresh)))).toEqual(toRecordEvent(fresh));
      }),
      { seed: SEED },
    );
  });

  it('is valid JSON by its schema, well-formed and small enough, whatever the texts', () => {
    fc.assert(
      fc.property(hostileRecords(), (one) => expectSound(toRecordEvent(one))),
      { seed: SEED, numRuns: 1_000 },
    );
  });

  it('fits into a call of EventBridge with the longest texts that the table takes', () => {
    const long = (bytes: number) => '\u0001'.repeat(bytes);
    const event = toRecordEvent({
      ...record,
      s3_object: long(2_048),
      upload_id: long(1_024),
      s3_key: long(2_048),
      filename: long(2_048),
      uploader: long(2_048),
      etag: long(50_000),
      source_ip: long(50_000),
      request_id: long(50_000),
      version_id: long(50_000),
      content_type: long(50_000),
    });
    expectSound(event);
  });
});

const mention = {
  bucket: 'acme-uploads',
  key: 'in/"<!channel>\r\n.exe',
  filesize: 5,
  timestamp: '2026-11-22T10:15:30.000Z',
  uploader: '@here',
  uploadId: '0055',
};
const alert = {
  id: 'request-1/big',
  rule: { name: 'big' },
  count: 1_200,
  bytes: 3_100_000,
  buckets: ['acme-uploads'],
  mentions: [mention],
};

describe('the event of an alert', () => {
  it('says what the rule matched, and names the first objects', () => {
    const { type, detail } = toAlertEvent(alert);
    expect(type).toBe('AlertRaised');
    expect(detail).toEqual({
      version: 1,
      id: 'request-1/big',
      summary: 'Alert big has 1,200 matches (3.1 MB), first in/-channel-.exe in the bucket acme-uploads.',
      alert: {
        rule: 'big',
        count: 1_200,
        bytes: 3_100_000,
        buckets: ['acme-uploads'],
        objects: [
          {
            s3_bucket: 'acme-uploads',
            s3_key: mention.key,
            upload_id: '0055',
            filesize: 5,
            timestamp: mention.timestamp,
            uploader: '@here',
          },
        ],
      },
    });
    expectSound({ type, detail });
  });

  it('names fewer objects where all of them would not fit', () => {
    const key = '\u0001'.repeat(1_024);
    const mentions = Array.from({ length: 20 }, () => ({ ...mention, key, uploader: key.repeat(2) }));
    const event = toAlertEvent({ ...alert, mentions, buckets: Array.from({ length: 500 }, () => 'b'.repeat(63)) });
    const { objects } = (event.detail as { alert: { objects: readonly unknown[] } }).alert;
    expect(objects.length).toBeGreaterThan(2);
    expect(objects.length).toBeLessThan(20);
    expectSound(event);
  });

  it('is valid JSON by its schema, whatever the texts', () => {
    const mentions = fc.array(
      fc
        .record({ bucket: texts(), key: texts(), uploader: texts(), uploadId: texts() })
        .map((each) => ({ ...mention, ...each })),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(mentions, (all) => expectSound(toAlertEvent({ ...alert, mentions: all }))),
      { seed: SEED },
    );
  });
});

const totals = {
  uploads: 42,
  bytes: 1_200_000_000,
  deletes: 1,
  versions_deleted: 0,
  restores: 0,
  messages_failed: 0,
  messages_quarantined: 0,
  alerts_held_back: 0,
};
const window = { name: 'daily', from: '2026-11-21T08:00:00.000Z', to: '2026-11-22T08:00:00.000Z' };

describe('the event of a digest', () => {
  it('says what happened in its window, by which it is known', () => {
    const event = toDigestEvent({ ...window, totals });
    expect(event).toEqual({
      type: 'DigestReady',
      detail: {
        version: 1,
        id: 'daily/2026-11-21T08:00:00.000Z/2026-11-22T08:00:00.000Z',
        summary: 'Digest daily has 42 uploads (1.2 GB) and 1 delete from 2026-11-21 08.00 to 2026-11-22 08.00 UTC.',
        digest: { ...window, ...totals },
      },
    });
    expectSound(event);
  });
});

describe('an event that waits in the table', () => {
  const now = Date.parse('2026-11-22T10:15:30.000Z');

  it('is the same when it is read from its item', () => {
    for (const event of [toAlertEvent(alert), toDigestEvent({ ...window, totals })]) {
      expect(fromOutboxItem(toOutboxItem(event, now).attributes)).toEqual(event);
    }
  });

  it('has a key of its own that is no record’s, and expires after the stream has told of it', () => {
    const item = toOutboxItem(toAlertEvent(alert), now);
    expect(item).toMatchObject({ s3_object: 'event#AlertRaised', upload_id: 'request-1/big' });
    expect(item.attributes.expires_at).toEqual({ N: String(now / 1_000 + 2 * 86_400) });
    expect(item.attributes).not.toHaveProperty('day_shard');
  });

  it('is not taken from other items', () => {
    expect(fromOutboxItem({ s3_object: { S: 'summary#2026-11-22T10Z' }, upload_id: { S: 'x' } })).toBeUndefined();
    expect(fromOutboxItem({ event_type: { S: 'Unknown' }, event_detail: { S: '{}' } })).toBeUndefined();
  });
});
