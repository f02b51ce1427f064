import type { RecordAttribute } from './item.ts';
import type { LedgerRecord } from './ledger-record.ts';

/** One put of a BatchWriteItem call, to be written as JSON: an undefined attribute is absent there. */
export interface PutRequest {
  readonly PutRequest: { readonly Item: Readonly<Record<keyof LedgerRecord, RecordAttribute | undefined>> };
}

/**
 * The put of `record`. Attribute by attribute and in the record's own order, because objects of one shape are made and written in little more than half the
 * time: `toItem` asks each record which attributes it has.
 */
export function toPutRequest(record: LedgerRecord): PutRequest {
  const Item = {
    s3_object: { S: record.s3_object },
    upload_id: { S: record.upload_id },
    filename: { S: record.filename },
    s3_bucket: { S: record.s3_bucket },
    s3_key: { S: record.s3_key },
    filesize: number(record.filesize),
    timestamp: { S: record.timestamp },
    status: { S: record.status },
    content_type: text(record.content_type),
    category: { S: record.category },
    source_ip: text(record.source_ip),
    event_name: { S: record.event_name },
    etag: text(record.etag),
    version_id: text(record.version_id),
    request_id: text(record.request_id),
    region: text(record.region),
    source: { S: record.source },
    day_shard: { S: record.day_shard },
    uploader: text(record.uploader),
    uploader_source: text(record.uploader_source),
    uploader_shard: text(record.uploader_shard),
    expires_at: number(record.expires_at),
  };
  return { PutRequest: { Item } };
}

function text(value: string | undefined): RecordAttribute | undefined {
  return value === undefined ? undefined : { S: value };
}

function number(value: number | undefined): RecordAttribute | undefined {
  return value === undefined ? undefined : { N: String(value) };
}
