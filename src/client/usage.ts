import type { LedgerReader } from '../ledger/read/reader.ts';
import { GROUPINGS, type Group, type Grouping, groupsByName, groupsByTime } from '../ledger/read/statistics.ts';
import { DAY_MS } from '../shared/time.ts';
import { checkFields, oneOf } from './checks.ts';
import { checkRange, findRecords, RECORDS_CHECKS, type RecordsQuery } from './uploads.ts';

export interface UsageQuery extends RecordsQuery {
  /** Hours and days are UTC. */
  readonly by: Grouping;
  /** From when on. @default the last 30 days, by hour the last day */
  readonly since?: Date | undefined;
}

/** What happened in an hour or day, or to one uploader, category or bucket. */
export type Usage = Group;

/** Names that are counted one by one; the rest together, as the last line. */
const MAX_NAMES = 10_000;

/**
 * Hours and days newest first and without gaps, names with most uploads first.
 *
 * @throws {LedgerQueryError}
 */
export async function readUsage(
  reader: Pick<LedgerReader, 'newest' | 'byUploader'>,
  query: UsageQuery,
  now: number,
): Promise<readonly Usage[]> {
  checkFields('usage', query, { ...RECORDS_CHECKS, by: oneOf(GROUPINGS) });
  const { by, until = new Date(now), since = new Date(until.getTime() - defaultDays(by) * DAY_MS) } = query;
  checkRange('usage', { since, until });
  const records = findRecords(reader, { ...query, since }, now);
  if (by !== 'hour' && by !== 'day') return groupsByName(records, by, MAX_NAMES);
  const groups: Usage[] = [];
  for await (const group of groupsByTime(records, by, { since, until })) groups.push(group);
  return groups;
}

function defaultDays(by: Grouping): number {
  return by === 'hour' ? 1 : 30;
}
