import type { LedgerRecord } from '../ledger/record.ts';

/** What uploads are counted by. */
export const GROUPINGS = ['hour', 'day', 'uploader', 'category', 'bucket'] as const;

export type Grouping = (typeof GROUPINGS)[number];

/** What happened in one group. */
export interface GroupCounts {
  uploads: number;
  /** Of the uploads. */
  bytes: number;
  deletes: number;
  restores: number;
}

/** One line of statistics. */
export interface Group extends Readonly<GroupCounts> {
  /** Hour (`2026-11-22T10`), day, or name. Absent: the uploader is not known, or see `others`. */
  readonly name?: string;
  /** This line stands for all names that have none of their own. */
  readonly others?: true;
}

export function noCounts(): GroupCounts {
  return { uploads: 0, bytes: 0, deletes: 0, restores: 0 };
}

/** Counts `record`. */
export function count(counts: GroupCounts, { status, filesize = 0 }: LedgerRecord): void {
  if (status === 'deleted') counts.deletes += 1;
  if (status === 'restored') counts.restores += 1;
  if (status !== 'uploaded') return;
  counts.uploads += 1;
  counts.bytes += filesize;
}

/** Counts all that `other` has counted. */
export function add(counts: GroupCounts, other: Readonly<GroupCounts>): void {
  counts.uploads += other.uploads;
  counts.bytes += other.bytes;
  counts.deletes += other.deletes;
  counts.restores += other.restores;
}
