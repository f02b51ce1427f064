import { randomUUID } from 'node:crypto';
import { formUrlEncode } from '../../contract/s3-notifications.ts';
import type { EventPattern } from '../events/event-pattern.ts';
import { LOCAL_ACCOUNT_ID } from '../identity.ts';
import { escapeAstral } from '../servers/queue-access.ts';
import type { ChangeKind, Parameters } from './request.ts';

/** One object that was written or deleted. */
export interface ObjectChange {
  readonly bucket: string;
  readonly key: string;
  readonly kind: ChangeKind;
  /** Bytes. Absent on deletes. */
  readonly size?: number;
  /** Without quotes. Absent on deletes. */
  readonly eTag?: string;
  /** ISO 8601, UTC, with milliseconds. */
  readonly eventTime: string;
  /** 18 upper-case hexadecimal digits, in the order of the changes. */
  readonly sequencer: string;
  /** As S3 writes it, such as `AWS:AROALOCALSTACKROLE000:alice`. */
  readonly principalId: string;
  readonly sourceIp: string;
  readonly requestId: string;
  /** By lower-case name without `x-amz-meta-`. Absent on deletes. */
  readonly userMetadata?: Parameters;
}

/** One configuration of a bucket's notifications. */
export interface BucketNotification {
  /** S3 repeats it in each event as `configurationId`. */
  readonly id: string;
  readonly bucket: string;
  readonly queueUrl: string;
  /** Event types such as `s3:ObjectCreated:*`; `s3:*` is every one. */
  readonly events: readonly string[];
  /** What a key must begin with, form-urlencoded as in the event. @default anything */
  readonly prefix?: string;
  /** What a key must end with, form-urlencoded as in the event. @default anything */
  readonly suffix?: string;
  /** The rule's; with the envelope 'event-bridge' only. @default every event matches */
  readonly pattern?: EventPattern;
  /** Whether S3 sends the message, or an EventBridge rule. @default 's3' */
  readonly envelope?: 's3' | 'event-bridge';
}

/** A change's event type without the `s3:` in front, such as `ObjectCreated:Put`. */
function eventNameOf({ kind }: ObjectChange): string {
  return kind === 'Delete' ? 'ObjectRemoved:Delete' : `ObjectCreated:${kind}`;
}

/**
 * Whether a configuration includes this change. Filters are compared with the encoded key: S3 wants a space in a filter
 * written as `+`, other special characters percent-encoded (S3 User Guide, "Configuring event notifications using
 * object key name filtering").
 */
export function wantsChange(notification: BucketNotification, change: ObjectChange): boolean {
  if (notification.bucket !== change.bucket) return false;
  const name = `s3:${eventNameOf(change)}`;
  if (!notification.events.some((pattern) => matches(pattern, name))) return false;
  const key = formUrlEncode(change.key);
  return key.startsWith(notification.prefix ?? '') && key.endsWith(notification.suffix ?? '');
}

function matches(pattern: string, eventName: string): boolean {
  if (pattern === 's3:*') return true;
  return pattern.endsWith(':*') ? eventName.startsWith(pattern.slice(0, -1)) : eventName === pattern;
}

/** The bucket owner's canonical id, in the shape of the documentation's examples. */
const OWNER = 'A1LOCALSTACKOWNER';
/** S3 writes it as `x-amz-id-2`; only AWS's support can read it. */
const HOST_ID = 'local';

/** The body of the message that S3 sends for a change (S3 User Guide, "Event message structure", version 2.1). */
export function s3EventBody(change: ObjectChange, notification: BucketNotification, region: string): string {
  const { bucket, key, size, eTag, sequencer } = change;
  const object = {
    key: formUrlEncode(key),
    ...(size !== undefined && { size }),
    ...(eTag !== undefined && { eTag }),
    sequencer,
  };
  const record = {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: region,
    eventTime: change.eventTime,
    eventName: eventNameOf(change),
    userIdentity: { principalId: change.principalId },
    requestParameters: { sourceIPAddress: change.sourceIp },
    responseElements: { 'x-amz-request-id': change.requestId, 'x-amz-id-2': HOST_ID },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: notification.id,
      bucket: { name: bucket, ownerIdentity: { principalId: OWNER }, arn: `arn:aws:s3:::${bucket}` },
      object,
    },
  };
  return escapeAstral(JSON.stringify({ Records: [record] }));
}

/** The body of the message that S3 sends to each destination when a notification configuration is put. */
export function testEventBody(bucket: string, at: Date): string {
  return JSON.stringify({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: at.toISOString(),
    Bucket: bucket,
    RequestId: 'LOCALTESTEVENT00',
    HostId: HOST_ID,
  });
}

const REASONS = {
  Put: 'PutObject',
  Post: 'POST Object',
  Copy: 'CopyObject',
  CompleteMultipartUpload: 'CompleteMultipartUpload',
  Delete: 'DeleteObject',
} as const satisfies Record<ObjectChange['kind'], string>;

/**
 * The body of the message that an EventBridge rule sends for a change (S3 User Guide, "EventBridge event message
 * structure").
 */
export function eventBridgeBody(change: ObjectChange, region: string): string {
  const isDelete = change.kind === 'Delete';
  const event = {
    version: '0',
    id: randomUUID(),
    'detail-type': isDelete ? 'Object Deleted' : 'Object Created',
    source: 'aws.s3',
    account: LOCAL_ACCOUNT_ID,
    // EventBridge writes whole seconds.
    time: change.eventTime.replace(/\.\d+Z$/, 'Z'),
    region,
    resources: [`arn:aws:s3:::${change.bucket}`],
    detail: {
      version: '0',
      bucket: { name: change.bucket },
      object: {
        key: change.key,
        ...(change.size !== undefined && { size: change.size }),
        ...(change.eTag !== undefined && { etag: change.eTag }),
        sequencer: change.sequencer,
      },
      'request-id': change.requestId,
      requester: LOCAL_ACCOUNT_ID,
      'source-ip-address': change.sourceIp,
      reason: REASONS[change.kind],
      ...(isDelete && { 'deletion-type': 'Permanently Deleted' }),
    },
  };
  return escapeAstral(JSON.stringify(event));
}
