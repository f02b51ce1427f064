import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { keepTrying, type TryingOptions } from '../shared/retry.ts';
import type { BatchSummary } from './batch-summary.ts';
import { isEmptySummary } from './summary-fold.ts';
import { toSummaryItem } from './summary-item.ts';

export interface PutSummaryOptions extends TryingOptions {
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
  await keepTrying((abortSignal) => client.send(command, { abortSignal }), options);
}
