import { TABLE } from '../contract/table.ts';
import type { BucketObject } from './bucket-object.ts';
import type { LedgerRecord } from './ledger-record.ts';
import { historyOf } from './reader-history.ts';
import { queryPages, type ReaderTable } from './reader-query.ts';
import { matchVersion, type VersionMatch } from './version-match.ts';

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
