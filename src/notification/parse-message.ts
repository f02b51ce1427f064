import {
  ALERT_MESSAGE,
  type AlertMessage,
  HELD_BACK_MESSAGE,
  type HeldBackMessage,
} from '../contract/alert-message.ts';
import type { QuarantineCause } from '../contract/quarantine.ts';
import { parseAlertMessage, parseHeldBackMessage } from './alert-message.ts';
import { type DigestTick, parseDigestTick } from './digest-tick.ts';
import { checkMajorVersion, type EventRecord, toEventRecord } from './event-record.ts';
import { readEventBridgeEvent } from './eventbridge.ts';
import {
  describeValue,
  isObject,
  type JsonObject,
  readObject,
  readOptionalObject,
  UnreadableMessageError,
} from './fields.ts';

/** What one SQS message body says. */
type Notification =
  | EventsNotification
  /** `s3:TestEvent`, which S3 sends whenever a notification configuration is put. */
  | { readonly kind: 'test-event' }
  /** The time to send a digest has come. */
  | { readonly kind: 'digest-tick'; readonly tick: DigestTick }
  /** An alert that could not be sent yet. */
  | { readonly kind: 'alert'; readonly alert: AlertMessage }
  /** The time to tell what was held back has come. */
  | { readonly kind: 'held-back-alerts'; readonly heldBack: HeldBackMessage };

/** The event records of one message. */
export interface EventsNotification {
  readonly kind: 'events';
  readonly events: readonly EventRecord[];
  /** Event records of the same message that cannot be read: the others are recorded, the message is quarantined. */
  readonly unreadable: readonly QuarantineCause[];
}

/**
 * What an SQS message says. The envelope is recognised by its content: an S3 notification, an S3 event from EventBridge
 * or S3's test event, each of them also inside an SNS notification; or a digest tick or a message about alerts, which only the queue's
 * own senders can send.
 *
 * `body` is untrusted. Whatever it is, the outcome is a {@link Notification} or an {@link UnreadableMessageError},
 * which no retry cures. Event records that cannot be read beside others that can are reported in the notification, not
 * thrown.
 */
export function parseMessageBody(body: string): Notification {
  const value = parseJson(body, 'the message body');
  if (!isObject(value)) return parseEnvelope(value);
  if (value.uploadLedger === ALERT_MESSAGE) return { kind: 'alert', alert: parseAlertMessage(value) };
  if (value.uploadLedger === HELD_BACK_MESSAGE) {
    return { kind: 'held-back-alerts', heldBack: parseHeldBackMessage(value) };
  }
  if ('uploadLedger' in value) return { kind: 'digest-tick', tick: parseDigestTick(value) };
  return parseEnvelope(value.Type === 'Notification' ? unwrapSnsNotification(value) : value);
}

function parseEnvelope(value: unknown): Notification {
  if (!isObject(value)) return throwNotAnS3Event(describeValue(value));
  if ('Records' in value) return readS3Records(value.Records);
  if (value.Event === 's3:TestEvent') return { kind: 'test-event' };
  if (value.source === 'aws.s3' && typeof value['detail-type'] === 'string') {
    return { kind: 'events', events: [readEventBridgeEvent(value)], unreadable: [] };
  }
  // The first few names, so that an operator can tell what sent the message.
  const names = Object.keys(value).slice(0, 3);
  const fields = names.length === 0 ? 'no fields' : `the fields ${describeValue(names.join(', '))}`;
  return throwNotAnS3Event(`an object with ${fields}`);
}

function throwNotAnS3Event(came: string): never {
  throw new UnreadableMessageError('not-an-s3-event', `expected an S3 event notification, got ${came}`);
}

/**
 * The JSON value that `text` holds; `what` names the text in the error.
 *
 * @throws {UnreadableMessageError} `empty-body` for nothing but white space, `not-json` for whatever `JSON.parse`
 * refuses, including the RangeError by which an engine gives up on nesting that is too deep.
 */
function parseJson(text: string, what: string): unknown {
  if (text.trim() === '') throw new UnreadableMessageError('empty-body', `expected ${what} to be JSON, got nothing`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UnreadableMessageError('not-json', `expected ${what} to be JSON, got ${describeValue(text)}`, { cause });
  }
}

/**
 * The JSON value in what SNS sends to a queue without raw message delivery (AWS: "Parsing Amazon SNS message formats").
 * The envelope's signature is not checked: the queue's policy decides who may write to it, for SNS as for S3.
 *
 * @throws {UnreadableMessageError} when the message is not a string of JSON.
 */
function unwrapSnsNotification(body: JsonObject): unknown {
  if (typeof body.Message === 'string') return parseJson(body.Message, "the SNS notification's Message");
  const came = describeValue(body.Message);
  const detail = `expected the SNS notification's Message to be a string, got ${came}`;
  throw new UnreadableMessageError('not-an-s3-event', detail);
}

/**
 * S3 keeps a message within 64 KB, room for far fewer records. A longer list is a sender's mistake, or an attempt to
 * keep us busy.
 */
const MAX_RECORDS = 1000;

/**
 * The event records of an S3 notification, structure versions 2.0 and later 2.x (AWS: "Event message structure").
 *
 * S3 puts one record into a message today, but documents an array: each record is read for itself, and one that cannot
 * be read is in `unreadable` while its neighbours count.
 *
 * @throws {UnreadableMessageError} with reason `no-records` when there is nothing to read at all, and `not-an-s3-event`
 * for more than {@link MAX_RECORDS}.
 */
function readS3Records(value: unknown): EventsNotification {
  const events: EventRecord[] = [];
  const unreadable: QuarantineCause[] = [];
  for (const [index, record] of checkRecords(value).entries()) {
    try {
      events.push(readS3Record(record));
    } catch (error) {
      if (!(error instanceof UnreadableMessageError)) throw error;
      unreadable.push({ reason: error.code, detail: `Records[${index}]: ${error.detail}` });
    }
  }
  return { kind: 'events', events, unreadable };
}

function checkRecords(value: unknown): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0) {
    const came = Array.isArray(value) ? 'an empty one' : describeValue(value);
    throw new UnreadableMessageError('no-records', `expected Records to be an array of event records, got ${came}`);
  }
  if (value.length > MAX_RECORDS) {
    const detail = `expected Records to hold at most ${MAX_RECORDS} event records, got ${value.length}`;
    throw new UnreadableMessageError('not-an-s3-event', detail);
  }
  return value;
}

function readS3Record(value: unknown): EventRecord {
  const record = readObject(value, 'the event record');
  checkSource(record.eventSource);
  checkMajorVersion(record.eventVersion, 2, 'eventVersion');
  const isCeph = record.eventSource === 'ceph:s3';
  const s3 = readObject(record.s3, 's3');
  const bucket = readObject(s3.bucket, 's3.bucket');
  const object = readObject(s3.object, 's3.object');
  const event = {
    eventName: record.eventName,
    eventTime: record.eventTime,
    bucket: bucket.name,
    key: object.key,
    region: record.awsRegion,
    size: object.size,
    // Some releases of Ceph write etag.
    eTag: object.eTag ?? object.etag,
    versionId: object.versionId,
    sequencer: isCeph ? inOrderOfTime(object.sequencer) : object.sequencer,
    principalId: readOptionalObject(record.userIdentity, 'userIdentity').principalId,
    sourceIp: readOptionalObject(record.requestParameters, 'requestParameters').sourceIPAddress,
    requestId: readOptionalObject(record.responseElements, 'responseElements')['x-amz-request-id'],
  };
  return toEventRecord(event, isCeph ? 'plain' : 'form');
}

/**
 * Ceph's sequencer is the time in seconds and nanoseconds, each as the four bytes of a little-endian number
 * (`rgw_notify.cc`). It sorts as the time does only from the highest byte on.
 */
function inOrderOfTime(sequencer: unknown): unknown {
  if (typeof sequencer !== 'string') return sequencer;
  return sequencer.replace(/^(..)(..)(..)(..)(..)(..)(..)(..)$/, '$4$3$2$1$8$7$6$5');
}

/** `aws:s3`, and whoever speaks S3's format: `minio:s3`, `ceph:s3`, and NooBaa, which writes its host: `node1.lan:s3`. */
function checkSource(value: unknown): void {
  if (typeof value === 'string' && /^[\w.-]+:s3$/.test(value)) return;
  const came = describeValue(value);
  const detail = `expected eventSource to be aws:s3, or another store's such as minio:s3, got ${came}`;
  throw new UnreadableMessageError('not-an-s3-event', detail);
}
