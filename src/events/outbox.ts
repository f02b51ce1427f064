import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { LEDGER_EVENT_TYPES, OUTBOX } from '../contract/events.ts';
import { eventPartition, TABLE } from '../contract/table.ts';
import type { OtherItem } from '../ledger/item.ts';
import { DAY_SECONDS, SECOND_MS } from '../shared/time.ts';
import type { LedgerEvent } from './event.ts';

/** How long an item is kept: twice as long as its record is in the stream. */
const KEPT_SECONDS = 2 * DAY_SECONDS;

/**
 * The item that lets the publisher announce an event that is about no record of its own. An equal one, put again, writes
 * no stream record, and one that replaces it is no insert: neither is announced.
 *
 * @param now Epoch milliseconds.
 */
export function toOutboxItem({ type, detail }: LedgerEvent, now: number): OtherItem {
  const key = { s3_object: eventPartition(type), upload_id: detail.id };
  const attributes = {
    [TABLE.partitionKey]: { S: key.s3_object },
    [TABLE.sortKey]: { S: key.upload_id },
    [OUTBOX.type]: { S: type },
    [OUTBOX.detail]: { S: JSON.stringify(detail) },
    [TABLE.timeToLive]: { N: String(Math.floor(now / SECOND_MS) + KEPT_SECONDS) },
  };
  return { ...key, attributes };
}

/** The event that such an item holds; undefined for any other item. @throws SyntaxError for one that is not ours. */
export function fromOutboxItem(item: Readonly<Record<string, AttributeValue>>): LedgerEvent | undefined {
  const type = LEDGER_EVENT_TYPES.find((one) => one === item[OUTBOX.type]?.S);
  const detail = item[OUTBOX.detail]?.S;
  return type === undefined || detail === undefined ? undefined : { type, detail: JSON.parse(detail) };
}
