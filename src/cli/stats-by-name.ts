import type { LedgerRecord } from '../ledger/record.ts';
import { add, count, type Group, type GroupCounts, noCounts } from './stats-groups.ts';

/** Names counted one by one. More of them (uploaders that are ids, say) would fill the memory. */
const MOST_NAMES = 10_000;

/** A name and its counts; without a name where the uploader is not known. */
type Entry = [name: string | undefined, counts: GroupCounts];

/**
 * Counts by uploader, category or bucket, those with most uploads first.
 *
 * Exact while there are no more than 10,000 names: of more, the first 10,000 to appear are counted one by one, the rest together.
 *
 * @param most Lines with a name at most, 1 or more. What remains is counted in a last line without one.
 */
export async function groupsByName(
  records: AsyncIterable<LedgerRecord>,
  by: 'uploader' | 'category' | 'bucket',
  most: number,
): Promise<Group[]> {
  const { entries, others } = await countByName(records, by === 'bucket' ? 's3_bucket' : by);
  entries.sort(byUploads);
  for (const [, counts] of entries.slice(most)) add(others, counts);
  const lines: Group[] = entries
    .slice(0, most)
    .map(([name, counts]) => ({ ...(name !== undefined && { name }), ...counts }));
  return isNothing(others) ? lines : [...lines, { others: true, ...others }];
}

async function countByName(records: AsyncIterable<LedgerRecord>, attribute: 's3_bucket' | 'uploader' | 'category') {
  const groups = new Map<string | undefined, GroupCounts>();
  const others = noCounts();
  for await (const record of records) {
    const name = record[attribute];
    let counts = groups.get(name);
    if (counts === undefined && groups.size < MOST_NAMES) {
      counts = noCounts();
      groups.set(name, counts);
    }
    count(counts ?? others, record);
  }
  return { entries: [...groups] as Entry[], others };
}

function byUploads([a = '', aCounts]: Entry, [b = '', bCounts]: Entry): number {
  return bCounts.uploads - aCounts.uploads || bCounts.bytes - aCounts.bytes || (a < b ? -1 : 1);
}

function isNothing({ uploads, deletes, restores }: GroupCounts): boolean {
  return uploads + deletes + restores === 0;
}
