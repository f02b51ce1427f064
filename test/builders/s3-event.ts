import { formUrlEncode } from '../../src/contract/s3-notifications.ts';

export interface S3EventRecordParts {
  /** As the uploader wrote it; encoded here. Default: `photos/cat.jpg`. */
  readonly key?: string;
  /** As S3 writes it, instead of `key`. */
  readonly encodedKey?: unknown;
  readonly bucket?: unknown;
  readonly eventName?: unknown;
  readonly eventTime?: unknown;
  readonly eventVersion?: unknown;
  readonly eventSource?: unknown;
  readonly principalId?: unknown;
  readonly sourceIp?: unknown;
  /** Merged into `s3.object`; a value of undefined takes the field away. */
  readonly object?: Readonly<Record<string, unknown>>;
}

/** One event record as S3 2.1 sends it for a put. Give what matters to the case; the rest is ordinary. */
export function s3EventRecord(parts: S3EventRecordParts = {}) {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'eu-central-1',
    eventTime: '2026-11-22T10:15:30.123Z',
    eventName: 'ObjectCreated:Put',
    ...given(parts, ['eventVersion', 'eventSource', 'eventTime', 'eventName']),
    userIdentity: { principalId: 'AWS:AIDAEXAMPLE', ...given(parts, ['principalId']) },
    requestParameters: { sourceIPAddress: 'sourceIp' in parts ? parts.sourceIp : '203.0.113.7' },
    responseElements: { 'x-amz-request-id': '7F3K2M9QPLR8XAMP' },
    s3: {
      bucket: { name: 'bucket' in parts ? parts.bucket : 'acme-uploads' },
      object: {
        key: 'encodedKey' in parts ? parts.encodedKey : formUrlEncode(parts.key ?? 'photos/cat.jpg'),
        size: 48213,
        eTag: '9b2cf535f27731c974343645a3985328',
        sequencer: '0067B2F0A41C5D3E7F',
        ...parts.object,
      },
    },
  };
}

/** The body of an S3 notification with these event records, whatever they are. */
export function s3Message(...records: readonly unknown[]): string {
  return JSON.stringify({ Records: records });
}

/** The body of an SNS notification that carries `message`. */
export function snsMessage(message: unknown): string {
  return JSON.stringify({
    Type: 'Notification',
    TopicArn: 'arn:aws:sns:eu-central-1:111122223333:uploads',
    Message: message,
  });
}

/** The body of S3's test event. */
export function testEventMessage(): string {
  return JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'acme-uploads' });
}

function given<T extends object>(parts: T, names: readonly (keyof T)[]): Partial<T> {
  return Object.fromEntries(names.filter((name) => name in parts).map((name) => [name, parts[name]])) as Partial<T>;
}
