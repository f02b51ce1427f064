import type { QuarantineCause } from '../contract/quarantine.ts';
import { isDigestTick, parseDigestTick } from './digest-tick.ts';
import { checkMajorVersion, toEventRecord } from './event-record.ts';
import { isEventBridgeEvent, readEventBridgeEvent } from './eventbridge.ts';
import {
  described,
  type Fields,
  fieldsFrom,
  isFields,
  optionalFieldsFrom,
  parseJson,
  UnreadableMessageError,
} from './fields.ts';
import type { EventRecord, EventsNotification, Notification } from './notification.ts';

/**
 * What an SQS message says. The envelope is recognised by itself: an S3 notification, an S3 event from EventBridge or S3's
 * test event, each of them also inside an SNS notification; or a digest tick, which only the queue's own senders can send.
 *
 * `body` is hostile. Whatever it is, the outcome is a {@link Notification} or an {@link UnreadableMessageError}, which
 * no retry cures. Event records that cannot be read beside others that can are reported in the notification, not
 * thrown.
 */
export function parseMessageBody(body: string): Notification {
  const value = parseJson(body, 'the message body');
  if (isFields(value) && isDigestTick(value)) return { kind: 'digest-tick', tick: parseDigestTick(value) };
  const published = isFields(value) && isSnsNotification(value) ? unwrapSnsNotification(value) : value;
  return readEnvelope(published);
}

function readEnvelope(value: unknown): Notification {
  if (isFields(value)) {
    if ('Records' in value) return readS3Records(value.Records);
    if (value.Event === 's3:TestEvent') return { kind: 'test-event' };
    if (isEventBridgeEvent(value)) return { kind: 'events', events: [readEventBridgeEvent(value)], unreadable: [] };
  }
  const came = isFields(value) ? `an object with ${fieldNames(value)}` : described(value);
  throw new UnreadableMessageError('not-an-s3-event', `expected an S3 event notification, got ${came}`);
}

/** The first few names, so that an operator can tell what sent the message. */
function fieldNames(fields: object): string {
  const names = Object.keys(fields).slice(0, 3);
  return names.length === 0 ? 'no fields' : `the fields ${described(names.join(', '))}`;
}

/** What SNS sends to a queue without raw message delivery (AWS: "Parsing Amazon SNS message formats"). */
export function isSnsNotification(body: Fields): boolean {
  return body.Type === 'Notification';
}

/**
 * The JSON value that was published to the topic. The envelope's signature is not checked: who may write to the queue
 * is decided by the queue's policy, for SNS as for S3.
 *
 * @throws {UnreadableMessageError} when the message is not a string of JSON.
 */
export function unwrapSnsNotification(body: Fields): unknown {
  if (typeof body.Message !== 'string') {
    const detail = `expected the SNS notification's Message to be a string, got ${described(body.Message)}`;
    throw new UnreadableMessageError('not-an-s3-event', detail);
  }
  return parseJson(body.Message, "the SNS notification's Message");
}

/** `aws:s3`, and whoever speaks S3's format: `minio:s3`, `ceph:s3`. */
const S3_SOURCE = /^[\w-]+:s3$/;

/**
 * S3 keeps a message within 64 KB, room for far fewer. A list beyond this is a sender gone wrong, or a way to keep us
 * busy.
 */
const MOST_RECORDS = 1000;

/**
 * The event records of an S3 notification, structure versions 2.0 and later 2.x (AWS: "Event message structure").
 *
 * S3 puts one record into a message today, but documents an array: each record is read for itself, and one that cannot
 * be read stands in `unreadable` while its neighbours count.
 *
 * @throws {UnreadableMessageError} with reason `no-records` when there is nothing to read at all, and `not-an-s3-event`
 * for more than {@link MOST_RECORDS}.
 */
export function readS3Records(value: unknown): EventsNotification {
  const records = recordsFrom(value);
  const events: EventRecord[] = [];
  const unreadable: QuarantineCause[] = [];
  for (const [index, record] of records.entries()) {
    try {
      events.push(readS3Record(record));
    } catch (error) {
      // Stryker disable next-line ConditionalExpression: nothing else is thrown today.
      if (!(error instanceof UnreadableMessageError)) throw error;
      unreadable.push({ reason: error.code, detail: `Records[${index}]: ${error.detail}` });
    }
  }
  return { kind: 'events', events, unreadable };
}

function recordsFrom(value: unknown): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0) {
    const came = Array.isArray(value) ? 'an empty one' : described(value);
    throw new UnreadableMessageError('no-records', `expected Records to be an array of event records, got ${came}`);
  }
  if (value.length > MOST_RECORDS) {
    const detail = `expected Records to hold at most ${MOST_RECORDS} event records, got ${value.length}`;
    throw new UnreadableMessageError('not-an-s3-event', detail);
  }
  return value;
}

function readS3Record(value: unknown): EventRecord {
  const record = fieldsFrom(value, 'the event record');
  checkSource(record.eventSource);
  checkMajorVersion(record.eventVersion, 2, 'eventVersion');
  const s3 = fieldsFrom(record.s3, 's3');
  const bucket = fieldsFrom(s3.bucket, 's3.bucket');
  const object = fieldsFrom(s3.object, 's3.object');
  const event = {
    eventName: record.eventName,
    eventTime: record.eventTime,
    bucket: bucket.name,
    key: object.key,
    region: record.awsRegion,
    size: object.size,
    eTag: object.eTag,
    versionId: object.versionId,
    sequencer: object.sequencer,
    principalId: optionalFieldsFrom(record.userIdentity, 'userIdentity').principalId,
    sourceIp: optionalFieldsFrom(record.requestParameters, 'requestParameters').sourceIPAddress,
    requestId: optionalFieldsFrom(record.responseElements, 'responseElements')['x-amz-request-id'],
  };
  return toEventRecord(event, 'form');
}

function checkSource(value: unknown): void {
  if (typeof value === 'string' && S3_SOURCE.test(value)) return;
  const detail = `expected eventSource to be aws:s3, or another store's such as minio:s3, got ${described(value)}`;
  throw new UnreadableMessageError('not-an-s3-event', detail);
}
