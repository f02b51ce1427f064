import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { summaryPartition, TABLE } from '../contract/table.ts';
import type { BatchSummary } from './batch-summary.ts';
import { toSummaryText } from './summary-text.ts';

/**
 * Days after which a stored summary expires: how far back a digest reaches that was not sent for long. Over a month, so
 * that a monthly digest is whole.
 */
export const SUMMARY_DAYS = 35;

/** Attribute that holds the summary's text. None of the index attributes: both indexes stay as they are. */
export const SUMMARY_ATTRIBUTE = 'summary';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;

/** Ends the time in a sort key. The next character in ASCII order, `$`, is what bounds of a range end with. */
const SEPARATOR = '#';
const AFTER_SEPARATOR = '$';

/** A span of time: after `since`, up to and with `until`. Both ISO 8601, UTC, with milliseconds. */
export interface Window {
  readonly since: string;
  readonly until: string;
}

/**
 * The item of one batch's summary.
 *
 * @param time When it is written, ISO 8601, UTC, with milliseconds: decides which digest tells of it.
 * @param requestId Of the invocation: keeps the batches of one millisecond apart.
 */
export function toSummaryItem(summary: BatchSummary, time: string, requestId: string): Record<string, AttributeValue> {
  const expiry = Math.ceil((Date.parse(time) + SUMMARY_DAYS * DAY) / 1000);
  return {
    [TABLE.partitionKey]: { S: summaryPartition(time) },
    [TABLE.sortKey]: { S: `${time}${SEPARATOR}${requestId}` },
    [TABLE.timeToLive]: { N: String(expiry) },
    [SUMMARY_ATTRIBUTE]: { S: toSummaryText(summary) },
  };
}

/** Sort keys between which, bounds included, exactly the summaries of the window stand. */
export function toSortKeyRange({ since, until }: Window): { from: string; to: string } {
  return { from: `${since}${AFTER_SEPARATOR}`, to: `${until}${AFTER_SEPARATOR}` };
}

/** Partition keys that can hold summaries of the window, in order of time. */
export function* summaryPartitions({ since, until }: Window): Generator<string> {
  const end = Date.parse(until);
  const start = Math.floor(Date.parse(since) / HOUR) * HOUR;
  for (let hour = start; hour <= end; hour += HOUR) yield summaryPartition(new Date(hour).toISOString());
}
