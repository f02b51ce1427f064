import { formUrlEncode } from '../../../../src/contract/s3-notifications.ts';

/** One version of an object, or a delete marker. */
export interface Version {
  readonly key: string;
  /** Absent in a bucket without versions. */
  readonly versionId?: string;
  readonly isDeleteMarker: boolean;
  readonly size: number;
  readonly eTag: string;
  /** The metadata `x-amz-meta-uploader`. */
  readonly uploader?: string;
  /** Epoch milliseconds of the request that began it: of a multipart upload, that of its initiation. */
  readonly startedAt: number;
  /** What a listing and a HEAD say: of a multipart upload, when it was initiated. */
  readonly lastModified: number;
  /** Of its creation. */
  readonly sequencer: string;
}

/** One event as S3 makes it, before it is delivered. */
export interface S3Event {
  readonly eventName: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** With the event's own sequencer: that of the request, or, of what S3 does by itself, that of the version's creation. */
  readonly version: Version;
  readonly principalId: string;
}

/** What S3 does by itself: lifecycle rules, and what becomes of a restore. */
export const S3_ITSELF = 's3.amazonaws.com';
/** Who has asked for a restore: the owner of the bucket, whoever has called. */
export const RESTORER = 'AmazonCustomer:A2EXAMPLE';

/** Days for which a restored copy stays, as the event of its completion says. */
const RESTORED_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * The body of the notification that S3 sends for an event. Its fields are those of recorded notifications: deletes have neither size nor
 * eTag, but a new delete marker has the eTag of nothing.
 */
export function notificationBody({ eventName, at, version, principalId }: S3Event, bucket: string): string {
  const [group = ''] = eventName.split(':');
  const { key, versionId, size, eTag, sequencer, isDeleteMarker } = version;
  const isOfContent = group === 'ObjectCreated' || group === 'ObjectRestore';
  const isNewMarker = isDeleteMarker && eventName.endsWith(':DeleteMarkerCreated');
  const record = {
    eventVersion: group === 'LifecycleExpiration' ? '2.3' : '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'eu-west-1',
    eventTime: new Date(at).toISOString(),
    eventName,
    userIdentity: { principalId },
    requestParameters: { sourceIPAddress: isByRequest(principalId) ? '203.0.113.7' : S3_ITSELF },
    responseElements: { 'x-amz-request-id': `R${sequencer}`, 'x-amz-id-2': 'host' },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'uploads',
      bucket: { name: bucket, ownerIdentity: { principalId: 'A2EXAMPLE' }, arn: `arn:aws:s3:::${bucket}` },
      object: {
        key: formUrlEncode(key),
        ...(isOfContent && { size }),
        ...((isOfContent || isNewMarker) && { eTag }),
        ...(versionId !== undefined && { versionId }),
        sequencer,
      },
    },
    ...(eventName === 'ObjectRestore:Completed' && { glacierEventData: restoreData(at) }),
  };
  return JSON.stringify({ Records: [record] });
}

function isByRequest(principalId: string): boolean {
  return principalId !== S3_ITSELF && principalId !== RESTORER;
}

function restoreData(at: number) {
  return {
    restoreEventData: {
      lifecycleRestorationExpiryTime: new Date(at + RESTORED_MS).toISOString(),
      lifecycleRestoreStorageClass: 'GLACIER',
    },
  };
}
