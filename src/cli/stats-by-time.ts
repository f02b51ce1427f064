import type { TimeRange } from '../ledger/read/days.ts';
import type { LedgerRecord } from '../ledger/record.ts';
import { count, type Group, noCounts } from './stats-groups.ts';

const SLOTS = {
  hour: { nameLength: 'yyyy-mm-ddThh'.length, milliseconds: 60 * 60 * 1000 },
  day: { nameLength: 'yyyy-mm-dd'.length, milliseconds: 24 * 60 * 60 * 1000 },
} as const;

/**
 * Counts by hour or day in UTC, newest first, without gaps. Each comes as soon as the first record before it was read.
 *
 * @param records Newest first.
 * @param range What to count from end to beginning; records that are newer than its end are counted as well.
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
    count(counts, record);
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
