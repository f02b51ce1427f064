/**
 * What a record must look like, worked out from what was uploaded and from nothing of the product: where the two disagree, one of them
 * is wrong.
 */

/** One change of one object, as whoever made it and S3 know it. */
export interface KnownChange {
  readonly bucket: string;
  readonly key: string;
  /** Such as `ObjectCreated:Put`. */
  readonly eventName: string;
  readonly eventTime: string;
  readonly sequencer: string;
  readonly region: string;
  readonly size?: number;
  readonly eTag?: string;
  readonly uploader?: string;
  readonly sourceIp?: string;
  readonly requestId?: string;
}

export type ModelItem = Readonly<Record<string, { readonly S: string } | { readonly N: string }>>;

/** Type and group of each extension that is uploaded here. */
const TYPES: Readonly<Record<string, readonly [type: string, category: string]>> = {
  jpg: ['image/jpeg', 'image'],
  png: ['image/png', 'image'],
  svg: ['image/svg+xml', 'image'],
  mp4: ['video/mp4', 'video'],
  mov: ['video/quicktime', 'video'],
  wav: ['audio/wav', 'audio'],
  pdf: ['application/pdf', 'document'],
  docx: ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'document'],
  xlsx: ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'document'],
  txt: ['text/plain', 'document'],
  log: ['text/plain', 'document'],
  csv: ['text/csv', 'data'],
  json: ['application/json', 'data'],
  parquet: ['application/vnd.apache.parquet', 'data'],
  zip: ['application/zip', 'archive'],
  bin: ['application/octet-stream', 'other'],
};

const STATUS: Readonly<Record<string, string>> = {
  ObjectCreated: 'uploaded',
  ObjectRemoved: 'deleted',
  LifecycleExpiration: 'deleted',
  ObjectRestore: 'restored',
};

/** @param shards Of both indexes, as the stack was deployed. */
export function modelItem(change: KnownChange, shards: number): ModelItem {
  const filename = change.key.split('/').at(-1) || change.key;
  const extension = /.\.([^.]+)$/s.exec(filename)?.[1] ?? '';
  const [type, category] = TYPES[extension] ?? [undefined, 'other'];
  const shard = String(Number(fnv1a(change.key) % BigInt(shards))).padStart(2, '0');
  const texts: Readonly<Record<string, string | undefined>> = {
    s3_object: `${change.bucket}/${change.key}`,
    upload_id: uploadId(change),
    filename,
    s3_bucket: change.bucket,
    s3_key: change.key,
    timestamp: change.eventTime,
    status: STATUS[change.eventName.split(':')[0] ?? ''],
    content_type: type,
    content_type_source: type === undefined ? undefined : 'extension',
    category,
    uploader: change.uploader,
    uploader_source: change.uploader === undefined ? undefined : 'session-name',
    source_ip: change.sourceIp,
    event_name: change.eventName,
    etag: change.eTag,
    request_id: change.requestId,
    region: change.region,
    source: 'notification',
    day_shard: `${change.eventTime.slice(0, 10)}#${shard}`,
    uploader_shard: change.uploader === undefined ? undefined : `${change.uploader}#${shard}`,
  };
  const item: Record<string, { S: string } | { N: string }> = {};
  for (const [name, text] of Object.entries(texts)) if (text !== undefined) item[name] = { S: text };
  if (change.size !== undefined) item.filesize = { N: String(change.size) };
  return item;
}

/** An expiry or a restore has the sequencer of the creation: its time and its name tell it apart. */
function uploadId({ eventName, eventTime, sequencer }: KnownChange): string {
  const padded = (sequencer + '0'.repeat(32)).slice(0, 32);
  return /^Object(Created|Removed):/.test(eventName) ? padded : `.${eventTime}/${padded}/${eventName}`;
}

/** FNV-1a over UTF-16 units, then the upper half folded in: the shard that an object's key belongs to. */
function fnv1a(key: string): bigint {
  let hash = 2166136261n;
  for (const unit of key.split('')) hash = ((hash ^ BigInt(unit.charCodeAt(0))) * 16777619n) % 2n ** 32n;
  return hash ^ (hash >> 16n);
}
