import { ConditionalCheckFailedException, DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { TABLE } from '../../contract/table.ts';
import { queryPages, type ReaderTable } from '../read/query.ts';
import type { LedgerRecord } from '../record.ts';
import { headObject } from './bucket-listing.ts';
import { isMultipartETag, MAX_OBJECTS_AT_ONCE, wholeSeconds } from './bucket-object.ts';
import { isFoundRecord } from './found-record.ts';
import { counted, type Finding, type ReconcileOptions, type ReconcileReport } from './report.ts';
import { findSuperseded, type Superseded } from './superseded.ts';

/** The records of backfill and reconcile, and what becomes of them when a notification comes after all. */
export interface FoundRecords {
  /** The record that `told` supersedes, or will when it is stored. */
  supersededBy(told: LedgerRecord): Promise<LedgerRecord | undefined>;
  /** See {@link removeFound}. */
  remove(found: LedgerRecord): Promise<boolean>;
}

export function foundRecords(table: () => Promise<ReaderTable>): FoundRecords {
  return {
    supersededBy: async (told) => supersededBy(told, await table()),
    remove: async (found) => removeFound(found, await table()),
  };
}

/** One Query of half a read unit for an object of which neither backfill nor reconcile has written a record. */
async function supersededBy(told: LedgerRecord, table: ReaderTable): Promise<LedgerRecord | undefined> {
  const withoutSequencer = await recordsOf(told.s3_object, table, 'begins_with(#id, :start)', '.');
  if (!withoutSequencer.some(isFoundRecord)) return undefined;
  const records = await recordsOf(told.s3_object, table, '#id > :start', '.');
  const others = records.filter(({ upload_id }) => upload_id !== told.upload_id);
  const superseded = findSuperseded([...others, told]).find(({ by }) => by === told);
  if (superseded === undefined) return undefined;
  // What only S3 can tell is left to reconcile.
  return superseded.isCertain || isMultipartETag(told.etag) ? superseded.found : undefined;
}

async function recordsOf(
  object: string,
  table: ReaderTable,
  idCondition: string,
  start: string,
): Promise<LedgerRecord[]> {
  const pages = queryPages(table, {
    keyCondition: {
      expression: `#object = :object AND ${idCondition}`,
      names: { '#object': TABLE.partitionKey, '#id': TABLE.sortKey },
      values: { ':object': { S: object }, ':start': { S: start } },
    },
    order: 'oldest-first',
  });
  return (await Array.fromAsync(pages)).flat();
}

/** Deletes a record, unless a notification wrote it. @returns Whether it was deleted. */
export async function removeFound(
  { s3_object, upload_id, source }: LedgerRecord,
  { client, tableName }: Pick<ReaderTable, 'client' | 'tableName'>,
): Promise<boolean> {
  if (source === 'notification') return false;
  try {
    await client.send(
      new DeleteItemCommand({
        TableName: tableName,
        Key: { [TABLE.partitionKey]: { S: s3_object }, [TABLE.sortKey]: { S: upload_id } },
        ConditionExpression: '#source = :source',
        ExpressionAttributeNames: { '#source': 'source' },
        ExpressionAttributeValues: { ':source': { S: source } },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** The superseded records that were found while the table was read. With `repair` they are deleted. */
export async function* settleSuperseded(
  superseded: readonly Superseded[],
  options: ReconcileOptions,
  report: ReconcileReport,
): AsyncGenerator<Finding> {
  const { signal } = options;
  for (let start = 0; start < superseded.length && !signal?.aborted; start += MAX_OBJECTS_AT_ONCE) {
    const some = superseded.slice(start, start + MAX_OBJECTS_AT_ONCE);
    const findings = await Promise.all(some.map((one) => settle(one, options, report)));
    for (const finding of findings) if (finding !== undefined) yield finding;
  }
}

async function settle(
  superseded: Superseded,
  { table, client, repair }: ReconcileOptions,
  report: ReconcileReport,
): Promise<Finding | undefined> {
  const { found, by, isCertain } = superseded;
  const { s3_bucket: bucket, s3_key: key } = found;
  if (!isCertain && !(await isOfOneUpload(superseded, client))) return undefined;
  if (repair && !(await removeFound(found, table))) return undefined;
  return counted({ kind: 'twice', bucket, key, record: found, supersededBy: by, isRepaired: repair }, report);
}

/**
 * Asks S3. As long as the object is there with no later time than that of the record that was found, the notification
 * can be of no later upload. When another has replaced it or it is gone, nobody knows: parts are uploaded one after another, so that
 * the notification of a multipart upload is expected later than the time of the object; any other is not.
 */
async function isOfOneUpload({ found }: Superseded, client: Pick<S3Client, 'send'>): Promise<boolean> {
  const current = await headObject(client, found.s3_bucket, found.s3_key);
  if (current === undefined || current.eTag !== found.etag) return isMultipartETag(found.etag);
  // The record of a current object can have been put after what hid it: see `toCurrentRecord`.
  return wholeSeconds(current.lastModified) <= wholeSeconds(found.timestamp);
}
