import { DAY_MS, HOUR_MS } from '../../shared/time.ts';
import { isVersionDelete } from '../current-state.ts';
import type { LedgerRecord } from '../record.ts';
import type { TimeRange } from './query.ts';

/** What uploads are counted by. */
export const GROUPINGS = ['hour', 'day', 'uploader', 'category', 'bucket'] as const;

export const DEFAULT_GROUPING = 'day';

export type Grouping = (typeof GROUPINGS)[number];

/** What happened in one group. */
interface GroupCounts {
  uploads: number;
  /** Of the uploads. */
  bytes: number;
  /** Of objects. */
  deletes: number;
  /** Versions and delete markers that were deleted for good: that may change nothing of the object. */
  versionsDeleted: number;
  restores: number;
}

/** One line of the statistics. */
export interface Group extends Readonly<GroupCounts> {
  /** Hour (`2026-11-22T10`), day or name. Absent: the uploader is not known, or `others` is set. */
  readonly name?: string;
  /** All names without a line of their own. */
  readonly others?: true;
}

export function noCounts(): GroupCounts {
  return { uploads: 0, bytes: 0, deletes: 0, versionsDeleted: 0, restores: 0 };
}

function countRecord(counts: GroupCounts, record: LedgerRecord): void {
  const { status, filesize = 0 } = record;
  if (status === 'deleted') counts[isVersionDelete(record) ? 'versionsDeleted' : 'deletes'] += 1;
  if (status === 'restored') counts.restores += 1;
  if (status !== 'uploaded') return;
  counts.uploads += 1;
  counts.bytes += filesize;
}

export function addCounts(counts: GroupCounts, other: Readonly<GroupCounts>): void {
  counts.uploads += other.uploads;
  counts.bytes += other.bytes;
  counts.deletes += other.deletes;
  counts.versionsDeleted += other.versionsDeleted;
  counts.restores += other.restores;
}

const SLOTS = {
  hour: { nameLength: 'yyyy-mm-ddThh'.length, milliseconds: HOUR_MS },
  day: { nameLength: 'yyyy-mm-dd'.length, milliseconds: DAY_MS },
} as const;

/**
 * Counts by hour or day in UTC, newest first, without gaps. Each is yielded as soon as an older record is read.
 *
 * @param records Newest first.
 * @param range From its end back to its beginning. Records newer than its end are counted as well.
 */
export async function* groupsByTime(
  records: AsyncIterable<LedgerRecord>,
  by: 'hour' | 'day',
  { since, until }: TimeRange,
): AsyncGenerator<Group> {
  const { milliseconds } = SLOTS[by];
  const slotOf = (time: number) => Math.floor(time / milliseconds);
  let slot: number | undefined;
  let counts = noCounts();
  for await (const record of records) {
    const recordSlot = slotOf(Date.parse(record.timestamp));
    slot ??= Math.max(recordSlot, slotOf(until.getTime() - 1));
    for (; slot > recordSlot; slot -= 1) {
      yield { name: slotName(slot, by), ...counts };
      counts = noCounts();
    }
    countRecord(counts, record);
  }
  slot ??= slotOf(until.getTime() - 1);
  for (; slot >= slotOf(since.getTime()); slot -= 1) {
    yield { name: slotName(slot, by), ...counts };
    counts = noCounts();
  }
}

function slotName(slot: number, by: 'hour' | 'day'): string {
  const { milliseconds, nameLength } = SLOTS[by];
  return new Date(slot * milliseconds).toISOString().slice(0, nameLength);
}

/** Names that are counted one by one. More (uploaders that are ids, say) would fill the memory. */
const MAX_NAMES = 10_000;

/** A name and its counts; without a name where the uploader is not known. */
type Entry = [name: string | undefined, counts: GroupCounts];

/**
 * Counts by uploader, category or bucket, those with most uploads first. Of more than 10,000 names, the first 10,000 to
 * appear are counted one by one, the others together.
 *
 * @param max Lines with a name, 1 or more. A last line without a name counts the rest.
 */
export async function groupsByName(
  records: AsyncIterable<LedgerRecord>,
  by: 'uploader' | 'category' | 'bucket',
  max: number,
): Promise<Group[]> {
  const { entries, others } = await countByName(records, by === 'bucket' ? 's3_bucket' : by);
  entries.sort(byUploads);
  for (const [, counts] of entries.slice(max)) addCounts(others, counts);
  const lines: Group[] = entries
    .slice(0, max)
    .map(([name, counts]) => ({ ...(name !== undefined && { name }), ...counts }));
  return isNothing(others) ? lines : [...lines, { others: true, ...others }];
}

async function countByName(records: AsyncIterable<LedgerRecord>, attribute: 's3_bucket' | 'uploader' | 'category') {
  const groups = new Map<string | undefined, GroupCounts>();
  const others = noCounts();
  for await (const record of records) {
    const name = record[attribute];
    let counts = groups.get(name);
    if (counts === undefined && groups.size < MAX_NAMES) {
      counts = noCounts();
      groups.set(name, counts);
    }
    countRecord(counts ?? others, record);
  }
  return { entries: [...groups] as Entry[], others };
}

function byUploads([a = '', aCounts]: Entry, [b = '', bCounts]: Entry): number {
  return bCounts.uploads - aCounts.uploads || bCounts.bytes - aCounts.bytes || (a < b ? -1 : 1);
}

function isNothing({ uploads, deletes, versionsDeleted, restores }: GroupCounts): boolean {
  return uploads + deletes + versionsDeleted + restores === 0;
}
