import { type AttributeValue, type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { TABLE } from '../../contract/table.ts';
import { systemClock } from '../../shared/clock.ts';
import { retry } from '../../shared/retry.ts';
import type { Category } from '../../upload/category.ts';
import type { BatchSummary, Mention, Totals } from './batch-summary.ts';
import { addToGroup, addTotals, largestFirst, latestFirst, NOTHING, topMentions } from './summarise.ts';
import {
  parseSummaryText,
  SUMMARY_ATTRIBUTE,
  summaryPartitions,
  toSortKeyRange,
  toSummaryItem,
  type Window,
} from './summary-item.ts';

/** Milliseconds kept back for what comes after the summary. */
const RESERVE_MS = 500;

export interface PutSummaryOptions {
  /** Milliseconds until the invocation is killed. */
  readonly remainingMilliseconds: () => number;
  /** Numbers in [0, 1), for the waits between tries. */
  readonly random: () => number;
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly requestId: string;
}

/**
 * Stores the summary of one batch; one that says nothing costs no call.
 *
 * Stamped once, before the first try: whatever is stamped is stored before the invocation's time is up, or never.
 * Digests rely on it to know when a minute is complete. A repeated try overwrites itself.
 *
 * @throws whatever the last try failed with. The batch has to fail then, or a digest would tell of fewer uploads than
 *   there were.
 */
export async function putSummary(summary: BatchSummary, options: PutSummaryOptions): Promise<void> {
  if (isEmptySummary(summary)) return;
  const { client, tableName, requestId } = options;
  const item = toSummaryItem(summary, new Date(options.now()).toISOString(), requestId);
  const command = new PutItemCommand({ TableName: tableName, Item: item });
  const clock = { ...systemClock, now: options.now, random: options.random };
  const deadline = clock.now() + options.remainingMilliseconds() - RESERVE_MS;
  await retry((abortSignal) => client.send(command, { abortSignal }), { clock, deadline });
}

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

/** A window's summaries as one, and what reading them took. */
export interface FoldedWindow {
  readonly summary: BatchSummary;
  /** Summaries read: one a batch, whatever the number of uploads. */
  readonly batches: number;
  readonly queries: number;
}

/**
 * Reads and merges the summaries of the window.
 *
 * @param beforePage Called once a page; what it throws ends the reading. Default: nothing.
 * @throws {UnreadableSummaryError}, and whatever a query failed with.
 */
export async function foldWindow(
  source: SummarySource,
  window: Window,
  beforePage: () => void = () => undefined,
): Promise<FoldedWindow> {
  const fold = new SummaryFold();
  let batches = 0;
  let queries = 0;
  for await (const summaries of readSummaryPages(source, window)) {
    beforePage();
    queries += 1;
    batches += summaries.length;
    for (const summary of summaries) fold.add(summary);
  }
  return { summary: fold.toSummary(), batches, queries };
}

/** Adds summaries up in place: thousands of them make one digest. */
export class SummaryFold {
  #uploads = NOTHING;
  #deletes = 0;
  #restores = 0;
  readonly #byCategory = new Map<Category, Totals>();
  readonly #byBucket = new Map<string, Totals>();
  readonly #byUploader = new Map<string, Totals>();
  #largest: readonly Mention[] = [];
  #latest: readonly Mention[] = [];
  #failed = 0;
  #quarantined = 0;
  #greatestDelay = 0;
  #alertsHeldBack = 0;

  add(summary: BatchSummary): void {
    this.#uploads = addTotals(this.#uploads, summary.uploads);
    this.#deletes += summary.deletes;
    this.#restores += summary.restores;
    for (const [category, totals] of Object.entries(summary.byCategory)) {
      addToGroup(this.#byCategory, category as Category, totals);
    }
    for (const [bucket, totals] of summary.byBucket) addToGroup(this.#byBucket, bucket, totals);
    for (const [uploader, totals] of summary.byUploader) addToGroup(this.#byUploader, uploader, totals);
    this.#largest = topMentions(this.#largest, summary.largest, largestFirst);
    this.#latest = topMentions(this.#latest, summary.latest, latestFirst);
    this.#failed += summary.failed;
    this.#quarantined += summary.quarantined;
    this.#greatestDelay = Math.max(this.#greatestDelay, summary.greatestDelay);
    this.#alertsHeldBack += summary.alertsHeldBack;
  }

  toSummary(): BatchSummary {
    return {
      uploads: this.#uploads,
      deletes: this.#deletes,
      restores: this.#restores,
      byCategory: Object.fromEntries(this.#byCategory),
      byBucket: new Map(this.#byBucket),
      byUploader: new Map(this.#byUploader),
      largest: this.#largest,
      latest: this.#latest,
      failed: this.#failed,
      quarantined: this.#quarantined,
      greatestDelay: this.#greatestDelay,
      alertsHeldBack: this.#alertsHeldBack,
    };
  }
}

/** Both summaries as one. Associative and commutative; {@link EMPTY_SUMMARY} changes nothing. Adds, never cuts. */
export function merge(a: BatchSummary, b: BatchSummary): BatchSummary {
  const fold = new SummaryFold();
  fold.add(a);
  fold.add(b);
  return fold.toSummary();
}

/** What a batch did that did nothing. */
export const EMPTY_SUMMARY: BatchSummary = new SummaryFold().toSummary();

/** Whether there is nothing in it that anyone could be told. */
export function isEmptySummary(summary: BatchSummary): boolean {
  const { uploads, deletes, restores, failed, quarantined, alertsHeldBack } = summary;
  return uploads.count + deletes + restores + failed + quarantined + alertsHeldBack === 0;
}
