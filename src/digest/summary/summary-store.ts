import { type AttributeValue, type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { TABLE } from '../../contract/table.ts';
import { type RetryOptions, retry } from '../../shared/retry.ts';
import { type BatchSummary, SummaryFold } from './batch-summary.ts';
import {
  countBatches,
  parseSummaryText,
  SUMMARY_ATTRIBUTE,
  type SummaryStamp,
  summaryPartitions,
  toSortKeyRange,
  toSummaryItem,
  type Window,
} from './summary-item.ts';

/** The table that holds the summaries. */
export interface SummaryTable {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

export interface PutSummaryOptions
  extends SummaryTable,
    Pick<RetryOptions, 'clock' | 'deadline'>,
    Partial<Pick<RetryOptions, 'isRetryable'>> {
  readonly stamp: SummaryStamp;
}

/**
 * Stores the summary of one batch in a call of its own. It replaces one of the same stamp, and so does a repeated try.
 *
 * @throws whatever the last try failed with. The batch has to fail then, or a digest would undercount.
 */
export async function putSummary(summary: BatchSummary, options: PutSummaryOptions): Promise<void> {
  const { client, tableName, stamp } = options;
  const command = new PutItemCommand({ TableName: tableName, Item: toSummaryItem(summary, stamp).attributes });
  await retry((abortSignal) => client.send(command, { abortSignal }), options);
}

/** A window's summaries merged into one, and what reading them took. */
export interface FoldedWindow {
  readonly summary: BatchSummary;
  /** One or two summaries were read of each, whatever the number of uploads. */
  readonly batches: number;
  readonly queries: number;
}

/**
 * Reads and merges the summaries of the window.
 *
 * @param signal Ends the reading.
 * @throws {UnreadableSummaryError}, and whatever a query failed with.
 */
export async function foldWindow(table: SummaryTable, window: Window, signal?: AbortSignal): Promise<FoldedWindow> {
  const fold = new SummaryFold();
  let batches = 0;
  let queries = 0;
  for await (const page of readSummaryPages(table, window, signal)) {
    queries += 1;
    batches += page.batches;
    for (const summary of page.summaries) fold.add(summary);
  }
  return { summary: fold.toSummary(), batches, queries };
}

/** Partitions whose first page is requested before its turn. A page has up to 1 MB. */
const PARTITIONS_AHEAD = 8;

interface SummaryPage {
  readonly summaries: readonly BatchSummary[];
  /** That these are of. One whose two summaries are on two pages counts on both. */
  readonly batches: number;
}

interface Page extends SummaryPage {
  readonly partition: string;
  readonly nextKey: Record<string, AttributeValue> | undefined;
}

/**
 * The summaries of the window, page by page in order of time. One page is one query; a partition without summaries
 * gives an empty page.
 *
 * Reads are consistent. However long the window, only a handful of pages are held at once.
 */
export async function* readSummaryPages(
  table: SummaryTable,
  window: Window,
  signal?: AbortSignal,
): AsyncGenerator<SummaryPage> {
  const partitions = [...summaryPartitions(window)];
  const ahead: Promise<Page>[] = [];
  const readAhead = (partition: string) => {
    const page = readPage(table, window, { partition, signal });
    // Its error is thrown when its turn comes; this only prevents an unhandled rejection.
    page.catch(() => undefined);
    ahead.push(page);
  };
  for (const partition of partitions.splice(0, PARTITIONS_AHEAD)) readAhead(partition);
  while (ahead.length > 0) {
    let page = (await ahead.shift()) as Page;
    const next = partitions.shift();
    if (next !== undefined) readAhead(next);
    yield page;
    while (page.nextKey !== undefined) {
      page = await readPage(table, window, { partition: page.partition, startKey: page.nextKey, signal });
      yield page;
    }
  }
}

interface PageRequest {
  readonly partition: string;
  readonly startKey?: Record<string, AttributeValue>;
  readonly signal: AbortSignal | undefined;
}

async function readPage(
  { client, tableName }: SummaryTable,
  window: Window,
  { partition, startKey, signal }: PageRequest,
): Promise<Page> {
  const { from, to } = toSortKeyRange(window);
  const { Items = [], LastEvaluatedKey: nextKey } = await client.send(
    new QueryCommand({
      TableName: tableName,
      KeyConditionExpression: '#partition = :partition AND #sort BETWEEN :from AND :to',
      ProjectionExpression: '#sort, #summary',
      ExpressionAttributeNames: {
        '#partition': TABLE.partitionKey,
        '#sort': TABLE.sortKey,
        '#summary': SUMMARY_ATTRIBUTE,
      },
      ExpressionAttributeValues: { ':partition': { S: partition }, ':from': { S: from }, ':to': { S: to } },
      ConsistentRead: true,
      ...(startKey !== undefined && { ExclusiveStartKey: startKey }),
    }),
    signal && { abortSignal: signal },
  );
  const summaries = Items.map((item) => parseSummaryText(item[SUMMARY_ATTRIBUTE]?.S ?? ''));
  const batches = countBatches(Items.map((item) => item[TABLE.sortKey]?.S ?? ''));
  return { partition, summaries, batches, nextKey };
}
