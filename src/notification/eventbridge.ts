import { checkMajorVersion, type EventRecord, toEventRecord } from './event-record.ts';
import { type JsonObject, readObject } from './fields.ts';

/**
 * The event record of an S3 event that came through EventBridge (AWS: "EventBridge event message structure").
 *
 * It says less than a notification: the time is to the second, and `requester` is an account or a service, never the
 * person. `detail.version` is always 0 and says nothing; `detail.event-version`, in newer events, is the structure's
 * version.
 *
 * @throws {UnreadableMessageError} an event that cannot be read is the whole message.
 */
export function readEventBridgeEvent(body: JsonObject): EventRecord {
  const detail = readObject(body.detail, 'detail');
  checkMajorVersion(detail['event-version'], 1, 'detail.event-version');
  const bucket = readObject(detail.bucket, 'detail.bucket');
  const object = readObject(detail.object, 'detail.object');
  const event = {
    eventName: eventBridgeEventName(String(body['detail-type']), detail),
    eventTime: body.time,
    bucket: bucket.name,
    key: object.key,
    region: body.region,
    size: object.size,
    // moto writes eTag, as in a notification.
    eTag: object.etag ?? object.eTag,
    versionId: object['version-id'],
    sequencer: object.sequencer,
    principalId: detail.requester,
    sourceIp: detail['source-ip-address'],
    requestId: detail['request-id'],
  };
  return toEventRecord(event, 'plain');
}

/** `detail.reason` of an "Object Created" event, as the last part of the notification's event name. */
const CREATED_BY: ReadonlyMap<unknown, string> = new Map([
  ['PutObject', 'Put'],
  ['POST Object', 'Post'],
  ['CopyObject', 'Copy'],
  ['CompleteMultipartUpload', 'CompleteMultipartUpload'],
  // LocalStack's own spellings.
  ['PostObject', 'Post'],
  ['s3:ObjectCreated:CompleteMultipartUpload', 'CompleteMultipartUpload'],
]);

/**
 * The name of a notification of the same event (AWS: "Amazon EventBridge mapping and troubleshooting").
 *
 * EventBridge has fewer types: one "Object Created" for four event names, one "Object Deleted" for four more, told
 * apart by `detail.reason` and `detail.deletion-type`. Types that the ledger does not store become
 * `EventBridge:ObjectTagsAdded` and the like, which no notification has.
 */
function eventBridgeEventName(detailType: string, detail: JsonObject): string {
  switch (detailType) {
    case 'Object Created':
      return `ObjectCreated:${createdBy(detail.reason)}`;
    case 'Object Deleted': {
      const remover = detail.reason === 'Lifecycle Expiration' ? 'LifecycleExpiration' : 'ObjectRemoved';
      const marker = detail['deletion-type'] === 'Delete Marker Created';
      return `${remover}:${marker ? 'DeleteMarkerCreated' : 'Delete'}`;
    }
    case 'Object Restore Completed':
      return 'ObjectRestore:Completed';
    default:
      return `EventBridge:${detailType.replace(/[^A-Za-z0-9]/g, '').slice(0, 64) || 'Unnamed'}`;
  }
}

/** A reason that AWS adds one day keeps its own name, so that the upload is recorded. */
function createdBy(reason: unknown): string {
  const known = CREATED_BY.get(reason);
  if (known !== undefined) return known;
  return typeof reason === 'string' && /^[A-Za-z]{1,64}$/.test(reason) ? reason : 'Unknown';
}
