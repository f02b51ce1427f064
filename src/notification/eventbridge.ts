import { checkMajorVersion } from './event-version.ts';
import { eventBridgeEventName } from './eventbridge-event-name.ts';
import { type Fields, fieldsFrom } from './fields.ts';
import type { EventRecord } from './notification.ts';
import { toEventRecord } from './to-event-record.ts';

export function isEventBridgeEvent(body: Fields): boolean {
  return body.source === 'aws.s3' && typeof body['detail-type'] === 'string';
}

/**
 * The event record of an S3 event that came through EventBridge (AWS: "EventBridge event message structure").
 *
 * It says less than a notification: the time is to the second, and `requester` is an account or a service, never the
 * person. `detail.version` is always 0 and says nothing; `detail.event-version`, in newer events, is the structure's
 * version.
 *
 * @throws {UnreadableMessageError} an event that cannot be read is the whole message.
 */
export function readEventBridgeEvent(body: Fields): EventRecord {
  const detail = fieldsFrom(body.detail, 'detail');
  checkMajorVersion(detail['event-version'], 1, 'detail.event-version');
  const bucket = fieldsFrom(detail.bucket, 'detail.bucket');
  const object = fieldsFrom(detail.object, 'detail.object');
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
  // Stryker disable next-line StringLiteral: whatever is not 'form' is plain, and the type admits nothing else.
  return toEventRecord(event, 'plain');
}
