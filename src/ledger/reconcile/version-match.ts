import { TABLE } from '../../contract/table.ts';
import { queryPages, type ReaderTable } from '../read/query.ts';
import { historyOf } from '../read/reader.ts';
import type { LedgerRecord } from '../record.ts';
import type { BucketObject } from './bucket-object.ts';

/** Records of a page that may not be the last: see `queryPages`. */
const FULL_PAGE = 25;

/**
 * What the ledger has of `object`. One Query of half a read unit for an object with a handful of records, which is nearly all of them;
 * only a longer history is read as far as needed.
 */
export async function findVersion(table: ReaderTable, object: BucketObject): Promise<VersionMatch> {
  const recent = await recentRecords(table, object);
  const match = await matchVersion(object, recent);
  if (match.kind === 'recorded' || recent.length < FULL_PAGE) return match;
  return matchVersion(object, historyOf(table, object.bucket, object.key, { order: 'newest-first' }));
}

/** The last records of one object by their ids, newest first by their times: all of them when there are fewer than a page. */
export async function recentRecords(
  table: ReaderTable,
  { bucket, key }: Pick<BucketObject, 'bucket' | 'key'>,
): Promise<readonly LedgerRecord[]> {
  const pages = queryPages(table, {
    keyCondition: {
      expression: '#object = :object',
      names: { '#object': TABLE.partitionKey },
      values: { ':object': { S: `${bucket}/${key}` } },
    },
    order: 'newest-first',
  });
  const first = await pages.next();
  await pages.return(undefined);
  return first.done ? [] : first.value.toSorted((a, b) => compare(b.timestamp, a.timestamp));
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/**
 * Milliseconds by which the time of an event may lie before the time that S3 gives the object: their clocks differ, and S3 cuts off the
 * fraction of the second. The other way there is no bound: a multipart upload has the time of its beginning, its event that of its end.
 */
const CLOCK_DIFFERENCE = 10_000;

/** What the ledger has of an object, or a version of one. */
export type VersionMatch =
  /** A record of this version. */
  | { readonly kind: 'recorded'; readonly record: LedgerRecord }
  /** A record of this version that says another size or eTag. */
  | { readonly kind: 'wrong'; readonly record: LedgerRecord }
  /** No record of this version, though a later one than S3 knows says that something else is there. */
  | { readonly kind: 'other'; readonly record: LedgerRecord }
  | { readonly kind: 'missing' };

/**
 * Looks for the record of `object` in the object's history.
 *
 * A version is known by its id where both sides have one; else by its eTag and a time that is not before the object's own, with no delete
 * between the record and the object. Without an eTag on one side, its size stands in.
 *
 * @param history Newest first. Read only as far as needed.
 */
export async function matchVersion(
  object: BucketObject,
  history: AsyncIterable<LedgerRecord> | Iterable<LedgerRecord>,
): Promise<VersionMatch> {
  const earliest = new Date(Date.parse(object.lastModified) - CLOCK_DIFFERENCE).toISOString();
  let other: LedgerRecord | undefined;
  for await (const record of history) {
    if (record.timestamp < earliest) break;
    if (isSameVersion(object, record)) return { kind: isTrue(object, record) ? 'recorded' : 'wrong', record };
    if (record.status === 'uploaded' && record.timestamp >= object.lastModified) other ??= record;
    // What was there before a delete is not what is there now. Of a version that has an id, only that id counts.
    if (record.status === 'deleted' && record.timestamp < object.lastModified && object.versionId === undefined) break;
  }
  return other === undefined || object.versionId !== undefined ? { kind: 'missing' } : { kind: 'other', record: other };
}

function isSameVersion(object: BucketObject, record: LedgerRecord): boolean {
  if (record.status !== (object.isDeleteMarker ? 'deleted' : 'uploaded')) return false;
  const [ours, theirs] = [versionOf(record.version_id), versionOf(object.versionId)];
  if (ours !== undefined && theirs !== undefined) return ours === theirs;
  if (object.isDeleteMarker) return record.timestamp.slice(0, 19) === object.lastModified.slice(0, 19);
  if (record.etag !== undefined && object.eTag !== undefined) return record.etag === object.eTag;
  return record.filesize === object.size;
}

/** S3 calls the version of an object in a bucket without versions "null". */
function versionOf(id: string | undefined): string | undefined {
  return id === 'null' || id === '' ? undefined : id;
}

function isTrue({ size, eTag }: BucketObject, { filesize, etag }: LedgerRecord): boolean {
  const sameSize = size === undefined || filesize === undefined || size === filesize;
  return sameSize && (eTag === undefined || etag === undefined || eTag === etag);
}
