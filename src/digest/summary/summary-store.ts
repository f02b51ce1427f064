import { type AttributeValue, type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { TABLE } from '../../contract/table.ts';
import { type RetryOptions, retry } from '../../shared/retry.ts';
import { type BatchSummary, isEmptySummary, SummaryFold } from './batch-summary.ts';
import {
  parseSummaryText,
  SUMMARY_ATTRIBUTE,
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
  readonly requestId: string;
}

/**
 * Stores the summary of one batch; one of a batch in which nothing happened costs no call.
 *
 * Stamped once, before the first try: what is stamped is stored before the invocation's time is up, or never. Digests
 * rely on it to know when a minute is complete. A repeated try overwrites itself.
 *
 * @throws whatever the last try failed with. The batch has to fail then, or a digest would undercount.
 */
export async function putSummary(summary: BatchSummary, options: PutSummaryOptions): Promise<void> {
  if (isEmptySummary(summary)) return;
  const { client, tableName, requestId, clock } = options;
  const item = toSummaryItem(summary, new Date(clock.now()).toISOString(), requestId);
  const command = new PutItemCommand({ TableName: tableName, Item: item });
  await retry((abortSignal) => client.send(command, { abortSignal }), options);
}

/** A window's summaries merged into one, and what reading them took. */
export interface FoldedWindow {
  readonly summary: BatchSummary;
  /** Summaries read: one a batch, whatever the number of uploads. */
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
  for await (const summaries of readSummaryPages(table, window, signal)) {
    queries += 1;
    batches += summaries.length;
    for (const summary of summaries) fold.add(summary);
  }
  return { summary: fold.toSummary(), batches, queries };
}

/** Partitions whose first page is requested before its turn. A page has up to 1 MB. */
const PARTITIONS_AHEAD = 8;

interface Page {
  readonly partition: string;
  readonly summaries: readonly BatchSummary[];
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
): AsyncGenerator<readonly BatchSummary[]> {
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
    yield page.summaries;
    while (page.nextKey !== undefined) {
      page = await readPage(table, window, { partition: page.partition, startKey: page.nextKey, signal });
      yield page.summaries;
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
      ProjectionExpression: '#summary',
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
  return { partition, summaries, nextKey };
}
