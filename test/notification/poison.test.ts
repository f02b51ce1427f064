import { describe, expect, it } from 'vitest';
import { UnreadableMessageError } from '../../src/notification/fields.ts';
import { parseMessageBody } from '../../src/notification/parse-message.ts';
import { UploadLedgerError } from '../../src/shared/errors.ts';
import { eventBridgeMessage } from '../builders/eventbridge-event.ts';
import { s3EventRecord, s3Message, snsMessage, testEventMessage } from '../builders/s3-event.ts';

function refusal(body: string): UnreadableMessageError {
  try {
    parseMessageBody(body);
  } catch (error) {
    if (error instanceof UnreadableMessageError) return error;
    throw error;
  }
  throw new Error('expected the body to be refused');
}

const NOISE = 'Zm9v\u0007\u{1f4a5}'.repeat(64 * 1024).slice(0, 64 * 1024);
const DEEP = 200_000;

const UNREADABLE_MESSAGES: readonly (readonly [what: string, body: string, reason: string])[] = [
  ['an empty body', '', 'empty-body'],
  ['white space', ' \r\n\t', 'empty-body'],
  ['text', 'hello', 'not-json'],
  ['64 KB of noise', NOISE, 'not-json'],
  ['half an event', s3Message(s3EventRecord()).slice(0, 100), 'not-json'],
  ['brackets nested 200,000 deep', '['.repeat(DEEP), 'not-json'],
  ['objects nested 200,000 deep', '{"Records":'.repeat(DEEP), 'not-json'],
  ['{}', '{}', 'not-an-s3-event'],
  ['null', 'null', 'not-an-s3-event'],
  ['a number', '42', 'not-an-s3-event'],
  ['a string', '"Records"', 'not-an-s3-event'],
  ['an array of event records', JSON.stringify([s3EventRecord()]), 'not-an-s3-event'],
  ['arrays nested 200,000 deep', '['.repeat(DEEP) + ']'.repeat(DEEP), 'not-an-s3-event'],
  ['another service through EventBridge', '{"source":"aws.ec2","detail-type":"Object Created"}', 'not-an-s3-event'],
  ['an SNS subscription confirmation', '{"Type":"SubscriptionConfirmation","Message":"x"}', 'not-an-s3-event'],
  ['no records', '{"Records":[]}', 'no-records'],
  ['records that are null', '{"Records":null}', 'no-records'],
  ['records that are an object', '{"Records":{"0":{}}}', 'no-records'],
  ['records that are a string', '{"Records":"[]"}', 'no-records'],
  ['a thousand and one records', s3Message(...Array(1001).fill(s3EventRecord())), 'not-an-s3-event'],
  ['an SNS message that is not a string', snsMessage({ Records: [] }), 'not-an-s3-event'],
  ['an SNS notification without a message', '{"Type":"Notification"}', 'not-an-s3-event'],
  ['an SNS message that is empty', snsMessage(''), 'empty-body'],
  ['an SNS message that is not JSON', snsMessage('deployed!'), 'not-json'],
  ['SNS inside SNS', snsMessage(snsMessage(s3Message(s3EventRecord()))), 'not-an-s3-event'],
  ['EventBridge without a detail', '{"source":"aws.s3","detail-type":"Object Created"}', 'bad-event-record'],
  [
    'EventBridge of another major version',
    eventBridgeMessage({ detail: { 'event-version': '2.0' } }),
    'unsupported-version',
  ],
  ['EventBridge without a type', '{"source":"aws.s3","detail-type":7,"detail":{}}', 'not-an-s3-event'],
  ['EventBridge without a bucket', eventBridgeMessage({ detail: { bucket: null } }), 'bad-event-record'],
  ['EventBridge without an object', eventBridgeMessage({ detail: { object: [] } }), 'bad-event-record'],
  ['EventBridge without a key', eventBridgeMessage({ key: '' }), 'bad-event-record'],
  ['EventBridge with a lone surrogate in the key', eventBridgeMessage({ key: 'a\ud800' }), 'key-not-decodable'],
];

describe('a message that cannot be read', () => {
  it.each(UNREADABLE_MESSAGES)('is refused: %s', (_, body, reason) => {
    expect(refusal(body).code).toBe(reason);
  });

  it('is an UploadLedgerError, with a name that no minifier changes', () => {
    const error = refusal('hello');
    expect(error).toBeInstanceOf(UploadLedgerError);
    expect(error.name).toBe('UnreadableMessageError');
    expect(error.message).toBe('Cannot read the message (not-json): expected the message body to be JSON, got "hello"');
    expect(error.cause).toBeInstanceOf(SyntaxError);
  });

  it('says what came, in a few characters that any log and any message attribute can hold', () => {
    const { detail } = refusal(`\u0000\u009b\ud800\uffff${NOISE}`);
    expect(detail).toMatch(/^expected the message body to be JSON, got "\\u0000\\u009b\\ud800\\uffff/);
    expect(detail).toMatch(/ and 65490 more characters$/);
    expect(detail.length).toBeLessThanOrEqual(500);
    expect(refusal('{"id":1,"order":2,"total":3,"tax":4}').detail).toBe(
      'expected an S3 event notification, got an object with the fields "id, order, total"',
    );
  });
});

const UNREADABLE_RECORDS: readonly (readonly [what: string, record: unknown, reason: string])[] = [
  ['a record that is null', null, 'bad-event-record'],
  ['a record that is an array', [], 'bad-event-record'],
  ['no event source', s3EventRecord({ eventSource: undefined }), 'not-an-s3-event'],
  ['the event source of another service', s3EventRecord({ eventSource: 'aws:ses' }), 'not-an-s3-event'],
  ['major version 3', s3EventRecord({ eventVersion: '3.0' }), 'unsupported-version'],
  ['major version 20', s3EventRecord({ eventVersion: '20.1' }), 'unsupported-version'],
  ['a version with more behind it', s3EventRecord({ eventVersion: '2.1-beta' }), 'unsupported-version'],
  ['a version of three parts', s3EventRecord({ eventVersion: '2.1.2.1' }), 'unsupported-version'],
  ['an event source in a list', s3EventRecord({ eventSource: ['aws:s3'] }), 'not-an-s3-event'],
  ['a time in a list', s3EventRecord({ eventTime: ['2026-11-22T10:15:30.123Z'] }), 'bad-event-record'],
  ['a time without milliseconds in a list', s3EventRecord({ eventTime: ['2026-11-22T10:15:30Z'] }), 'bad-event-record'],
  ['a bucket without a name', s3EventRecord({ bucket: '' }), 'bad-event-record'],
  [
    'a request id that is a number',
    { ...s3EventRecord(), responseElements: { 'x-amz-request-id': 7 } },
    'bad-event-record',
  ],
  ['a version that is a number', s3EventRecord({ eventVersion: 2.1 }), 'unsupported-version'],
  ['no s3', { ...s3EventRecord(), s3: undefined }, 'bad-event-record'],
  ['no event name', s3EventRecord({ eventName: undefined }), 'bad-event-record'],
  ['an event name with a space', s3EventRecord({ eventName: 'ObjectCreated: Put' }), 'bad-event-record'],
  ['an event name of 129 characters', s3EventRecord({ eventName: 'A'.repeat(129) }), 'bad-event-record'],
  ['no event time', s3EventRecord({ eventTime: undefined }), 'bad-event-record'],
  ['no bucket', s3EventRecord({ bucket: undefined }), 'bad-event-record'],
  ['a bucket of 256 characters', s3EventRecord({ bucket: 'b'.repeat(256) }), 'bad-event-record'],
  ['no bucket at all', { ...s3EventRecord(), s3: { object: { key: 'k' } } }, 'bad-event-record'],
  ['no object', { ...s3EventRecord(), s3: { bucket: { name: 'b' } } }, 'bad-event-record'],
  ['an identity that is text', { ...s3EventRecord(), userIdentity: 'me' }, 'bad-event-record'],
  ['request parameters that are a list', { ...s3EventRecord(), requestParameters: [] }, 'bad-event-record'],
  ['response elements that are a number', { ...s3EventRecord(), responseElements: 1 }, 'bad-event-record'],
  ['a Region that is a number', { ...s3EventRecord(), awsRegion: 1 }, 'bad-event-record'],
  ['a bucket with a slash', s3EventRecord({ bucket: 'acme/uploads' }), 'bad-event-record'],
  ['a bucket with a #', s3EventRecord({ bucket: 'b#x' }), 'bad-event-record'],
  ['a bucket with a lone surrogate', s3EventRecord({ bucket: '\udc00' }), 'bad-event-record'],
  ['no key', s3EventRecord({ encodedKey: undefined }), 'bad-event-record'],
  ['an empty key', s3EventRecord({ encodedKey: '' }), 'bad-event-record'],
  ['a key that is a number', s3EventRecord({ encodedKey: 7 }), 'bad-event-record'],
  ['a lone % in the key', s3EventRecord({ encodedKey: '100%' }), 'key-not-decodable'],
  ['bytes that are not UTF-8 in the key', s3EventRecord({ encodedKey: '%ff.jpg' }), 'key-not-decodable'],
  ['an encoded surrogate in the key', s3EventRecord({ encodedKey: '%ed%a0%80' }), 'key-not-decodable'],
  ['a lone surrogate in the key', s3EventRecord({ encodedKey: 'a\ud800b' }), 'key-not-decodable'],
  ['a negative size', s3EventRecord({ object: { size: -1 } }), 'bad-event-record'],
  ['half a byte', s3EventRecord({ object: { size: 0.5 } }), 'bad-event-record'],
  ['a size beyond 2^53', s3EventRecord({ object: { size: 2 ** 53 } }), 'bad-event-record'],
  ['a size that is a string', s3EventRecord({ object: { size: '5' } }), 'bad-event-record'],
  ['an eTag that is a number', s3EventRecord({ object: { eTag: 5 } }), 'bad-event-record'],
  ['a version id that is an object', s3EventRecord({ object: { versionId: {} } }), 'bad-event-record'],
  ['a principal with a lone surrogate', s3EventRecord({ principalId: '\ud800' }), 'bad-event-record'],
  ['a source address that is an array', s3EventRecord({ sourceIp: ['::1'] }), 'bad-event-record'],
];

describe('an event record that cannot be read', () => {
  it.each(UNREADABLE_RECORDS)('is reported beside its neighbours: %s', (_, bad, reason) => {
    const before = s3EventRecord({ key: 'before' });
    const after = s3EventRecord({ key: 'after' });
    const notification = parseMessageBody(s3Message(before, bad, after));
    expect(notification).toMatchObject({ events: [{ key: 'before' }, { key: 'after' }], unreadable: [{ reason }] });
  });

  it('is reported with its place', () => {
    const notification = parseMessageBody(s3Message(s3EventRecord(), s3EventRecord({ object: { size: -1 } }), 7));
    expect(notification).toMatchObject({
      unreadable: [
        { detail: 'Records[1]: expected size to be a whole number of bytes, 0 or more, got -1' },
        { detail: 'Records[2]: expected the event record to be an object, got 7' },
      ],
    });
  });

  it('leaves a notification without events when it is alone', () => {
    const notification = parseMessageBody(s3Message(s3EventRecord({ encodedKey: '%' })));
    expect(notification).toMatchObject({ kind: 'events', events: [], unreadable: [{ reason: 'key-not-decodable' }] });
  });
});

describe('a test event', () => {
  it('is recognised plain and in SNS, but not in an event record', () => {
    expect(parseMessageBody(testEventMessage())).toEqual({ kind: 'test-event' });
    expect(parseMessageBody(snsMessage(testEventMessage()))).toEqual({ kind: 'test-event' });
    expect(parseMessageBody(s3Message({ Event: 's3:TestEvent' }))).toMatchObject({ events: [] });
  });
});

describe('the detail of a message that cannot be read', () => {
  it('says what was expected and what came', async () => {
    const messages = UNREADABLE_MESSAGES.map(([what, body]) => `${what}: ${refusal(body).detail}`);
    const records = UNREADABLE_RECORDS.map(([what, record]) => {
      const notification = parseMessageBody(s3Message(record));
      const [unreadable] = notification.kind === 'events' ? notification.unreadable : [];
      return `${what}: ${unreadable?.detail}`;
    });
    await expect([...messages, '', ...records, ''].join('\n')).toMatchFileSnapshot('golden/unreadable.txt');
  });

  it('accepts what is exactly at the limits', () => {
    const longest = s3EventRecord({
      bucket: 'b'.repeat(255),
      eventName: 'A'.repeat(128),
      object: { size: 2 ** 53 - 1 },
    });
    expect(parseMessageBody(s3Message(longest))).toMatchObject({ unreadable: [], events: [{ size: 2 ** 53 - 1 }] });
    expect(parseMessageBody(s3Message(s3EventRecord({ object: { size: 0 } })))).toMatchObject({
      events: [{ size: 0 }],
    });
    expect(parseMessageBody(s3Message(...Array(1000).fill(s3EventRecord())))).toMatchObject({ unreadable: [] });
  });
});
