import { describe, expect, it } from 'vitest';
import { toFoundRecord, toGoneRecord } from '../../../src/ledger/reconcile/found-record.ts';
import { parseKeyTemplate } from '../../../src/shared/key-template.ts';

const settings = {
  uploads: { uploaderKeyTemplate: parseKeyTemplate('{uploader}/{*}') },
  records: { indexShards: 1, source: 'backfill' },
} as const;

const object = {
  bucket: 'uploads',
  key: 'alice/cat.jpg',
  size: 12,
  eTag: 'aaa',
  versionId: 'v1',
  lastModified: '2026-11-22T10:00:00.000Z',
} as const;

const common = {
  s3_object: 'uploads/alice/cat.jpg',
  filename: 'cat.jpg',
  s3_bucket: 'uploads',
  s3_key: 'alice/cat.jpg',
  content_type: 'image/jpeg',
  content_type_source: 'extension',
  category: 'image',
  source: 'backfill',
  day_shard: '2026-11-22#00',
  uploader: 'alice',
  uploader_source: 'key-template',
  uploader_shard: 'alice#00',
};

describe('toFoundRecord', () => {
  it('has what the bucket says of the object, and the uploader where the key names one', () => {
    expect(toFoundRecord(object, settings)).toStrictEqual({
      ...common,
      upload_id: '.2026-11-22T10:00:00.000Z/uploaded/v1/aaa',
      filesize: 12,
      timestamp: '2026-11-22T10:00:00.000Z',
      status: 'uploaded',
      event_name: 'ObjectCreated:*',
      etag: 'aaa',
      version_id: 'v1',
    });
  });

  it('lacks what the bucket does not say', () => {
    const { bucket, key, lastModified } = object;
    const record = toFoundRecord({ bucket, key, lastModified }, settings);
    for (const name of ['filesize', 'etag', 'version_id']) expect(record).not.toHaveProperty(name);
    expect(record.upload_id).toBe('.2026-11-22T10:00:00.000Z/uploaded//');
  });

  it('gives a delete for a delete marker, which has no content', () => {
    expect(toFoundRecord({ ...object, isDeleteMarker: true }, settings)).toStrictEqual({
      ...common,
      upload_id: '.2026-11-22T10:00:00.000Z/deleted/v1/',
      timestamp: '2026-11-22T10:00:00.000Z',
      status: 'deleted',
      event_name: 'ObjectRemoved:*',
      version_id: 'v1',
    });
  });
});

describe('toGoneRecord', () => {
  it('gives a delete at the time when it was noticed', () => {
    const gone = { s3_bucket: 'uploads', s3_key: 'alice/cat.jpg' };
    expect(toGoneRecord(gone, new Date('2026-11-22T12:00:00.000Z'), settings)).toStrictEqual({
      ...common,
      upload_id: '.2026-11-22T12:00:00.000Z/deleted//',
      timestamp: '2026-11-22T12:00:00.000Z',
      status: 'deleted',
      event_name: 'ObjectRemoved:*',
    });
  });
});
