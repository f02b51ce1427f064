import mime from 'mime';

/** The part of an S3 notification that an upload's item is made of. */
export interface S3EventRecord {
  readonly awsRegion: string;
  readonly eventTime: string;
  readonly eventName: string;
  readonly userIdentity: { readonly principalId: string };
  readonly requestParameters: { readonly sourceIPAddress: string };
  readonly responseElements: Readonly<Record<string, string>>;
  readonly s3: {
    readonly bucket: { readonly name: string };
    readonly object: {
      readonly key: string;
      readonly size: number;
      readonly eTag: string;
      readonly sequencer: string;
    };
  };
}

export type UploadItem = Readonly<Record<string, string | number>>;

const SHARDS = 8;

/**
 * The item that every peer writes, so that all handlers store the same records: written straightforwardly, for
 * well-formed events of uploads, without the checks that the ledger makes.
 */
export function toUploadItem(event: S3EventRecord): UploadItem {
  const { bucket, object } = event.s3;
  const key = decodeURIComponent(object.key.replaceAll('+', ' '));
  const filename = key.split('/').at(-1) ?? key;
  const contentType = mime.getType(filename) ?? 'application/octet-stream';
  const uploader = event.userIdentity.principalId.split(':').at(-1) ?? '';
  const shard = shardOf(key);
  return {
    s3_object: `${bucket.name}/${key}`,
    upload_id: object.sequencer.padEnd(32, '0'),
    filename,
    s3_bucket: bucket.name,
    s3_key: key,
    filesize: object.size,
    timestamp: event.eventTime,
    status: 'uploaded',
    content_type: contentType,
    content_type_source: 'extension',
    category: categoryOf(contentType),
    source_ip: event.requestParameters.sourceIPAddress,
    event_name: event.eventName,
    etag: object.eTag,
    request_id: event.responseElements['x-amz-request-id'] ?? '',
    region: event.awsRegion,
    source: 'notification',
    day_shard: `${event.eventTime.slice(0, 10)}#${shard}`,
    uploader,
    uploader_source: 'session-name',
    uploader_shard: `${uploader}#${shard}`,
  };
}

function categoryOf(contentType: string): string {
  const [type = ''] = contentType.split('/');
  if (['image', 'video', 'audio'].includes(type)) return type;
  if (contentType === 'application/zip') return 'archive';
  if (['text/csv', 'application/json'].includes(contentType)) return 'data';
  return 'document';
}

function shardOf(key: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return String(((hash ^ (hash >>> 16)) >>> 0) % SHARDS).padStart(2, '0');
}
