import { describe, expect, it } from 'vitest';
import { EMPTY_SUMMARY } from '../../src/digest/summary-fold.ts';
import { summaryPartitions, toSortKeyRange, toSummaryItem } from '../../src/digest/summary-item.ts';
import { parseSummaryText } from '../../src/digest/summary-text.ts';

const window = (since: string, until: string) => ({ since: `2026-11-22T${since}Z`, until: `2026-11-22T${until}Z` });
const itemAt = (time: string) => toSummaryItem(EMPTY_SUMMARY, `2026-11-22T${time}Z`, 'request-1');
const sortKeyAt = (time: string) => itemAt(time).upload_id?.S ?? '';

describe('the item of a summary', () => {
  it('stands under its hour and its time, and expires after 35 days, rounded up to a second', () => {
    const { summary, ...keys } = itemAt('10:15:30.123');
    expect(keys).toEqual({
      s3_object: { S: 'summary#2026-11-22T10Z' },
      upload_id: { S: '2026-11-22T10:15:30.123Z#request-1' },
      expires_at: { N: String(Date.parse('2026-12-27T10:15:31Z') / 1000) },
    });
    expect(parseSummaryText(summary?.S ?? '')).toEqual(EMPTY_SUMMARY);
  });
});

describe('the keys of a window', () => {
  const { from, to } = toSortKeyRange(window('10:00:00.000', '11:00:00.000'));

  it.each([
    ['10:00:00.000', false],
    ['10:00:00.001', true],
    ['11:00:00.000', true],
    ['11:00:00.001', false],
  ])('hold the summary of %s: %s, since a window starts after its first millisecond', (time, held) => {
    expect(sortKeyAt(time) >= from && sortKeyAt(time) <= to).toBe(held);
  });

  it.each([
    ['10:15:00.000', '10:30:00.000', ['10']],
    ['09:59:59.999', '12:00:00.000', ['09', '10', '11', '12']],
    ['10:00:00.000', '11:59:59.999', ['10', '11']],
    ['10:00:00.000', '10:00:00.000', ['10']],
  ])('between %s and %s are in the partitions of each hour, in order', (since, until, hours) => {
    expect([...summaryPartitions(window(since, until))]).toEqual(hours.map((hour) => `summary#2026-11-22T${hour}Z`));
  });
});
