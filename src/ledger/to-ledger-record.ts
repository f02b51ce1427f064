import { LIMITS } from '../contract/limits.ts';
import type { Upload } from '../upload/upload.ts';
import { dayShard, shardOf, uploaderShard } from './index-shard.ts';
import type { LedgerRecord, RecordSource } from './ledger-record.ts';
import { recordKey } from './record-key.ts';
import { checkRecordSize, checkTextSize } from './record-too-large.ts';

const SECONDS_A_DAY = 24 * 60 * 60;

export interface RecordSettings {
  /** Shards of both indexes, 1 or more. */
  readonly indexShards: number;
  /** Days after the event when the record expires, 1 or more. Default: never. */
  readonly retentionDays?: number;
  /** What writes the record. */
  readonly source: RecordSource;
}

/**
 * The permanent record of `upload`. Pure: no clock, no random id, nothing of the message that brought the event, so
 * that the same event always gives an equal record.
 *
 * @throws {RecordTooLargeError} for a record that DynamoDB would refuse.
 */
export function toLedgerRecord(upload: Upload, settings: RecordSettings): LedgerRecord {
  const { size, contentType, sourceIp, eTag, versionId, requestId, region } = upload;
  const record: LedgerRecord = {
    ...recordKey(upload),
    filename: upload.filename,
    s3_bucket: upload.bucket,
    s3_key: upload.key,
    ...(size !== undefined && { filesize: size }),
    timestamp: upload.eventTime,
    status: upload.status,
    ...(contentType !== undefined && { content_type: contentType }),
    category: upload.category,
    ...(sourceIp !== undefined && { source_ip: sourceIp }),
    event_name: upload.eventName,
    ...(eTag !== undefined && { etag: eTag }),
    ...(versionId !== undefined && { version_id: versionId }),
    ...(requestId !== undefined && { request_id: requestId }),
    ...(region !== undefined && { region }),
    source: settings.source,
    ...indexed(upload, settings.indexShards),
    ...(settings.retentionDays !== undefined && { expires_at: expiry(upload.eventTime, settings.retentionDays) }),
  };
  checkRecordSize(record);
  return record;
}

/**
 * The attributes that place the record in the indexes. Without an uploader it is not in the index by uploader at all.
 */
function indexed({ key, eventTime, uploader, uploaderSource }: Upload, shards: number) {
  const shard = shardOf(key, shards);
  const day_shard = dayShard(eventTime, shard);
  if (uploader === undefined) return { day_shard };
  const uploader_shard = uploaderShard(uploader, shard);
  checkTextSize(uploader_shard, LIMITS.dynamodb.partitionKeyBytes, 'uploader_shard');
  return {
    day_shard,
    uploader,
    ...(uploaderSource !== undefined && { uploader_source: uploaderSource }),
    uploader_shard,
  };
}

/** Epoch seconds, as DynamoDB's time to live wants them. */
function expiry(eventTime: string, days: number): number {
  return Math.floor(Date.parse(eventTime) / 1000) + days * SECONDS_A_DAY;
}
