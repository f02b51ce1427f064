import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formUrlEncode } from '../../../src/contract/s3-notifications.ts';
import {
  type BucketNotification,
  eventBridgeBody,
  s3EventBody,
  wantsChange,
} from '../../../src/local/s3/notification.ts';
import { parseMessageBody } from '../../../src/notification/parse-message.ts';
import { objectChange } from './object-notifier-fixture.ts';

const notification: BucketNotification = {
  id: 'NotifyUploads',
  bucket: 'uploads',
  queueUrl: 'http://q',
  events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'],
};

describe('a key in an event', () => {
  it.each([
    ['my photo (1).jpg', 'my+photo+%281%29.jpg'],
    ['a+b', 'a%2Bb'],
    ['year=2026/x:y@z,1', 'year%3D2026/x%3Ay%40z%2C1'],
    [`100% "it's" <!>`, '100%25+%22it%27s%22+%3C%21%3E'],
    ['-._*AZaz09', '-._*AZaz09'],
    ['~', '%7E'],
    ['é🎉', '%C3%A9%F0%9F%8E%89'],
    ['//a/', '//a/'],
  ])('%j is written %s', (key, written) => {
    expect(formUrlEncode(key)).toBe(written);
  });

  it('is read back unchanged by the parser, with size, eTag and sequencer, in either envelope', () => {
    const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }).filter((text) => text.isWellFormed());
    const property = fc.property(key, fc.nat(), (text, size) => {
      const change = objectChange({ key: text, size });
      const { eTag, sequencer, bucket } = change;
      for (const body of [s3EventBody(change, notification, 'r'), eventBridgeBody(change, 'r')]) {
        expect(parseMessageBody(body)).toMatchObject({
          events: [{ bucket, key: text, size, eTag, sequencer, eventName: 'ObjectCreated:Put' }],
        });
      }
    });
    fc.assert(property, { seed: 20_261_122 });
  });
});

describe('an event', () => {
  it('has every field that S3 writes', () => {
    expect(JSON.parse(s3EventBody(objectChange({ key: 'a b' }), notification, 'eu-central-1'))).toEqual({
      Records: [
        {
          eventVersion: '2.1',
          eventSource: 'aws:s3',
          awsRegion: 'eu-central-1',
          eventTime: '2026-11-22T10:20:30.456Z',
          eventName: 'ObjectCreated:Put',
          userIdentity: { principalId: 'AWS:AROALOCALSTACKROLE000:alice' },
          requestParameters: { sourceIPAddress: '127.0.0.1' },
          responseElements: { 'x-amz-request-id': '36D1CAFAC9B9BABA', 'x-amz-id-2': expect.any(String) },
          s3: {
            s3SchemaVersion: '1.0',
            configurationId: 'NotifyUploads',
            bucket: {
              name: 'uploads',
              ownerIdentity: { principalId: expect.any(String) },
              arn: 'arn:aws:s3:::uploads',
            },
            object: {
              key: 'a+b',
              size: 4,
              eTag: 'd41d8cd98f00b204e9800998ecf8427e',
              sequencer: '0001A2041068CC0000',
            },
          },
        },
      ],
    });
  });

  it('has the fields that an EventBridge rule passes on, and a body that any queue takes', () => {
    const body = eventBridgeBody(objectChange({ key: 'a b 🎉', kind: 'Copy' }), 'eu-central-1');
    expect(body).not.toMatch(/[\ud800-\udfff]/);
    expect(JSON.parse(body)).toEqual({
      version: '0',
      id: expect.any(String),
      'detail-type': 'Object Created',
      source: 'aws.s3',
      account: '000000000000',
      time: '2026-11-22T10:20:30Z',
      region: 'eu-central-1',
      resources: ['arn:aws:s3:::uploads'],
      detail: {
        version: '0',
        bucket: { name: 'uploads' },
        object: {
          key: 'a b 🎉',
          size: 4,
          etag: 'd41d8cd98f00b204e9800998ecf8427e',
          sequencer: '0001A2041068CC0000',
        },
        'request-id': '36D1CAFAC9B9BABA',
        requester: '000000000000',
        'source-ip-address': '127.0.0.1',
        reason: 'CopyObject',
      },
    });
  });

  it('has neither size nor eTag when it is a delete', () => {
    const { size: _size, eTag: _eTag, ...deleted } = objectChange({ kind: 'Delete' });
    const [record] = JSON.parse(s3EventBody(deleted, notification, 'r')).Records;
    expect(record.eventName).toBe('ObjectRemoved:Delete');
    expect(record.s3.object).toEqual({ key: 'k', sequencer: deleted.sequencer });
    const event = JSON.parse(eventBridgeBody(deleted, 'r'));
    expect(event).toMatchObject({
      'detail-type': 'Object Deleted',
      detail: { 'deletion-type': 'Permanently Deleted' },
    });
  });
});

describe('wantsChange', () => {
  const wants = (some: Partial<BucketNotification>, change = objectChange()) =>
    wantsChange({ ...notification, ...some }, change);

  it('accepts the event types of the configuration', () => {
    expect(wants({ events: ['s3:ObjectCreated:Put'] })).toBe(true);
    expect(wants({ events: ['s3:ObjectCreated:Post'] })).toBe(false);
    expect(wants({ events: ['s3:ObjectCreated:*'] })).toBe(true);
    expect(wants({ events: ['s3:ObjectRemoved:*'] })).toBe(false);
    expect(wants({ events: ['s3:ObjectRemoved:Delete'] }, objectChange({ kind: 'Delete' }))).toBe(true);
    expect(wants({ events: ['s3:ObjectCreated'] })).toBe(false);
    expect(wants({ events: [] })).toBe(false);
  });

  it('accepts only the bucket, prefix and suffix of the configuration', () => {
    const change = objectChange({ key: 'in/photo.jpg' });
    expect(wants({ bucket: 'other' }, change)).toBe(false);
    expect(wants({ prefix: 'in/', suffix: '.jpg' }, change)).toBe(true);
    expect(wants({ prefix: 'out/', suffix: '.jpg' }, change)).toBe(false);
    expect(wants({ prefix: 'in/', suffix: '.JPG' }, change)).toBe(false);
  });

  it('compares filters with the key as it is encoded in the event', () => {
    const change = objectChange({ key: 'my files/a(1).txt' });
    expect(wants({ prefix: 'my+files/', suffix: '%281%29.txt' }, change)).toBe(true);
    expect(wants({ prefix: 'my files/' }, change)).toBe(false);
  });
});
