import { described } from './described.ts';
import { checkMajorVersion } from './event-version.ts';
import { fieldsFrom, optionalFieldsFrom } from './fields.ts';
import type { EventRecord, EventsNotification, Unreadable } from './notification.ts';
import { toEventRecord } from './to-event-record.ts';
import { UnreadableMessageError } from './unreadable.ts';

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
  const unreadable: Unreadable[] = [];
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
