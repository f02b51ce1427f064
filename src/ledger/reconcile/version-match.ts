import { TABLE } from '../../contract/table.ts';
import { SECOND_MS } from '../../shared/time.ts';
import { currentState, isVersionDelete } from '../current-state.ts';
import { historyOf, newestFirst } from '../read/history.ts';
import { FIRST_PAGE, queryPages, type ReaderTable } from '../read/query.ts';
import { type LedgerRecord, namedVersion } from '../record.ts';
import type { BucketObject } from './bucket-object.ts';

/**
 * What the ledger has of `object`. One Query of half a read unit for an object with a handful of records, which are
 * nearly all objects; only a longer history is read as far as needed.
 *
 * @param known Its {@link recentRecords}, where they have been read.
 */
export async function findVersion(
  table: ReaderTable,
  object: BucketObject,
  known?: readonly LedgerRecord[],
): Promise<VersionMatch> {
  const recent = known ?? (await recentRecords(table, object));
  const match = await matchVersion(object, recent);
  if (match.kind === 'recorded' || recent.length < FIRST_PAGE) return match;
  return matchVersion(object, historyOf(table, object.bucket, object.key, { order: 'newest-first' }));
}

/** The object's current state by the ledger. @param recent Its {@link recentRecords}. */
export function stateOf(table: ReaderTable, { bucket, key }: BucketObject, recent: readonly LedgerRecord[]) {
  return currentState(recent.length < FIRST_PAGE ? recent : historyOf(table, bucket, key, { order: 'newest-first' }));
}

/** The last records of one object by their ids: all of them, newest first, when there are fewer than a page. */
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
  return first.done ? [] : Array.fromAsync(newestFirst(first.value.toReversed()));
}

/**
 * How long before the time that S3 gives the object its event may be: their clocks differ, and S3 cuts off the fraction
 * of the second. The other way there is no bound: a multipart upload has the time of its beginning, its event that of
 * its end.
 */
const MAX_CLOCK_DIFFERENCE_MS = 10 * SECOND_MS;

/** What the ledger has of an object, or a version of one. */
export type VersionMatch =
  /** A record of this version. */
  | { readonly kind: 'recorded'; readonly record: LedgerRecord }
  /** A record of this version that says another size or eTag. */
  | { readonly kind: 'wrong'; readonly record: LedgerRecord }
  /** No record of this version, but a later one, which says that something else was uploaded. */
  | { readonly kind: 'other'; readonly record: LedgerRecord }
  | { readonly kind: 'missing' };

/**
 * Searches the object's history for the record of `object`.
 *
 * A version is known by its id where both sides have one; else by its eTag and a time that is not before the object's
 * own, with no delete between the record and the object. Without an eTag on one side, the size is compared instead.
 *
 * @param history Newest first. Read only as far as needed.
 */
export async function matchVersion(
  object: BucketObject,
  history: AsyncIterable<LedgerRecord> | Iterable<LedgerRecord>,
): Promise<VersionMatch> {
  const earliest = new Date(Date.parse(object.lastModified) - MAX_CLOCK_DIFFERENCE_MS).toISOString();
  let other: LedgerRecord | undefined;
  for await (const record of history) {
    if (record.timestamp < earliest) break;
    if (isSameVersion(object, record)) return { kind: isEqual(object, record) ? 'recorded' : 'wrong', record };
    if (record.status === 'uploaded' && record.timestamp >= object.lastModified) other ??= record;
    // What was uploaded before a delete is not what exists now. Of a version that has an id, only that id counts.
    if (isDeleteOfObject(record) && record.timestamp < object.lastModified && object.versionId === undefined) break;
  }
  return other === undefined || object.versionId !== undefined ? { kind: 'missing' } : { kind: 'other', record: other };
}

function isDeleteOfObject(record: LedgerRecord): boolean {
  return record.status === 'deleted' && !isVersionDelete(record);
}

function isSameVersion(object: BucketObject, record: LedgerRecord): boolean {
  if (record.status !== (object.isDeleteMarker ? 'deleted' : 'uploaded') || isVersionDelete(record)) return false;
  const [ours, theirs] = [namedVersion(record.version_id), namedVersion(object.versionId)];
  if (ours !== undefined && theirs !== undefined) return ours === theirs;
  if (object.isDeleteMarker) return record.timestamp.slice(0, 19) === object.lastModified.slice(0, 19);
  if (record.etag !== undefined && object.eTag !== undefined) return record.etag === object.eTag;
  return record.filesize === object.size;
}

function isEqual({ size, eTag }: BucketObject, { filesize, etag }: LedgerRecord): boolean {
  const sameSize = size === undefined || filesize === undefined || size === filesize;
  return sameSize && (eTag === undefined || etag === undefined || eTag === etag);
}
