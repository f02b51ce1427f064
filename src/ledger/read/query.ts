import {
  type AttributeValue,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { TABLE } from '../../contract/table.ts';
import type { Category, UploadStatus } from '../../contract/uploads.ts';
import { fromItem, NotALedgerRecordError } from '../item.ts';
import type { LedgerRecord } from '../record.ts';
import type { TimeOrder } from './ordered-streams.ts';

/** Records of a shard's first page: enough for a screen, so that the first row does not wait for more. */
export const FIRST_PAGE = 25;
/** Records of a further page. Two pages a shard are held at most. */
const PAGE = 250;
/** The same with a filter, which DynamoDB applies after it has counted: most of a page may be left out. */
const FILTERED_PAGE = 1000;

/** What a reader reads with. */
export interface ReaderTable {
  readonly client: Pick<DynamoDBClient, 'send'>;
  readonly tableName: string;
  /** Shards of both indexes, as the records were written: 1 or more. */
  readonly indexShards: number;
  /** Called for each item that should be a record and is none. Default: the error is thrown. */
  readonly onUnreadable?: (error: NotALedgerRecordError) => void;
}

/** The time from `since` up to, and without, `until`. */
export interface TimeRange {
  readonly since: Date;
  readonly until: Date;
}

/** Which records are wanted: those that meet every condition given. */
export interface RecordFilters {
  readonly bucket?: string;
  /** What the object's key begins with. */
  readonly prefix?: string;
  /** What the object's key contains anywhere, upper and lower case as they are. */
  readonly contains?: string;
  readonly uploader?: string;
  readonly category?: Category;
  readonly status?: UploadStatus;
  /** Deletes have no size, and never meet this. */
  readonly minBytes?: number;
}

/** Called with the number of records that DynamoDB read for a page, those that the filters then left out included. */
export type OnRead = (records: number) => void;

/** One Query: a partition of the table or of an index. */
interface RecordQuery {
  /** Default: the table itself. */
  readonly indexName?: string;
  /** Which partition, and which part of it. */
  readonly keyCondition: Condition;
  readonly order: TimeOrder;
  readonly filters?: RecordFilters;
  /** Instead of `filters`. */
  readonly filter?: Condition;
  readonly signal?: AbortSignal;
  readonly onRead?: OnRead;
}

/** The records that `query` finds, in the order of the sort key, a page at a time. */
export async function* queryPages(table: ReaderTable, query: RecordQuery): AsyncGenerator<readonly LedgerRecord[]> {
  const input = toInput(table, query);
  const isFiltered = input.FilterExpression !== undefined;
  const options = query.signal === undefined ? {} : { abortSignal: query.signal };
  const pages = pagesOf(async (startKey) => {
    const Limit = isFiltered ? FILTERED_PAGE : startKey === undefined ? FIRST_PAGE : PAGE;
    const command = new QueryCommand({ ...input, Limit, ...(startKey && { ExclusiveStartKey: startKey }) });
    const answer = await table.client.send(command, options);
    query.onRead?.(answer.ScannedCount ?? 0);
    return answer;
  });
  for await (const page of pages) {
    const records = toRecords(page, table);
    if (records.length > 0) yield records;
  }
}

/** The records among `items`. */
export function toRecords(items: readonly Item[], { onUnreadable }: Pick<ReaderTable, 'onUnreadable'>): LedgerRecord[] {
  return items.flatMap((item) => {
    try {
      return [fromItem(item)];
    } catch (error) {
      if (!(error instanceof NotALedgerRecordError) || onUnreadable === undefined) throw error;
      onUnreadable(error);
      return [];
    }
  });
}

function toInput(
  { tableName }: ReaderTable,
  { indexName, keyCondition, order, filters, filter = filters && filterCondition(filters) }: RecordQuery,
): QueryCommandInput {
  const { names, values } = filter === undefined ? keyCondition : allOf([keyCondition, filter]);
  return {
    TableName: tableName,
    ...(indexName !== undefined && { IndexName: indexName }),
    KeyConditionExpression: keyCondition.expression,
    ...(filter && { FilterExpression: filter.expression }),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
    ScanIndexForward: order === 'oldest-first',
  };
}

/** Part of a Query. Every name has a placeholder, because `status` and `timestamp` are reserved words of DynamoDB. */
export interface Condition {
  readonly expression: string;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, AttributeValue>>;
}

/** The condition that a record of an index is in `partition` and, with bounds, within them. */
export function indexCondition(
  index: typeof TABLE.byDay | typeof TABLE.byUploader,
  partition: string,
  { since, until }: Partial<TimeRange>,
): Condition {
  const bounds = {
    ...(since && { ':since': { S: since.toISOString() } }),
    // BETWEEN includes both ends, and a record's time has milliseconds.
    ...(until && { ':until': { S: new Date(until.getTime() - 1).toISOString() } }),
  };
  const time = timeExpression(since !== undefined, until !== undefined);
  return {
    expression: ['#partition = :partition', ...time].join(' AND '),
    names: { '#partition': index.partitionKey, ...(time.length > 0 && { '#time': index.sortKey }) },
    values: { ':partition': { S: partition }, ...bounds },
  };
}

function timeExpression(hasSince: boolean, hasUntil: boolean): string[] {
  if (hasSince && hasUntil) return ['#time BETWEEN :since AND :until'];
  if (hasSince) return ['#time >= :since'];
  return hasUntil ? ['#time <= :until'] : [];
}

/** The filter expression of `filters`, or `undefined` when every record is wanted. */
function filterCondition(filters: RecordFilters): Condition | undefined {
  const { bucket, prefix, contains, uploader, category, status, minBytes } = filters;
  const equal = { s3_bucket: bucket, uploader, category, status };
  const conditions = Object.entries(equal).flatMap(([attribute, value]) =>
    value === undefined ? [] : condition(`#${attribute} = :${attribute}`, attribute, { S: value }),
  );
  if (prefix !== undefined && prefix !== '') {
    conditions.push(condition('begins_with(#s3_key, :s3_key)', 's3_key', { S: prefix }));
  }
  if (contains !== undefined && contains !== '') {
    const values = { ':contained': { S: contains } };
    conditions.push({ expression: 'contains(#s3_key, :contained)', names: { '#s3_key': 's3_key' }, values });
  }
  if (minBytes !== undefined) {
    conditions.push(condition('#filesize >= :filesize', 'filesize', { N: String(minBytes) }));
  }
  return conditions.length === 0 ? undefined : allOf(conditions);
}

function condition(expression: string, attribute: string, value: AttributeValue): Condition {
  return { expression, names: { [`#${attribute}`]: attribute }, values: { [`:${attribute}`]: value } };
}

/** All of `conditions`. A name or value that several use must be the same in all of them. */
function allOf(conditions: readonly Condition[]): Condition {
  return {
    expression: conditions.map(({ expression }) => expression).join(' AND '),
    names: Object.assign({}, ...conditions.map(({ names }) => names)),
    values: Object.assign({}, ...conditions.map(({ values }) => values)),
  };
}

/** An item in DynamoDB's JSON. */
export type Item = Record<string, AttributeValue>;

/** What a Query or a Scan answers. */
export interface PageAnswer {
  readonly Items?: Item[] | undefined;
  readonly LastEvaluatedKey?: Item | undefined;
}

/** Asks for the page after the one that ended at `startKey`; without one, for the first. */
type FetchPage = (startKey?: Item) => Promise<PageAnswer>;

/**
 * The pages of one Query or Scan in order, without empty ones. Nothing is fetched before the first page is wanted; from
 * the second page on, one page is read ahead while the one before is used. Not from the first: that is often all that
 * anybody wants.
 *
 * @throws what `fetch` throws, when the failed page is wanted.
 */
export async function* pagesOf(fetch: FetchPage): AsyncGenerator<readonly Item[]> {
  let answer = await fetch();
  let ahead: Promise<PageAnswer> | undefined;
  for (;;) {
    if (answer.Items !== undefined && answer.Items.length > 0) yield answer.Items;
    if (answer.LastEvaluatedKey === undefined) return;
    answer = await (ahead ?? fetch(answer.LastEvaluatedKey));
    ahead = answer.LastEvaluatedKey && fetch(answer.LastEvaluatedKey);
    // Handled when the page is wanted; this only avoids an unhandled rejection.
    ahead?.catch(() => undefined);
  }
}
