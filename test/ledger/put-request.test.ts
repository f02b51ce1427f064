import { describe, expect, it } from 'vitest';
import { toItem } from '../../src/ledger/item.ts';
import { toPutRequest } from '../../src/ledger/put-request.ts';
import { toLedgerRecord } from '../../src/ledger/to-ledger-record.ts';
import type { Upload } from '../../src/upload/upload.ts';
import { upload, uploadWithoutSequencer } from '../builders/upload.ts';

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

describe('the put of a record', () => {
  it.each([
    ['with every attribute', toLedgerRecord(everything, { ...settings, retentionDays: 30 })],
    ['without those that it can lack', toLedgerRecord(uploadWithoutSequencer(), settings)],
  ])('is written as the item of the record is, in the same order: %s', (_, record) => {
    expect(JSON.stringify(toPutRequest(record))).toBe(JSON.stringify({ PutRequest: { Item: toItem(record) } }));
  });
});
