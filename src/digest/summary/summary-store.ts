import { type AttributeValue, type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { TABLE } from '../../contract/table.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import type { MakeRidingItem } from '../../ledger/write/writer.ts';
import type { Clock } from '../../shared/clock.ts';
import { type RetryOptions, retry } from '../../shared/retry.ts';
import { type BatchSummary, SummaryFold } from './batch-summary.ts';
import { type BatchFacts, summarise } from './summarise.ts';
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

/** A summary that went to the table with the records of its batch. */
interface SentSummary {
  /** What it covers. */
  readonly records: ReadonlySet<LedgerRecord>;
  readonly isStored: Promise<boolean>;
}

/** What a batch says beside its records, when it says nothing. */
const NOTHING_ELSE = { failed: 0, quarantined: 0, heldBack: [] } as const;

/**
 * Stores the summary of one batch.
 *
 * It rides in the calls that carry the records, written as if all of them were going to be stored. Mostly they are, and
 * the summary has cost no round trip. Otherwise it is replaced, once the batch is over, by one of what was stored.
 *
 * What else there is to tell (messages that failed or were quarantined, alerts that were held back) is known only then,
 * and becomes a second item, which adds up with the first. In one item it could be lost: a call that was given up
 * unanswered can still be done, late, and put the first version back.
 *
 * So a digest never counts less than what was recorded. It can count more when the invocation dies before the
 * summary is put right, or when the first version comes back: of records whose messages return and are counted again.
 *
 * Stamped when the invocation begins: what is stamped is stored before the invocation's time is up, or never. Digests
 * rely on it to know when a minute is complete.
 */
export class BatchSummaryWriter {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #stamp: SummaryStamp;
  #sent: SentSummary | undefined;

  /** @param invocation Its `requestId`, and the clock. */
  constructor({ requestId, clock }: { readonly requestId: string; readonly clock: Pick<Clock, 'now'> }) {
    this.#clock = clock;
    this.#stamp = { time: new Date(clock.now()).toISOString(), requestId };
  }

  /** For the writer of the records. Never throws: what fails here fails again in {@link store}, which tells why. */
  readonly makeItem: MakeRidingItem = (records, isStored) => {
    try {
      const summary = summarise(records, { ...NOTHING_ELSE, now: this.#clock.now() });
      const item = toSummaryItem(summary, this.#stamp);
      this.#sent = { records: new Set(records), isStored };
      return item;
    } catch {
      return undefined;
    }
  };

  /**
   * Makes sure that the table has the summary of the batch. Costs no call when the summary that went with the records is
   * stored and right, and there is nothing else to tell.
   *
   * @param records What the batch has stored.
   * @throws whatever the last try failed with. The batch has to fail then, or a digest would undercount.
   */
  async store(
    records: readonly LedgerRecord[],
    facts: BatchFacts,
    options: Omit<PutSummaryOptions, 'stamp'>,
  ): Promise<void> {
    // While it is on its way, it could still replace what replaces it.
    const isStored = (await this.#sent?.isStored) === true;
    if (isStored ? !this.#toldOf(records) : records.length > 0) {
      const summary = summarise(records, { ...NOTHING_ELSE, now: facts.now });
      await putSummary(summary, { ...options, stamp: this.#stamp });
    }
    if (facts.failed + facts.quarantined + facts.heldBack.length > 0) {
      await putSummary(summarise([], facts), { ...options, stamp: { ...this.#stamp, isSecond: true } });
    }
  }

  /** Whether the summary that went with the records covers exactly these. */
  #toldOf(records: readonly LedgerRecord[]): boolean {
    const told = this.#sent?.records;
    return told?.size === records.length && records.every((record) => told.has(record));
  }
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
