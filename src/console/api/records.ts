import { CLOCK_SLACK_MS } from '../../ledger/read/newest.ts';
import { readObjectHistory } from '../../ledger/read/object-history.ts';
import { findOtherSpelling } from '../../ledger/read/other-spelling.ts';
import type { OnRead } from '../../ledger/read/query.ts';
import type { LedgerReader } from '../../ledger/read/reader.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import { DAY_MS } from '../../shared/time.ts';
import type { ObjectView, RecordView, SearchLine } from '../api-types.ts';
import { BadRequestError } from '../server/answer.ts';
import { optionalRange, optionalText, toFilters } from './parameters.ts';

/** The record as the page gets it. A record holds its object's key four times; it is sent once. */
export function toRecordView(record: LedgerRecord): RecordView {
  const { s3_object: _object, filename: _filename, day_shard: _day, uploader_shard: _uploader, ...view } = record;
  return view;
}

/** Records of one object's history that are sent. */
const MAX_HISTORY = 500;

/** What is known of one object: its current state, and its history, newest first. */
export async function objectView(
  reader: Pick<LedgerReader, 'history'>,
  { bucket, key }: { readonly bucket: string; readonly key: string },
  signal: AbortSignal,
): Promise<ObjectView> {
  const known = await readObjectHistory(reader, { bucket, key }, { max: MAX_HISTORY, signal });
  if (known === undefined) return nothingView(reader, { bucket, key }, signal);
  const { state, records, isCut } = known;
  return { current: toRecordView(state.record), history: records.map(toRecordView), isCut };
}

async function nothingView(
  reader: Pick<LedgerReader, 'history'>,
  { bucket, key }: { readonly bucket: string; readonly key: string },
  signal: AbortSignal,
): Promise<ObjectView> {
  const other = await findOtherSpelling(key, (spelling) => reader.history(bucket, spelling, { signal }));
  return { history: [], isCut: false, ...(other !== undefined && { other }) };
}

/** Records of one answer. More of them are one more request away. */
export const SEARCH_LIMIT = 100;

/** How far back a search without a beginning goes: the index by day cannot be asked for its earliest record. */
export const DEFAULT_RANGE_MS = 30 * DAY_MS;

/** Where an earlier answer ended. */
interface Cursor {
  readonly timestamp: string;
  /** Records of that very time that were sent already. */
  readonly sent: number;
}

/**
 * The records that the query asks for, newest first, as lines of the answer: the filters of `toFilters`, `since`,
 * `until`, and `from` to go on where an earlier answer ended. Lines with days say how far the search is.
 *
 * @throws BadRequestError when a parameter cannot be read.
 */
export async function* search(
  reader: Pick<LedgerReader, 'newest' | 'byUploader'>,
  query: URLSearchParams,
  now: number,
  signal: AbortSignal,
): AsyncGenerator<SearchLine> {
  const cursor = parseCursor(optionalText(query, 'from'));
  const page = new SearchPage(cursor);
  let read = 0;
  const onRead = (records: number) => {
    read += records;
  };
  const steps = withDays((onDay) => findRecords(reader, { query, cursor, now, signal, onDay, onRead }));
  for await (const step of steps) {
    if ('day' in step) {
      yield { ...step, read };
      continue;
    }
    if (page.isFull) {
      yield { done: true, next: page.end, read };
      return;
    }
    if (page.take(step.record)) yield { record: toRecordView(step.record) };
  }
  yield { done: true, read };
}

interface FindOptions {
  readonly query: URLSearchParams;
  /** Where to go on. Default: with the newest. */
  readonly cursor?: Cursor | undefined;
  readonly now: number;
  readonly signal: AbortSignal;
  readonly onDay?: (day: string) => void;
  readonly onRead?: OnRead;
}

/** The records that the query asks for, newest first. @throws BadRequestError when a parameter cannot be read. */
export function findRecords(
  reader: Pick<LedgerReader, 'newest' | 'byUploader'>,
  { query, cursor, now, signal, onDay, onRead }: FindOptions,
): AsyncGenerator<LedgerRecord> {
  const { uploader, ...filters } = toFilters(query);
  const range = optionalRange(query);
  const { since } = range;
  const until = cursor ? new Date(Date.parse(cursor.timestamp) + 1) : range.until;
  const options = { filters, signal, ...(onRead && { onRead }) };
  if (uploader !== undefined) {
    return reader.byUploader(uploader, { ...options, ...(since && { since }), ...(until && { until }) });
  }
  // No record is of a later time, and each day of the range costs queries.
  const soon = Math.max(now, since?.getTime() ?? now) + CLOCK_SLACK_MS;
  const end = Math.min(until?.getTime() ?? soon, soon);
  const begin = since ?? new Date(Math.min(now, end) - DEFAULT_RANGE_MS);
  return reader.newest({ ...options, since: begin, until: new Date(end), ...(onDay && { onDay }) });
}

/** Which records belong to one answer, and where it ends. */
class SearchPage {
  readonly #cursor: Cursor | undefined;
  #count = 0;
  #last = '';
  #atLastTime = 0;

  constructor(cursor: Cursor | undefined) {
    this.#cursor = cursor;
  }

  get isFull(): boolean {
    return this.#count >= SEARCH_LIMIT;
  }

  /** What {@link parseCursor} reads. */
  get end(): string {
    return `${this.#last}~${this.#atLastTime}`;
  }

  /** Whether the record belongs to this answer, and not to the one before. */
  take({ timestamp }: LedgerRecord): boolean {
    this.#atLastTime = timestamp === this.#last ? this.#atLastTime + 1 : 1;
    this.#last = timestamp;
    if (this.#cursor?.timestamp === timestamp && this.#atLastTime <= this.#cursor.sent) return false;
    this.#count += 1;
    return true;
  }
}

function parseCursor(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined;
  const [timestamp = '', sent = ''] = text.split('~');
  if (Number.isNaN(Date.parse(timestamp)) || !/^\d{1,9}$/.test(sent)) {
    throw new BadRequestError('Expected "from" to be what an earlier answer gave as "next".');
  }
  return { timestamp, sent: Number(sent) };
}

/**
 * The records that `find` yields, and in between the days that it is searching: also while no record comes for long. Of
 * several days at once, only the last is yielded.
 */
async function* withDays(
  find: (onDay: (day: string) => void) => AsyncGenerator<LedgerRecord>,
): AsyncGenerator<{ readonly record: LedgerRecord } | { readonly day: string }> {
  let latest: string | undefined;
  let wake: () => void = () => undefined;
  const records = find((day) => {
    latest = day;
    wake();
  });
  try {
    let next = records.next();
    for (;;) {
      const newDay = new Promise<undefined>((resolve) => {
        wake = () => resolve(undefined);
        if (latest !== undefined) wake();
      });
      const first = await Promise.race([next, newDay]);
      const day = latest;
      latest = undefined;
      if (day !== undefined) yield { day };
      if (first === undefined) continue;
      if (first.done) return;
      yield { record: first.value };
      next = records.next();
    }
  } finally {
    await records.return(undefined);
  }
}
