import { describe, expect, it } from 'vitest';
import type { EventRecord } from '../../src/notification/event-record.ts';
import { parseKeyTemplate } from '../../src/shared/key-template.ts';
import { toUpload } from '../../src/upload/upload.ts';
import { eventRecord } from '../builders/event-record.ts';

describe('toUpload', () => {
  it('returns what the event says, and what follows from it', () => {
    const event: Required<EventRecord> = {
      eventName: 'ObjectCreated:Put',
      eventTime: '2026-11-22T10:15:30.123Z',
      bucket: 'acme-uploads',
      key: 'uploads/alice/2026/Cat.JPG',
      region: 'eu-central-1',
      size: 48213,
      eTag: '9b2cf535f27731c974343645a3985328',
      versionId: 'v1',
      sequencer: '0067B2F0A41C5D3E7F',
      principalId: 'AWS:AIDAEXAMPLE',
      sourceIp: '203.0.113.7',
      requestId: '7F3K2M9QPLR8XAMP',
    };
    expect(toUpload(event, { uploaderKeyTemplate: parseKeyTemplate('uploads/{uploader}/{*}') })).toStrictEqual({
      ...event,
      filename: 'Cat.JPG',
      status: 'uploaded',
      uploader: 'alice',
      uploaderSource: 'key-template',
      contentType: 'image/jpeg',
      category: 'image',
    });
  });

  it('leaves out what is unknown', () => {
    expect(toUpload(eventRecord({ key: 'data' }), {})).toStrictEqual({
      eventName: 'ObjectCreated:Put',
      eventTime: '2026-11-22T10:15:30.123Z',
      bucket: 'acme-uploads',
      key: 'data',
      filename: 'data',
      status: 'uploaded',
      category: 'other',
    });
  });

  it.each([
    ['ObjectCreated:Put', 'uploaded'],
    ['ObjectCreated:Post', 'uploaded'],
    ['ObjectCreated:Copy', 'uploaded'],
    ['ObjectCreated:CompleteMultipartUpload', 'uploaded'],
    ['ObjectCreated:Unknown', 'uploaded'],
    ['ObjectCreated:RenameObject', 'uploaded'],
    ['ObjectRemoved:Delete', 'deleted'],
    ['ObjectRemoved:DeleteMarkerCreated', 'deleted'],
    ['LifecycleExpiration:Delete', 'deleted'],
    ['LifecycleExpiration:DeleteMarkerCreated', 'deleted'],
    ['ObjectRestore:Completed', 'restored'],
  ])('has a status by the name of the event: %s', (eventName, status) => {
    expect(toUpload(eventRecord({ eventName }), {})?.status).toBe(status);
  });

  it.each([
    'ObjectRestore:Post',
    'ObjectRestore:Delete',
    'ObjectRestore:CompletedLater',
    'ObjectTagging:Put',
    'ObjectCreated:PutTagging',
    'ObjectCreated:DeleteTagging',
    'ObjectCreated:PutRetention',
    'ObjectCreated:PutLegalHold',
    'ObjectRemoved:NoOP',
    'ObjectAcl:Put',
    'ObjectAnnotation:Put',
    'ObjectCreatedLater:Put',
    'ObjectCreated',
    'LifecycleTransition',
    'Replication:OperationFailedReplication',
    'ReducedRedundancyLostObject',
    'EventBridge:ObjectTagsAdded',
    'constructor:x',
  ])('does not exist for an event that the ledger does not store: %s', (eventName) => {
    expect(toUpload(eventRecord({ eventName }), {})).toBeUndefined();
  });

  it.each([
    ['cat.jpg', 'cat.jpg'],
    ['a/b/cat.jpg', 'cat.jpg'],
    ['photos/', 'photos/'],
    ['/', '/'],
    ['a\\b.jpg', 'a\\b.jpg'],
  ])('is called by the last segment of its key, or the whole key of a folder marker: %s', (key, filename) => {
    expect(toUpload(eventRecord({ key }), {})?.filename).toBe(filename);
  });
});
