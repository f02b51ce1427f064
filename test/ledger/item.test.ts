import type { AttributeValue, PutRequest } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { fromItem, NotALedgerRecordError, type RecordItem, toAttributes, toItem } from '../../src/ledger/item.ts';
import { type LedgerRecord, toLedgerRecord } from '../../src/ledger/record.ts';
import type { Upload } from '../../src/upload/upload.ts';
import { SEED, uploads } from '../builders/arbitraries.ts';
import { upload, uploadWithoutSequencer } from '../builders/upload.ts';

const record = toLedgerRecord(upload({ size: 48213, uploader: 'alice', uploaderSource: 'metadata' }), {
  indexShards: 8,
  source: 'notification',
});

function records(): fc.Arbitrary<LedgerRecord> {
  const settings = fc.record(
    {
      indexShards: fc.integer({ min: 1, max: 200 }),
      source: fc.constantFrom('notification', 'backfill', 'reconcile'),
      retentionDays: fc.integer({ min: 1, max: 36_500 }),
    },
    { requiredKeys: ['indexShards', 'source'] },
  );
  return fc.tuple(uploads(), settings).map(([one, given]) => toLedgerRecord(one, given));
}

describe('toItem', () => {
  it('writes strings as S and numbers as N', () => {
    expect(toItem(record)).toMatchObject({ s3_key: { S: 'photos/cat.jpg' }, filesize: { N: '48213' } });
  });

  it('leaves out what is undefined, which DynamoDB would reject', () => {
    const withUndefined = { ...record, region: undefined } as unknown as LedgerRecord;
    expect(toItem(withUndefined)).toStrictEqual(toItem(record));
  });

  it('returns what the SDK takes', () => {
    expectTypeOf<RecordItem>().toExtend<NonNullable<PutRequest['Item']>>();
  });

  it('can be read as the same record again', () => {
    fc.assert(
      fc.property(records(), (one) => {
        expect(fromItem(toItem(one))).toStrictEqual(one);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});

describe('fromItem', () => {
  it('reads a record of before its content type had a source', () => {
    const { content_type_source, ...old } = toLedgerRecord(upload({ contentType: 'image/png' }), {
      indexShards: 8,
      source: 'notification',
    });
    expect(content_type_source).toBe('extension');
    expect(fromItem(toItem(old))).toStrictEqual(old);
  });

  const read = (changes: Record<string, AttributeValue>) => fromItem({ ...toItem(record), ...changes });

  it('leaves out attributes that no record has', () => {
    expect(read({ invented_later: { BOOL: true }, __proto__: { S: 'x' } })).toStrictEqual(record);
  });

  it.each([
    ['filename', { N: '1' }, 'a string that is not empty'],
    ['filename', { S: '' }, 'a string that is not empty'],
    ['filesize', { S: '48213' }, 'a whole number of 0 or more'],
    ['filesize', { N: '' }, 'a whole number of 0 or more'],
    ['filesize', { N: '-1' }, 'a whole number of 0 or more'],
    ['filesize', { N: '1.5' }, 'a whole number of 0 or more'],
    ['filesize', { N: '1e99' }, 'a whole number of 0 or more'],
    ['filesize', { NULL: true }, 'a whole number of 0 or more'],
    ['timestamp', { S: 'x2026-11-22T10:15:30.123Z' }, 'an ISO 8601 time in UTC with milliseconds'],
    ['timestamp', { S: '2026-11-22T10:15:30.123Z ' }, 'an ISO 8601 time in UTC with milliseconds'],
    ['timestamp', { N: '1' }, 'an ISO 8601 time in UTC with milliseconds'],
    ['timestamp', { S: 'yesterday' }, 'an ISO 8601 time in UTC with milliseconds'],
    ['status', { S: 'lost' }, 'one of uploaded, deleted, restored'],
    ['category', { S: 'film' }, 'one of image, video, audio, document, archive, data, code, other'],
    ['uploader_source', { S: 'rumour' }, 'one of key-template, metadata, session-name, principal'],
    ['source', { S: 'hearsay' }, 'one of notification, backfill, reconcile'],
  ])('rejects an attribute of another kind: %s as %j', (name, value, expected) => {
    expect(() => read({ [name]: value as AttributeValue })).toThrow(
      expect.objectContaining({
        name: 'NotALedgerRecordError',
        code: 'not-a-ledger-record',
        message:
          'expected the item ["acme-uploads/photos/cat.jpg","0067B2F0A41C5D3E7F00000000000000"] ' +
          `to be a ledger record: ${name} is not ${expected}`,
      }),
    );
  });

  it('keeps the size of an empty object', () => {
    expect(read({ filesize: { N: '0' } }).filesize).toBe(0);
  });

  it('repeats at most 200 characters of the key of an item that it rejects', () => {
    const long = { s3_object: { S: 'k'.repeat(2000) }, upload_id: { S: '' } };
    expect(() => fromItem(long)).toThrow(`the item ["${'k'.repeat(198)} to be`);
  });

  it('rejects an item that is no record', () => {
    const summary = { s3_object: { S: 'summary#2026-11-22T10:15Z' }, upload_id: { S: 'request' }, count: { N: '3' } };
    expect(() => fromItem(summary)).toThrow(NotALedgerRecordError);
    expect(() => fromItem({})).toThrow('s3_object is not a string that is not empty');
  });

  it.each(Object.keys(record))('rejects an item without %s, unless a record can lack it', (name) => {
    const { [name]: _, ...rest } = toItem(record);
    const canLack = ['filesize', 'uploader', 'uploader_source', 'uploader_shard'].includes(name);
    if (canLack) expect(fromItem(rest)).not.toHaveProperty(name);
    else expect(() => fromItem(rest)).toThrow(`${name} is not`);
  });
});

const everything: Required<Upload> = {
  ...(upload() as Required<Upload>),
  size: 0,
  eTag: 'e1',
  versionId: 'v1',
  uploader: 'alice',
  uploaderSource: 'metadata',
  sourceIp: '203.0.113.7',
  requestId: '7F3K2M9QPLR8XAMP',
  region: 'eu-central-1',
  contentType: 'image/jpeg',
};

const settings = { indexShards: 8, source: 'notification' } as const;

describe('toAttributes', () => {
  it.each([
    ['with every attribute', toLedgerRecord(everything, { ...settings, retentionDays: 30 })],
    ['without those that it can lack', toLedgerRecord(uploadWithoutSequencer(), settings)],
  ])('gives the attributes of the record, in the same order: %s', (_, record) => {
    const expected = Object.entries(record).map(([name, value]) => [
      name,
      typeof value === 'number' ? { N: String(value) } : { S: value },
    ]);
    expect(JSON.stringify(toAttributes(record))).toBe(JSON.stringify(Object.fromEntries(expected)));
    expect(toItem(record)).toEqual(Object.fromEntries(expected));
  });
});
