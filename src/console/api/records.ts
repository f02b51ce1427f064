import { CLOCK_SLACK_MILLISECONDS } from '../../ledger/read/days.ts';
import type { LedgerReader } from '../../ledger/read/reader.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import { DAY_MS } from '../../shared/time.ts';
import type { ObjectView, RecordView, SearchLine } from '../api-types.ts';
import { BadRequestError } from '../server/answer.ts';
import { optionalText, optionalTime, toFilters } from './parameters.ts';

/** The record as the page gets it. A key of 1,024 bytes stands in a record four times; it is sent once. */
export function toRecordView(record: LedgerRecord): RecordView {
  const { s3_object: _object, filename: _filename, day_shard: _day, uploader_shard: _uploader, ...view } = record;
  return view;
}

/** Records of one answer. More of them are one more request away. */
export const SEARCH_LIMIT = 100;

/** How far back is looked without a beginning: the index by day cannot be asked for its earliest record. */
const HORIZON = 30 * DAY_MS;

/** Where an earlier answer ended. */
interface Cursor {
  readonly timestamp: string;
  /** Records of that very time that were told already. */
  readonly told: number;
}

/**
 * The records that the query asks for, newest first, as lines of the answer: `prefix`, `uploader`, `category`, `status`, `since`, `until`,
 * and `from` to go on where an earlier answer ended. Lines with days tell how far the search has got.
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
  const page = new Page(cursor);
  const noted = withNotes<LedgerRecord>((onDay) => found(reader, query, cursor, now, signal, onDay));
  for await (const { note, value } of noted) {
    if (note !== undefined) yield { day: note };
    if (value === undefined) continue;
    if (page.isFull) {
      yield { done: true, next: page.end };
      return;
    }
    if (page.take(value)) yield { record: toRecordView(value) };
  }
  yield { done: true };
}

function found(
  reader: Pick<LedgerReader, 'newest' | 'byUploader'>,
  query: URLSearchParams,
  cursor: Cursor | undefined,
  now: number,
  signal: AbortSignal,
  onDay: (day: string) => void,
): AsyncGenerator<LedgerRecord> {
  const { uploader, ...filters } = toFilters(query);
  const since = optionalTime(query, 'since');
  const until = cursor ? new Date(Date.parse(cursor.timestamp) + 1) : optionalTime(query, 'until');
  if (uploader !== undefined) {
    return reader.byUploader(uploader, { filters, signal, ...(since && { since }), ...(until && { until }) });
  }
  const end = until ?? new Date(now + CLOCK_SLACK_MILLISECONDS);
  const begin = since ?? new Date(Math.min(now, end.getTime()) - HORIZON);
  return reader.newest({ since: begin, until: end, filters, signal, onDay });
}

/** What one answer has told, and where it ends. */
class Page {
  readonly #cursor: Cursor | undefined;
  #count = 0;
  #last = '';
  #ofLastTime = 0;

  constructor(cursor: Cursor | undefined) {
    this.#cursor = cursor;
  }

  get isFull(): boolean {
    return this.#count >= SEARCH_LIMIT;
  }

  get end(): string {
    return `${this.#last}~${this.#ofLastTime}`;
  }

  /** Whether the record belongs to this answer, and not to the one before. */
  take({ timestamp }: LedgerRecord): boolean {
    this.#ofLastTime = timestamp === this.#last ? this.#ofLastTime + 1 : 1;
    this.#last = timestamp;
    if (this.#cursor?.timestamp === timestamp && this.#ofLastTime <= this.#cursor.told) return false;
    this.#count += 1;
    return true;
  }
}

function parseCursor(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined;
  const [timestamp = '', told = ''] = text.split('~');
  if (Number.isNaN(Date.parse(timestamp)) || !/^\d{1,9}$/.test(told)) {
    throw new BadRequestError('Expected "from" to be what an earlier answer gave as "next".');
  }
  return { timestamp, told: Number(told) };
}

/** A value, or the latest note that came while one was waited for. */
export interface Noted<Value> {
  readonly value?: Value;
  readonly note?: string;
}

/**
 * The values that `open` gives, and the notes that it makes meanwhile: also while no value comes for long. Of notes that come at once,
 * the last counts.
 */
export async function* withNotes<Value>(
  open: (onNote: (note: string) => void) => AsyncGenerator<Value>,
): AsyncGenerator<Noted<Value>> {
  let latest: string | undefined;
  let wake: () => void = () => undefined;
  const values = open((note) => {
    latest = note;
    wake();
  });
  try {
    let next = values.next();
    for (;;) {
      const noted = new Promise<undefined>((resolve) => {
        wake = () => resolve(undefined);
        if (latest !== undefined) wake();
      });
      const first = await Promise.race([next, noted]);
      const note = latest;
      latest = undefined;
      if (note !== undefined) yield { note };
      if (first === undefined) continue;
      if (first.done) return;
      yield { value: first.value };
      next = values.next();
    }
  } finally {
    await values.return(undefined);
  }
}

/** Records of one object's history that are told. */
export const HISTORY_LIMIT = 500;

/** What is known of one object, newest first. */
export async function objectView(
  reader: Pick<LedgerReader, 'history'>,
  { bucket, key }: { readonly bucket: string; readonly key: string },
  signal: AbortSignal,
): Promise<ObjectView> {
  const history: RecordView[] = [];
  for await (const record of reader.history(bucket, key, { order: 'newest-first', signal })) {
    if (history.length === HISTORY_LIMIT) return { history, isCut: true };
    history.push(toRecordView(record));
  }
  return { history, isCut: false };
}
