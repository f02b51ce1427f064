import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventRecord } from '../../src/notification/event-record.ts';
import { parseMessageBody } from '../../src/notification/parse-message.ts';
import { eventBridgeMessage } from '../builders/eventbridge-event.ts';
import { type S3EventRecordParts, s3EventRecord, s3Message } from '../builders/s3-event.ts';

function onlyEvent(body: string): EventRecord | undefined {
  const notification = parseMessageBody(body);
  return notification.kind === 'events' && notification.unreadable.length === 0 ? notification.events[0] : undefined;
}

const fromS3 = (parts: S3EventRecordParts) => onlyEvent(s3Message(s3EventRecord(parts)));

describe('the key of an event record', () => {
  it.each([
    ['a+b', 'a b'],
    ['a%20b', 'a b'],
    ['a%2Bb', 'a+b'],
    ['100%25', '100%'],
    ['photos%2Fcat.jpg', 'photos/cat.jpg'],
    ['%F0%9F%93%B7', '📷'],
    ['already decoded 📷', 'already decoded 📷'],
  ])('is form-decoded in an S3 notification: %s', (encodedKey, key) => {
    expect(fromS3({ encodedKey })?.key).toBe(key);
  });

  it.each(['a+b', 'a%20b', '50%25off.txt', '100%', '📷'])("is taken as it is in Ceph's notification: %s", (key) => {
    expect(fromS3({ encodedKey: key, eventSource: 'ceph:s3' })?.key).toBe(key);
  });

  it.each(['a+b', 'a%20b', 'a%2Bb', '100%', '📷'])('is taken as it is in an EventBridge event: %s', (key) => {
    expect(onlyEvent(eventBridgeMessage({ key }))?.key).toBe(key);
  });
});

describe('the time of an event record', () => {
  const zone = process.env.TZ;

  beforeAll(() => {
    process.env.TZ = 'America/New_York';
    expect(new Date('2026-11-22T12:00:00Z').getTimezoneOffset()).toBe(300);
  });

  afterAll(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  it.each([
    ['2026-11-22T10:15:30.123Z', '2026-11-22T10:15:30.123Z'],
    ['2026-11-22T10:15:30Z', '2026-11-22T10:15:30.000Z'],
    ['2026-11-22T10:15:30.1Z', '2026-11-22T10:15:30.100Z'],
    ['2026-11-22T10:15:30.123999999999Z', '2026-11-22T10:15:30.123Z'],
    ['2026-11-22 10:15:30.123456Z', '2026-11-22T10:15:30.123Z'],
    ['2026-11-22 10:15:30', '2026-11-22T10:15:30.000Z'],
    ['2026-11-22T10:15:30.123456', '2026-11-22T10:15:30.123Z'],
    ['2026-11-22T12:15:30.123+02:00', '2026-11-22T10:15:30.123Z'],
    ['2026-11-21T23:45:30-1030', '2026-11-22T10:15:30.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
  ])('is stored in one form, in whatever zone the machine is: %s', (eventTime, stored) => {
    expect(fromS3({ eventTime })?.eventTime).toBe(stored);
  });

  it.each([
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-22T24:00:00Z',
    '2026-11-22T10:60:00Z',
    '1969-12-31T23:59:59.999Z',
    '1970-01-01T00:30:00+01:00',
    '9999-12-31T23:30:00-01:00',
    '+010000-01-01T00:00:00Z',
    '2026-11-22',
    '2026-11-22  10:15:30Z',
    'Sun, 22 Nov 2026 10:15:30 GMT',
    '.000Z',
    '',
    1795342530,
    null,
  ])('is refused when it is no time: %s', (eventTime) => {
    expect(fromS3({ eventTime })).toBeUndefined();
  });
});

describe('the time of an event record in the stored form', () => {
  it('is taken as it is on every day that exists, and refused on every other', () => {
    const days = [2027, 2028].flatMap((year) =>
      Array.from({ length: 14 * 33 }, (_, index) => `${year}-${padded(Math.floor(index / 33))}-${padded(index % 33)}`),
    );
    for (const day of days) {
      const eventTime = `${day}T23:59:59.999Z`;
      const exists = !Number.isNaN(Date.parse(eventTime)) && new Date(eventTime).toISOString() === eventTime;
      expect(fromS3({ eventTime })?.eventTime, eventTime).toBe(exists ? eventTime : undefined);
    }
  });
});

const fromCeph = (sequencer: unknown) => fromS3({ eventSource: 'ceph:s3', object: { sequencer } })?.sequencer;

function cephSequencer(seconds: number, nanoseconds: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(seconds, 0);
  bytes.writeUInt32LE(nanoseconds, 4);
  return bytes.toString('hex').toUpperCase();
}

const padded = (number: number) => String(number).padStart(2, '0');

describe('the sequencer of an event record', () => {
  it.each([
    ['0067b2f0a41c5d3e', '0067B2F0A41C5D3E'],
    ['0067B2F0A41C5D3E7F', '0067B2F0A41C5D3E7F'],
    ['F7'.repeat(100), 'F7'.repeat(100)],
  ])('is taken in upper case: %s', (sequencer, taken) => {
    expect(fromS3({ object: { sequencer } })?.sequencer).toBe(taken);
  });

  it.each([
    undefined,
    null,
    '',
    '0',
    '0067B2F0A41C5D3',
    '0067B2F0A41C5D3G',
    'x067B2F0A41C5D30',
    '0'.repeat(16),
    'f'.repeat(18),
    '0A1B2C3D4E5F678901',
    '0C0F6F405D6ED209E1',
    '0055AED6DCD90281E5',
    '0055aed6dcd90281e5',
    '617f08299329d189',
    '0062E99A88DC407460',
    67,
  ])('counts as missing when it tells no events apart: %s', (sequencer) => {
    const event = fromS3({ object: { sequencer } });
    expect(event).toMatchObject({ key: 'photos/cat.jpg' });
    expect(event).not.toHaveProperty('sequencer');
  });

  it("is in the order of Ceph's clock, whose bytes Ceph writes from the last to the first", () => {
    const times = [
      [0x6566ffff, 999_999_999],
      [0x65670000, 0],
      [0x65670000, 1],
      [0x65670000, 256],
      [0x65670001, 0],
      [0x6667_0000, 5],
    ] as const;
    const taken = times.map(([seconds, nanoseconds]) => fromCeph(cephSequencer(seconds, nanoseconds)));
    expect(taken).not.toContain(undefined);
    expect(taken.toSorted()).toStrictEqual(taken);
  });

  it.each([
    ['0067B2F0A41C5D3E7F', '0067B2F0A41C5D3E7F'],
    ['f7e6d75dc742d108', '5DD7E6F708D142C7'],
    ['0000000000000000', undefined],
    ['0', undefined],
    [undefined, undefined],
  ])("is read in Ceph's notification: %s", (sequencer, taken) => {
    expect(fromCeph(sequencer)).toBe(taken);
  });
});

describe('optional fields of an event record', () => {
  it.each([undefined, null, ''])('are absent when they are %s', (nothing) => {
    const record = s3EventRecord({
      principalId: nothing,
      sourceIp: nothing,
      object: { size: nothing === '' ? undefined : nothing, eTag: nothing, versionId: nothing, sequencer: nothing },
    });
    expect(
      onlyEvent(s3Message({ ...record, awsRegion: nothing, responseElements: nothing === '' ? {} : nothing })),
    ).toStrictEqual({
      eventName: 'ObjectCreated:Put',
      eventTime: '2026-11-22T10:15:30.123Z',
      bucket: 'acme-uploads',
      key: 'photos/cat.jpg',
    });
  });

  it('keep a size of 0', () => {
    expect(fromS3({ object: { size: 0 } })?.size).toBe(0);
  });

  it.each([
    ['"abc"', 'abc'],
    ['abc-3', 'abc-3'],
    ['""', undefined],
  ])('lose the quotes around an eTag: %s', (eTag, stored) => {
    expect(fromS3({ object: { eTag } })?.eTag).toBe(stored);
  });

  it('may be missing from every version of the structure, as may the version', () => {
    expect(fromS3({ eventVersion: undefined })).toMatchObject({ key: 'photos/cat.jpg' });
  });
});

describe('the name of an event record', () => {
  it.each([
    ['s3:ObjectCreated:Put', 'ObjectCreated:Put'],
    ['IntelligentTiering', 'IntelligentTiering'],
    ['ObjectLifecycle:Expiration:NonCurrent', 'ObjectLifecycle:Expiration:NonCurrent'],
  ])('loses the s3: prefix and may be unknown: %s', (eventName, name) => {
    expect(fromS3({ eventName })?.eventName).toBe(name);
  });

  it.each([
    ['PostObject', 'ObjectCreated:Post'],
    ['Put', 'ObjectCreated:Put'],
    ['RenameObject', 'ObjectCreated:RenameObject'],
    ['__proto__', 'ObjectCreated:Unknown'],
    ['a:b', 'ObjectCreated:Unknown'],
    [undefined, 'ObjectCreated:Unknown'],
  ])('follows the reason of an EventBridge creation: %s', (reason, name) => {
    expect(onlyEvent(eventBridgeMessage({ detail: { reason } }))?.eventName).toBe(name);
  });

  it.each([
    ['Object Storage Class Changed', 'EventBridge:ObjectStorageClassChanged'],
    ['ObjectCreated:Put', 'EventBridge:ObjectCreatedPut'],
    ['', 'EventBridge:Unnamed'],
  ])('is never that of a notification for other EventBridge events: %s', (detailType, name) => {
    expect(onlyEvent(eventBridgeMessage({ detailType }))?.eventName).toBe(name);
  });
});
