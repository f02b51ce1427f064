import { TABLE } from '../../contract/table.ts';
import type { LedgerRecord } from '../record.ts';
import { isByRequest } from '../record-key.ts';
import { byTime, mergeInOrder, type TimeOrder } from './ordered-streams.ts';
import { type Condition, queryPages, type ReaderTable } from './query.ts';

export interface HistoryOptions {
  /** Default: `oldest-first`. */
  readonly order?: TimeOrder;
  readonly signal?: AbortSignal;
}

/**
 * Everything that happened to one object, in order: by sequencers where creates and deletes by request have them,
 * because times of one second can be equal, and by time for everything else (expired, restored, found in the bucket).
 * Of one time, an expiry or restore comes after the creation of which it has the sequencer.
 *
 * Expiries and restores used to be stored under the bare sequencer, where they are out of the order of their time. They
 * are found by a Query of their own, which passes over the whole history and keeps no other record.
 */
export function historyOf(
  table: ReaderTable,
  bucket: string,
  key: string,
  { order = 'oldest-first', signal }: HistoryOptions = {},
): AsyncGenerator<LedgerRecord> {
  const object = `${bucket}/${key}`;
  const pages = (condition: Condition, filter?: Condition) =>
    queryPages(table, { keyCondition: condition, order, ...(filter && { filter }), ...(signal && { signal }) });
  const sources = [
    pages(idCondition(object, '<')),
    byRequest(pages(idCondition(object, '>'))),
    sorted(pages(idCondition(object, '>'), NOT_BY_REQUEST), order),
  ];
  return mergeInOrder(sources, order, compareEvents);
}

/** The records of one object, all of them and in the order of their ids, as {@link historyOf} gives them newest first. */
export function newestFirst(records: readonly LedgerRecord[]): AsyncGenerator<LedgerRecord> {
  const backwards = records.toReversed();
  const [dated, sequenced] = [backwards.filter(hasTimeInId), backwards.filter((record) => !hasTimeInId(record))];
  const sources = [
    pageOf(dated),
    byRequest(pageOf(sequenced)),
    sorted(pageOf(sequenced.filter(isOutOfOrder)), 'newest-first'),
  ];
  return mergeInOrder(sources, 'newest-first', compareEvents);
}

async function* pageOf(records: readonly LedgerRecord[]): AsyncGenerator<readonly LedgerRecord[]> {
  if (records.length > 0) yield records;
}

/** Ids with a time begin with a dot, those with a sequencer alone with a hexadecimal digit. See `recordKey`. */
const ID_BOUNDARY = '/';

function idCondition(object: string, comparison: '<' | '>'): Condition {
  return {
    expression: `#object = :object AND #id ${comparison} :boundary`,
    names: { '#object': TABLE.partitionKey, '#id': TABLE.sortKey },
    values: { ':object': { S: object }, ':boundary': { S: ID_BOUNDARY } },
  };
}

function hasTimeInId({ upload_id }: LedgerRecord): boolean {
  return upload_id < ID_BOUNDARY;
}

function isOutOfOrder({ event_name }: LedgerRecord): boolean {
  return !isByRequest(event_name);
}

/** {@link isOutOfOrder}, for DynamoDB. */
const NOT_BY_REQUEST: Condition = {
  expression: 'NOT (begins_with(#event, :created) OR begins_with(#event, :removed))',
  names: { '#event': 'event_name' },
  values: { ':created': { S: 'ObjectCreated:' }, ':removed': { S: 'ObjectRemoved:' } },
};

async function* byRequest(pages: AsyncIterable<readonly LedgerRecord[]>): AsyncGenerator<readonly LedgerRecord[]> {
  for await (const page of pages) {
    const records = page.filter((record) => !isOutOfOrder(record));
    if (records.length > 0) yield records;
  }
}

/** All records of `pages` as one page, in order. */
async function* sorted(
  pages: AsyncIterable<readonly LedgerRecord[]>,
  order: TimeOrder,
): AsyncGenerator<readonly LedgerRecord[]> {
  const records: LedgerRecord[] = [];
  for await (const page of pages) records.push(...page);
  records.sort(compareEvents);
  if (records.length > 0) yield order === 'oldest-first' ? records : records.reverse();
}

/** The order of two events of one object: below zero when `a` came first. */
export function compareEvents(a: LedgerRecord, b: LedgerRecord): number {
  return byTime(a, b) || compareTexts(placeWithinTime(a), placeWithinTime(b));
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** A text that sorts records of one time: by sequencer, after a creation what has its sequencer, then all others. */
function placeWithinTime(record: LedgerRecord): string {
  const { upload_id } = record;
  if (!hasTimeInId(record)) return isOutOfOrder(record) ? `${upload_id}/` : upload_id;
  const [, afterTime = ''] = upload_id.split(/\/(.*)/s);
  return /^[\dA-F]/.test(afterTime) ? afterTime : `~${afterTime}`;
}
