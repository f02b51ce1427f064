import { createHash } from 'node:crypto';
import { CATEGORIES, type Category, UPLOAD_STATUSES, type UploadStatus } from '../contract/uploads.ts';
import { CLOCK_SLACK_MS } from '../ledger/read/newest.ts';
import type { LedgerReader } from '../ledger/read/reader.ts';
import type { LedgerRecord } from '../ledger/record.ts';
import { DAY_MS } from '../shared/time.ts';
import { type Checks, optional, quoted } from '../shared/validation.ts';
import { aText, aWholeNumber, checkFields, LedgerQueryError, oneOf, RANGE_CHECKS } from './checks.ts';

/** Records of a page, unless `limit` says otherwise. */
const DEFAULT_PAGE = 50;

/** How far back a read of all uploaders goes without `since`, in days. */
const DEFAULT_DAYS = 30;

/** Which records are wanted: those that meet every condition given. */
export interface RecordsQuery {
  /** Whose uploads. Costs a Query a shard, however long ago they were. @default everybody's */
  readonly uploader?: string | undefined;
  readonly bucket?: string | undefined;
  /** What the keys begin with. */
  readonly prefix?: string | undefined;
  readonly category?: Category | undefined;
  /** From when on. @default with `uploader` all of time, else the last 30 days: each day costs a Query a shard */
  readonly since?: Date | undefined;
  /** Up to, and without, this time. @default now */
  readonly until?: Date | undefined;
  /** Stops the read. */
  readonly signal?: AbortSignal | undefined;
}

export interface UploadsQuery extends RecordsQuery {
  /**
   * `uploaded` leaves out deletes and restores; `any` does not.
   *
   * @default 'uploaded'
   */
  readonly status?: UploadStatus | 'any' | undefined;
  /** Records at most: of a page, or of the whole iteration. @default 50 a page; an iteration has no limit */
  readonly limit?: number | undefined;
  /** Where an earlier page of the same query ended. */
  readonly cursor?: string | undefined;
}

export interface UploadsPage {
  /** Newest first. */
  readonly records: readonly LedgerRecord[];
  /** Gives the next page, when the same query is asked with it. Absent: there are no more records. */
  readonly cursor?: string;
}

/** Records, newest first: one after the other in a `for await`, read as they are needed, or a page. */
export interface Uploads extends AsyncIterable<LedgerRecord> {
  /** The first `limit` records from `cursor` on. */
  page(): Promise<UploadsPage>;
}

export const RECORDS_CHECKS: Checks = {
  ...RANGE_CHECKS,
  uploader: optional(aText),
  bucket: optional(aText),
  prefix: optional(aText),
  category: optional(oneOf(CATEGORIES)),
};

const UPLOADS_CHECKS: Checks = {
  ...RECORDS_CHECKS,
  status: optional(oneOf([...UPLOAD_STATUSES, 'any'])),
  limit: optional(aWholeNumber(1, Number.MAX_SAFE_INTEGER)),
  cursor: optional(aText),
};

type Reads = Pick<LedgerReader, 'newest' | 'byUploader'>;

/**
 * The records that `query` asks for. Nothing is read before the first is wanted.
 *
 * @throws {LedgerQueryError}
 */
export function findUploads(reader: Reads, query: UploadsQuery, now: () => number): Uploads {
  checkFields('uploads', query, UPLOADS_CHECKS);
  checkRange('uploads', query);
  const cursor = query.cursor === undefined ? undefined : parseCursor(query.cursor, query);
  return {
    [Symbol.asyncIterator]: () => upTo(query.limit ?? Number.POSITIVE_INFINITY, matching(reader, query, cursor, now())),
    page: () => readPage(matching(reader, query, cursor, now()), query, cursor),
  };
}

/** @throws {LedgerQueryError} when the range ends before it begins. */
export function checkRange(what: string, { since, until }: Pick<RecordsQuery, 'since' | 'until'>): void {
  if (since === undefined || until === undefined || since < until) return;
  const [from, to] = [since.toISOString(), until.toISOString()];
  throw new LedgerQueryError(what, [`since: expected a time before until (${to}), got ${from}`]);
}

/** The records that `query` asks for, whatever their status, newest first. */
export function findRecords(reader: Reads, query: RecordsQuery, now: number): AsyncGenerator<LedgerRecord> {
  const { uploader, bucket, prefix, category, since, until, signal } = query;
  const isFiltered = bucket !== undefined || prefix !== undefined || category !== undefined;
  const filters = { ...(bucket && { bucket }), ...(prefix && { prefix }), ...(category && { category }) };
  const options = { ...(isFiltered && { filters }), ...(signal && { signal }) };
  if (uploader !== undefined) {
    return reader.byUploader(uploader, { ...options, ...(since && { since }), ...(until && { until }) });
  }
  // No record is of a later time, and each day of the range costs queries.
  const end = Math.min(until?.getTime() ?? Number.POSITIVE_INFINITY, now + CLOCK_SLACK_MS);
  const begin = since ?? new Date(Math.min(now, end) - DEFAULT_DAYS * DAY_MS);
  return reader.newest({ ...options, since: begin, until: new Date(end) });
}

/**
 * The records of `query` after those that `cursor` counts.
 *
 * The status is judged here: most records are uploads, and with a filter the reader fetches bigger pages of every shard.
 */
async function* matching(reader: Reads, query: UploadsQuery, cursor: Position | undefined, now: number) {
  const { status = 'uploaded' } = query;
  const until = cursor && new Date(Date.parse(cursor.timestamp) + 1);
  let sentBefore = 0;
  for await (const record of findRecords(reader, { ...query, ...(until && { until }) }, now)) {
    if (status !== 'any' && record.status !== status) continue;
    sentBefore += 1;
    const wasSent = record.timestamp === cursor?.timestamp && sentBefore <= cursor.sent;
    if (!wasSent) yield record;
  }
}

async function* upTo(max: number, records: AsyncGenerator<LedgerRecord>): AsyncGenerator<LedgerRecord> {
  let count = 0;
  for await (const record of records) {
    yield record;
    count += 1;
    if (count >= max) return;
  }
}

async function readPage(
  found: AsyncGenerator<LedgerRecord>,
  query: UploadsQuery,
  cursor: Position | undefined,
): Promise<UploadsPage> {
  const { limit = DEFAULT_PAGE } = query;
  const records: LedgerRecord[] = [];
  for await (const record of found) {
    if (records.length === limit) return { records, cursor: toCursor(positionAfter(records, cursor), query) };
    records.push(record);
  }
  return { records };
}

/** Where a page ended. */
interface Position {
  readonly timestamp: string;
  /** Records of that very time that have been given out already: second by second, a backfill can write thousands. */
  readonly sent: number;
}

function positionAfter(records: readonly LedgerRecord[], before: Position | undefined): Position {
  const timestamp = records.at(-1)?.timestamp ?? '';
  const ofThatTime = records.filter((record) => record.timestamp === timestamp).length;
  return { timestamp, sent: ofThatTime + (before?.timestamp === timestamp ? before.sent : 0) };
}

function toCursor({ timestamp, sent }: Position, query: UploadsQuery): string {
  return Buffer.from(JSON.stringify([timestamp, sent, fingerprint(query)])).toString('base64url');
}

const CURSOR = /^\["(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)",(\d{1,15}),"([\w-]{11})"\]$/;

/** @throws {LedgerQueryError} when it is not a cursor, or one of another query. */
function parseCursor(text: string, query: UploadsQuery): Position {
  const [, timestamp = '', sent = '', of] = CURSOR.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  const isPosition = !Number.isNaN(Date.parse(timestamp)) && (query.until === undefined || timestamp < endOf(query));
  if (!isPosition || of !== fingerprint(query)) {
    const expected = 'expected what an earlier page of the same query gave (only limit may differ)';
    throw new LedgerQueryError('uploads', [`cursor: ${expected}, got ${quoted(text)}`]);
  }
  return { timestamp, sent: Number(sent) };
}

function endOf({ until }: UploadsQuery): string {
  return until?.toISOString() ?? '';
}

/** Tells queries apart. No secret: a cursor only says where to go on, and every condition comes from the query. */
function fingerprint({ uploader, bucket, prefix, category, status, since, until }: UploadsQuery): string {
  const asked = JSON.stringify([uploader, bucket, prefix, category, status, since, until]);
  return createHash('sha256').update(asked).digest().subarray(0, 8).toString('base64url');
}
