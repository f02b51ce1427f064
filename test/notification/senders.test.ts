import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EventRecord } from '../../src/notification/event-record.ts';
import { parseMessageBody } from '../../src/notification/parse-message.ts';

const FIXTURES = path.resolve(import.meta.dirname, '../fixtures/events');

const body = (name: string) => readFileSync(path.join(FIXTURES, `${name}.json`), 'utf8');

const VERSION_ID = 'Lq0yXhT3example.n2uVbC8dKsW7rPzMf';
const EMPTY_ETAG = 'd41d8cd98f00b204e9800998ecf8427e';
const MULTIPART_ETAG = '3858f62230ac3c915f300c664312c11f-640';

/** The put that most senders' fixtures tell of. */
const put: EventRecord = {
  eventName: 'ObjectCreated:Put',
  eventTime: '2026-11-22T10:15:30.123Z',
  bucket: 'acme-uploads',
  key: 'photos/red flower.jpg',
  region: 'eu-central-1',
  size: 48213,
  eTag: '9b2cf535f27731c974343645a3985328',
  sequencer: '0067B2F0A41C5D3E7F',
  principalId: 'AWS:AIDAQ3EGXAMPLEUSER01',
  sourceIp: '203.0.113.7',
  requestId: '7F3K2M9QPLR8XAMP',
};

/** The same through EventBridge: seconds, an account for a person, a key as it is, a shorter sequencer. */
const bridged: EventRecord = {
  ...put,
  eventTime: '2026-11-22T10:15:30.000Z',
  key: 'photos/100% red+flower.jpg',
  versionId: VERSION_ID,
  sequencer: '0067B2F0A41C5D3E',
  principalId: '111122223333',
};

function without(event: EventRecord, ...names: (keyof EventRecord)[]): EventRecord {
  return Object.fromEntries(
    Object.entries(event).filter(([name]) => !names.includes(name as keyof EventRecord)),
  ) as unknown as EventRecord;
}

/** What each fixture says, in full: a field more or less fails. */
const EVENTS: Readonly<Record<string, EventRecord>> = {
  's3-2.0-put': put,
  's3-2.1-put-by-role-session': {
    ...put,
    key: 'uploads/report (final) 100%.pdf',
    principalId: 'AWS:AROAQ3EGXAMPLEROLE01:maria.silva',
  },
  's3-2.1-post': { ...put, eventName: 'ObjectCreated:Post', key: 'form/café 📷.png' },
  's3-2.1-copy': {
    ...put,
    eventName: 'ObjectCreated:Copy',
    key: 'a+b.txt',
    size: 0,
    eTag: EMPTY_ETAG,
    versionId: VERSION_ID,
    sequencer: '0067B2F0A41C5D3E80',
  },
  's3-2.1-complete-multipart': {
    ...put,
    eventName: 'ObjectCreated:CompleteMultipartUpload',
    key: 'video/launch.mp4',
    size: 5_368_709_120,
    eTag: MULTIPART_ETAG,
    sequencer: '0067B2F0B1000000AA',
  },
  's3-2.1-delete': {
    ...without(put, 'size', 'eTag'),
    eventName: 'ObjectRemoved:Delete',
    sequencer: '0067B2F0C2D3E4F501',
  },
  's3-2.1-delete-marker': {
    ...without(put, 'size'),
    eventName: 'ObjectRemoved:DeleteMarkerCreated',
    eTag: EMPTY_ETAG,
    versionId: VERSION_ID,
    sequencer: '0067B2F0C2D3E4F502',
  },
  // Expiries and restores carry the sequencer of the object's creation.
  's3-2.1-restore-completed': {
    ...put,
    eventName: 'ObjectRestore:Completed',
    versionId: VERSION_ID,
    principalId: 'AmazonCustomer:A2OWNEREXAMPLE',
    sourceIp: 's3.amazonaws.com',
  },
  's3-2.2-replication-failed': { ...put, eventName: 'Replication:OperationFailedReplication' },
  's3-2.3-lifecycle-expiration': {
    ...without(put, 'size', 'eTag'),
    eventName: 'LifecycleExpiration:Delete',
    principalId: 's3.amazonaws.com',
    sourceIp: 's3.amazonaws.com',
  },
  's3-2.3-tagging': { ...without(put, 'size', 'sequencer'), eventName: 'ObjectTagging:Put' },
  's3-2.4-put-over-ipv6': { ...put, sourceIp: '2001:db8:85a3::8a2e:370:7334' },
  's3-2.5-put-into-tagged-bucket': put,
  's3-2.6-put': put,
  's3-2.6-annotation': { ...put, eventName: 'ObjectAnnotation:Put' },
  's3-2.17-put-of-the-future': put,
  'sns-s3-put': put,

  'eventbridge-put': bridged,
  'eventbridge-put-before-event-version': { ...bridged, key: 'old.jpg' },
  'eventbridge-post': { ...bridged, eventName: 'ObjectCreated:Post' },
  'eventbridge-copy': { ...bridged, eventName: 'ObjectCreated:Copy' },
  'eventbridge-complete-multipart': {
    ...bridged,
    eventName: 'ObjectCreated:CompleteMultipartUpload',
    size: 5_368_709_120,
  },
  'eventbridge-delete': {
    ...without(bridged, 'size', 'eTag', 'versionId'),
    eventName: 'ObjectRemoved:Delete',
    sequencer: '0067B2F0C2D3E4F5',
  },
  'eventbridge-delete-marker': { ...without(bridged, 'size'), eventName: 'ObjectRemoved:DeleteMarkerCreated' },
  'eventbridge-lifecycle-expiration': {
    ...without(bridged, 'size', 'eTag', 'versionId', 'sourceIp'),
    eventName: 'LifecycleExpiration:Delete',
    principalId: 's3.amazonaws.com',
  },
  'eventbridge-lifecycle-delete-marker': {
    ...without(bridged, 'size', 'sourceIp'),
    eventName: 'LifecycleExpiration:DeleteMarkerCreated',
    principalId: 's3.amazonaws.com',
  },
  'eventbridge-restore-completed': {
    ...without(bridged, 'sequencer', 'sourceIp'),
    eventName: 'ObjectRestore:Completed',
    principalId: 's3.amazonaws.com',
  },
  'eventbridge-tags-added': { ...without(bridged, 'size', 'sequencer'), eventName: 'EventBridge:ObjectTagsAdded' },
  'sns-eventbridge-put': bridged,

  'minio-put': {
    ...without(put, 'region'),
    sequencer: '187A4D1C0F2B3E55',
    principalId: 'minioadmin',
    sourceIp: '172.18.0.5',
    requestId: '187A4D1C0EC5A3F1',
  },
  'minio-delete': {
    ...without(put, 'region', 'size', 'eTag'),
    eventName: 'ObjectRemoved:Delete',
    sequencer: '187A4D1D9E0C7A10',
    principalId: 'minioadmin',
    sourceIp: '172.18.0.5',
    requestId: '187A4D1C0EC5A3F1',
  },
  // Ceph writes the time of the event as the bytes of two little-endian numbers: 5DD7E6F7 is its second.
  'ceph-put': { ...without(put, 'region', 'sourceIp'), sequencer: '5DD7E6F708D142C7', principalId: 'tester' },
  'ceph-put-plus': {
    eventName: 'ObjectCreated:Put',
    eventTime: '2026-11-22T10:15:00.124Z',
    bucket: 'uploads',
    key: 'reports/a+b.txt',
    size: 3,
    eTag: '764efa883dda1e11db47671c4a3bbd9e',
    sequencer: '5DD7E6F708D142C7',
    principalId: 'AWS:AIDAEXAMPLE',
    sourceIp: '203.0.113.9',
    requestId: 'C3D13FE58DE4C810',
  },
  'ceph-put-older': {
    ...without(put, 'region', 'sourceIp'),
    key: 'reports/100%.txt',
    sequencer: '5DD7E6F708D142C7',
    principalId: 'tester',
  },
  'minio-put-tagging': {
    eventName: 'ObjectCreated:PutTagging',
    eventTime: '2026-11-22T10:15:00.000Z',
    bucket: 'uploads',
    key: 'docs/a.txt',
    size: 3,
    eTag: '764efa883dda1e11db47671c4a3bbd9e',
    sequencer: '17E6A5B3F2E12345',
    principalId: 'AWS:AIDAEXAMPLE',
    sourceIp: '203.0.113.9',
    requestId: 'C3D13FE58DE4C810',
  },
  'noobaa-put': put,
  'localstack-put': { ...without(put, 'sequencer'), principalId: 'AIDAJDPLRKLG7UEXAMPLE', sourceIp: '127.0.0.1' },
  'localstack-eventbridge-complete-multipart': {
    ...without(bridged, 'versionId', 'sequencer'),
    eventName: 'ObjectCreated:CompleteMultipartUpload',
    key: 'video/launch.mp4',
    size: 5_368_709_120,
    eTag: MULTIPART_ETAG,
    principalId: '074255357339',
  },
  'moto-put': without(put, 'sequencer', 'principalId', 'sourceIp', 'requestId'),
  'moto-eventbridge-put': {
    ...without(bridged, 'sequencer'),
    key: 'photos/red flower.jpg',
    versionId: 'IYV3p45BT0ac8hjHg1houSdS1a.Mro8e',
  },
  'ministack-put': without(put, 'sequencer'),
};

const TEST_EVENTS = ['s3-test-event', 'sns-s3-test-event', 'localstack-test-event', 'moto-test-event'];

describe('the events of every sender we know', () => {
  it.each(Object.entries(EVENTS))('reads %s', (name, event) => {
    expect(parseMessageBody(body(name))).toStrictEqual({ kind: 'events', events: [event], unreadable: [] });
  });

  it.each(TEST_EVENTS)('takes %s for a test event', (name) => {
    expect(parseMessageBody(body(name))).toStrictEqual({ kind: 'test-event' });
  });

  it('reads the records of a message beside one that cannot be read', () => {
    expect(parseMessageBody(body('s3-several-records'))).toStrictEqual({
      kind: 'events',
      events: [
        { ...put, key: 'first.txt' },
        { ...without(put, 'eTag'), key: 'third.txt', size: 3, sequencer: '0067B2F0A41C5D3E82' },
      ],
      unreadable: [
        {
          reason: 'key-not-decodable',
          detail: 'Records[1]: expected key to be a form-urlencoded key in UTF-8, got "100%.txt"',
        },
      ],
    });
  });

  it('uses every fixture', () => {
    const tested = [...Object.keys(EVENTS), ...TEST_EVENTS, 's3-several-records'];
    expect(readdirSync(FIXTURES).sort()).toEqual(tested.map((name) => `${name}.json`).sort());
  });
});
