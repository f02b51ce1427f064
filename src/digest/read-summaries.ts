import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { TABLE } from '../contract/table.ts';
import type { BatchSummary } from './batch-summary.ts';
import { SUMMARY_ATTRIBUTE, summaryPartitions, toSortKeyRange, type Window } from './summary-item.ts';
import { parseSummaryText } from './summary-text.ts';

/** Partitions whose first page is asked for before its turn. A page has up to 1 MB. */
const PARTITIONS_AHEAD = 8;

/** Where summaries are read from. */
export interface SummarySource {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

interface Page {
  readonly partition: string;
  readonly summaries: readonly BatchSummary[];
  readonly nextKey: Record<string, AttributeValue> | undefined;
}

/**
 * The summaries of the window, page by page in order of time. One page is one query; a partition without summaries
 * gives an empty page.
 *
 * Reads consistently: what is stored is seen. Holds a handful of pages at once, however long the window.
 *
 * @throws {UnreadableSummaryError}, and whatever a query failed with after the client's own retries.
 */
export async function* readSummaryPages(
  source: SummarySource,
  window: Window,
): AsyncGenerator<readonly BatchSummary[]> {
  const partitions = [...summaryPartitions(window)];
  const ahead: Promise<Page>[] = [];
  const readAhead = (partition: string) => {
    const page = readPage(source, window, partition);
    // Its error is thrown when its turn comes; until then it must not count as unhandled.
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
      page = await readPage(source, window, page.partition, page.nextKey);
      yield page.summaries;
    }
  }
}

async function readPage(
  { client, tableName }: SummarySource,
  window: Window,
  partition: string,
  startKey?: Record<string, AttributeValue>,
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
  );
  const summaries = Items.map((item) => parseSummaryText(item[SUMMARY_ATTRIBUTE]?.S ?? ''));
  return { partition, summaries, nextKey };
}
