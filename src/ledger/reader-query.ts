import { type DynamoDBClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import type { TABLE } from '../contract/table.ts';
import { fromItem, NotALedgerRecordError } from './from-item.ts';
import type { LedgerRecord } from './ledger-record.ts';
import type { TimeOrder } from './merge-by-time.ts';
import type { TimeRange } from './reader-days.ts';
import { allOf, type Condition, filterCondition, type RecordFilters } from './reader-filter.ts';
import { type Item, pagesOf } from './reader-pages.ts';

/** Records of a shard's first page: enough for a screen, so that the first row does not wait for more. */
const FIRST_PAGE = 25;
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
  /** Told of each item that should be a record and is none. Default: the error is thrown. */
  readonly onUnreadable?: (error: NotALedgerRecordError) => void;
}

/** One Query: a partition of the table or of an index. */
export interface RecordQuery {
  /** Default: the table itself. */
  readonly indexName?: string;
  /** Which partition, and which part of it. */
  readonly keyCondition: Condition;
  readonly order: TimeOrder;
  readonly filters?: RecordFilters;
  readonly signal?: AbortSignal;
}

/** The records that `query` finds, in the order of the sort key, a page at a time. */
export async function* queryPages(table: ReaderTable, query: RecordQuery): AsyncGenerator<readonly LedgerRecord[]> {
  const input = toInput(table, query);
  const isFiltered = input.FilterExpression !== undefined;
  const options = query.signal === undefined ? {} : { abortSignal: query.signal };
  const pages = pagesOf(({ startKey, isFirst }) => {
    const Limit = isFiltered ? FILTERED_PAGE : isFirst ? FIRST_PAGE : PAGE;
    const command = new QueryCommand({ ...input, Limit, ...(startKey && { ExclusiveStartKey: startKey }) });
    return table.client.send(command, options);
  });
  for await (const page of pages) {
    const records = toRecords(page, table);
    if (records.length > 0) yield records;
  }
}

/** The condition that a record of an index stands in `partition` and, with bounds, within them. */
export function indexCondition(
  index: typeof TABLE.byDay | typeof TABLE.byUploader,
  partition: string,
  { since, until }: Partial<TimeRange>,
): Condition {
  const bounds = {
    ...(since && { ':since': { S: since.toISOString() } }),
    // BETWEEN takes both ends in, and a record's time has milliseconds.
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
  { indexName, keyCondition, order, filters }: RecordQuery,
): QueryCommandInput {
  const filter = filters && filterCondition(filters);
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
