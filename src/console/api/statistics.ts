import type { LedgerReader } from '../../ledger/read/reader.ts';
import { DEFAULT_GROUPING, GROUPINGS, type Group, groupsByName, groupsByTime } from '../../ledger/read/statistics.ts';
import type { StatisticsView } from '../api-types.ts';
import { oneOf, optionalTime } from './parameters.ts';
import { DEFAULT_RANGE_MS, findRecords } from './records.ts';

/** Lines of one answer: those of a year by day, of six weeks by hour. */
const MAX_GROUPS = 1000;
/** Names with a line of their own. */
const MAX_NAMES = 100;

/**
 * Counts the records that the query asks for by `by`: the same as `upload-ledger stats`. Without `since`, those of the
 * last 30 days.
 *
 * @throws BadRequestError when a parameter cannot be read.
 */
export async function statisticsView(
  reader: Pick<LedgerReader, 'newest' | 'byUploader'>,
  asked: URLSearchParams,
  now: number,
  signal: AbortSignal,
): Promise<StatisticsView> {
  const by = oneOf(asked, 'by', GROUPINGS) ?? DEFAULT_GROUPING;
  const until = new Date(Math.min(optionalTime(asked, 'until')?.getTime() ?? now, now));
  const since = optionalTime(asked, 'since') ?? new Date(until.getTime() - DEFAULT_RANGE_MS);
  const query = new URLSearchParams(asked);
  query.set('since', since.toISOString());
  let read = 0;
  const onRead = (records: number) => {
    read += records;
  };
  const records = findRecords(reader, { query, now, signal, onRead });
  if (by !== 'hour' && by !== 'day') return { groups: await groupsByName(records, by, MAX_NAMES), isCut: false, read };
  const groups: Group[] = [];
  for await (const group of groupsByTime(records, by, { since, until })) {
    if (groups.length === MAX_GROUPS) return { groups, isCut: true, read };
    groups.push(group);
  }
  return { groups, isCut: false, read };
}
