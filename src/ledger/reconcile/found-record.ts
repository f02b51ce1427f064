import { ConditionalCheckFailedException, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { TABLE } from '../../contract/table.ts';
import type { EventRecord } from '../../notification/event-record.ts';
import { toUpload, type Upload } from '../../upload/upload.ts';
import { toItem } from '../item.ts';
import type { ReaderTable } from '../read/query.ts';
import { FOUND_EVENTS, type LedgerRecord, type RecordingSettings, toLedgerRecord } from '../record.ts';
import type { BucketObject } from './bucket-object.ts';

/**
 * Whether backfill or reconcile wrote the record for want of one, and no notification has since. Of an upload that a
 * notification recorded, reconcile corrects the record in its place.
 */
export function isFoundRecord({ source, status, event_name }: LedgerRecord): boolean {
  return source !== 'notification' && (status === 'deleted' || event_name === FOUND_EVENTS.uploaded);
}

/**
 * The record of an object that was found in its bucket. Pure: found again, it gives an equal record.
 *
 * The uploader is known only where the key names one: the owner in a listing is the bucket's or the account's, not
 * the uploader. The time is S3's for the object.
 *
 * @throws {RecordTooLargeError} for a record that DynamoDB would reject.
 */
export function toFoundRecord(object: BucketObject, settings: RecordingSettings): LedgerRecord {
  const { lastModified: eventTime, isDeleteMarker, ...facts } = object;
  if (!isDeleteMarker) return recordOf({ eventName: FOUND_EVENTS.uploaded, eventTime, ...facts }, settings);
  // A delete marker has no content, whatever the inventory says.
  const { size: _, eTag: __, ...mark } = facts;
  return recordOf({ eventName: FOUND_EVENTS.deleted, eventTime, ...mark }, settings);
}

/** The record of a delete that was never recorded. @param foundAt When it was noticed that the object is gone. */
export function toGoneRecord(
  { s3_bucket: bucket, s3_key: key }: Pick<LedgerRecord, 's3_bucket' | 's3_key'>,
  foundAt: Date,
  settings: RecordingSettings,
): LedgerRecord {
  return recordOf({ eventName: FOUND_EVENTS.deleted, eventTime: foundAt.toISOString(), bucket, key }, settings);
}

/**
 * The record of the deletion of one version or delete marker, for good, that was never recorded.
 *
 * @param foundAt When it was noticed.
 */
export function toVersionDelete(
  { s3_bucket: bucket, s3_key: key, version_id: versionId }: LedgerRecord,
  foundAt: Date,
  settings: RecordingSettings,
): LedgerRecord {
  const facts = { bucket, key, ...(versionId !== undefined && { versionId }) };
  return recordOf({ eventName: 'ObjectRemoved:Delete', eventTime: foundAt.toISOString(), ...facts }, settings);
}

function recordOf(event: EventRecord, { uploads, records }: RecordingSettings): LedgerRecord {
  // Both of FOUND_EVENTS are events that the ledger stores.
  return toLedgerRecord(toUpload(event, uploads) as Upload, records);
}

type Table = Pick<ReaderTable, 'client' | 'tableName'>;

/** Puts a record unless there is one with its key. @returns Whether it was put. */
export async function putIfAbsent({ client, tableName }: Table, record: LedgerRecord): Promise<boolean> {
  try {
    await client.send(
      new PutItemCommand({
        TableName: tableName,
        Item: toItem(record),
        ConditionExpression: 'attribute_not_exists(#key)',
        ExpressionAttributeNames: { '#key': TABLE.partitionKey },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** Puts a record, replacing the one with its key. */
export async function putInPlace({ client, tableName }: Table, record: LedgerRecord): Promise<void> {
  await client.send(new PutItemCommand({ TableName: tableName, Item: toItem(record) }));
}
