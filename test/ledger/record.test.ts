import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { toLedgerRecord } from '../../src/ledger/record.ts';
import { RecordTooLargeError } from '../../src/ledger/record-key.ts';
import { parseMessageBody } from '../../src/notification/parse-message.ts';
import type { Upload } from '../../src/upload/upload.ts';
import { toUpload } from '../../src/upload/upload.ts';
import { SEED, uploads } from '../builders/arbitraries.ts';
import { s3EventRecord, s3Message } from '../builders/s3-event.ts';
import { upload, uploadWithoutSequencer } from '../builders/upload.ts';

const settings = { indexShards: 8, source: 'notification' } as const;

function recordsOf(body: string): readonly LedgerRecord[] {
  const notification = parseMessageBody(body);
  const events = notification.kind === 'events' ? notification.events : [];
  return events.flatMap((event) => toUpload(event, {}) ?? []).map((one) => toLedgerRecord(one, settings));
}

describe('toLedgerRecord', () => {
  it('fills every attribute', () => {
    const everything: Required<Upload> = {
      bucket: 'acme-uploads',
      key: 'uploads/alice/cat.jpg',
      filename: 'cat.jpg',
      status: 'uploaded',
      eventName: 'ObjectCreated:Put',
      eventTime: '2026-11-22T10:15:30.123Z',
      size: 48213,
      eTag: '9b2cf535f27731c974343645a3985328',
      versionId: 'v1',
      sequencer: '0067B2F0A41C5D3E7F',
      principalId: 'AWS:AIDAEXAMPLE',
      uploader: 'alice',
      uploaderSource: 'key-template',
      sourceIp: '203.0.113.7',
      requestId: '7F3K2M9QPLR8XAMP',
      region: 'eu-central-1',
      contentType: 'image/jpeg',
      category: 'image',
    };
    const expected: Required<LedgerRecord> = {
      s3_object: 'acme-uploads/uploads/alice/cat.jpg',
      upload_id: '0067B2F0A41C5D3E7F00000000000000',
      filename: 'cat.jpg',
      s3_bucket: 'acme-uploads',
      s3_key: 'uploads/alice/cat.jpg',
      filesize: 48213,
      timestamp: '2026-11-22T10:15:30.123Z',
      status: 'uploaded',
      content_type: 'image/jpeg',
      content_type_source: 'extension',
      category: 'image',
      uploader: 'alice',
      uploader_source: 'key-template',
      source_ip: '203.0.113.7',
      event_name: 'ObjectCreated:Put',
      etag: '9b2cf535f27731c974343645a3985328',
      version_id: 'v1',
      request_id: '7F3K2M9QPLR8XAMP',
      region: 'eu-central-1',
      source: 'notification',
      day_shard: '2026-11-22#05',
      uploader_shard: 'alice#05',
      expires_at: 1_797_934_530,
    };
    expect(toLedgerRecord(everything, { ...settings, retentionDays: 30 })).toStrictEqual(expected);
  });

  it('leaves out what the event does not say', () => {
    expect(toLedgerRecord(uploadWithoutSequencer(), { indexShards: 1, source: 'backfill' })).toStrictEqual({
      s3_object: 'acme-uploads/photos/cat.jpg',
      upload_id: '.2026-11-22T10:15:30.123Z/uploaded//',
      filename: 'cat.jpg',
      s3_bucket: 'acme-uploads',
      s3_key: 'photos/cat.jpg',
      timestamp: '2026-11-22T10:15:30.123Z',
      status: 'uploaded',
      category: 'image',
      event_name: 'ObjectCreated:Put',
      source: 'backfill',
      day_shard: '2026-11-22#00',
    });
  });

  it('says how the uploader was found only where that is known', () => {
    const record = toLedgerRecord(upload({ uploader: 'alice' }), settings);
    expect(record).toMatchObject({ uploader: 'alice', uploader_shard: expect.stringMatching(/^alice#/) });
    expect(record).not.toHaveProperty('uploader_source');
  });

  it('sets the expiry in whole seconds, counted from the event', () => {
    const record = toLedgerRecord(upload({ eventTime: '1970-01-01T00:00:01.999Z' }), { ...settings, retentionDays: 1 });
    expect(record.expires_at).toBe(86_401);
  });

  it('gives the same record for the same event, byte for byte', () => {
    const record = s3EventRecord({ key: 'a b+c%.pdf' });
    const [first] = recordsOf(s3Message(record));
    const [, again] = recordsOf(s3Message(s3EventRecord(), structuredClone(record)));
    expect(JSON.stringify(again)).toBe(JSON.stringify(first));
  });

  it('gives the same record however often it is called', () => {
    fc.assert(
      fc.property(uploads(), (one) => {
        expect(JSON.stringify(toLedgerRecord({ ...one }, settings))).toBe(
          JSON.stringify(toLedgerRecord(one, settings)),
        );
      }),
      { seed: SEED },
    );
  });

  it('never gives an empty or undefined attribute', () => {
    fc.assert(
      fc.property(uploads(), (one) => {
        const values = Object.values(toLedgerRecord(one, { ...settings, retentionDays: 7 }));
        expect(values.filter((value) => value === undefined || value === '' || Number.isNaN(value))).toEqual([]);
      }),
      { seed: SEED },
    );
  });

  it('rejects a record that is larger than DynamoDB takes', () => {
    const small = toLedgerRecord(upload({ requestId: 'x'.repeat(400_000) }), settings);
    const room = 400 * 1024 - sizeOf(small);
    const fill = (bytes: number) => upload({ requestId: 'x'.repeat(400_000 + bytes) });
    expect(() => toLedgerRecord(fill(room), settings)).not.toThrow();
    expect(() => toLedgerRecord(fill(room + 1), settings)).toThrow(RecordTooLargeError);
    expect(() => toLedgerRecord(upload({ requestId: 'é'.repeat(205_000) }), settings)).toThrow(RecordTooLargeError);
    // A number is counted at the greatest size that DynamoDB may charge for one.
    const numberBytes = 'filesize'.length + 21;
    expect(() => toLedgerRecord({ ...fill(room - numberBytes), size: 1 }, settings)).not.toThrow();
    expect(() => toLedgerRecord({ ...fill(room - numberBytes + 1), size: 1 }, settings)).toThrow(
      `expected a ledger record of at most ${400 * 1024} bytes, got ${400 * 1024 + 1}`,
    );
  });

  it('rejects an uploader that does not fit into an index key', () => {
    expect(() => toLedgerRecord(upload({ uploader: 'u'.repeat(2045) }), settings)).not.toThrow();
    expect(() => toLedgerRecord(upload({ uploader: 'u'.repeat(2046) }), settings)).toThrow(
      'uploader_shard of at most 2048',
    );
  });
});

/** DynamoDB's count for a record of strings alone: names and values in UTF-8. */
function sizeOf(record: LedgerRecord): number {
  return Object.entries(record).reduce((bytes, [name, value]) => bytes + Buffer.byteLength(name + value), 0);
}
