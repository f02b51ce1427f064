import type { ObjectChange } from '../service-server/object-change.ts';
import { formUrlEncode } from './form-url-encode.ts';
import { type BucketNotification, eventNameOf } from './notification-config.ts';

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
  return JSON.stringify({ Records: [record] });
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
