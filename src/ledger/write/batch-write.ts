import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { TABLE } from '../../contract/table.ts';
import { type OtherItem, toAttributes } from '../item.ts';
import type { LedgerRecord } from '../record.ts';
import type { RecordKey } from '../record-key.ts';
import { THROTTLED_CALL } from './put-errors.ts';

/**
 * Sends one BatchWriteItem call and resolves with the keys of the items that DynamoDB did not process.
 *
 * @param items 1 to 25, with different keys.
 * @param signal Aborts the call when the invocation runs out of time.
 * @throws whatever the call failed with, after the sender's own retries, under DynamoDB's name for the error. A call that
 *   was throttled as a whole is not repeated: its items are the caller's to send again, like those that come back.
 */
export type SendPuts = (
  items: readonly (LedgerRecord | OtherItem)[],
  signal: AbortSignal,
) => Promise<readonly RecordKey[]>;

/**
 * The sender that the consumer uses: BatchWriteItem through the plain client, with a body that is serialised here. The
 * SDK would walk its schema for every attribute of every record, which takes half of a call's CPU time.
 *
 * @throws TypeError when the answer does not say what was processed: DynamoDB always sends `UnprocessedItems`, empty
 *   when there are none (API reference of BatchWriteItem).
 */
export function createBatchWrite(client: DynamoDBClient, tableName: string): SendPuts {
  return async (items, abortSignal) => {
    // The SDK serialises no puts, but finds the table's account in the command's input.
    const command = new BatchWriteItemCommand({ RequestItems: { [tableName]: [] } });
    const body = JSON.stringify({ RequestItems: { [tableName]: items.map(toPut) } });
    command.middlewareStack.add(
      (next) => (args) => next({ ...args, request: Object.assign(args.request as object, { body }) }),
      // Before the SDK counts the length of the body and signs it.
      { step: 'build', priority: 'high', name: 'putsBody' },
    );
    command.middlewareStack.add((next) => (args) => next(args).catch(hideThrottling), BEHIND_RETRIES);
    const { UnprocessedItems } = await client.send(command, { abortSignal }).catch(showThrottling);
    if (UnprocessedItems === undefined) {
      throw new TypeError(
        'Expected UnprocessedItems in the answer to BatchWriteItem; got none, so nothing counts as stored.',
      );
    }
    return Object.values(UnprocessedItems).flat().map(toKey);
  };
}

/** Where a middleware sees the answer to each attempt before the SDK's retries do. */
const BEHIND_RETRIES = { step: 'finalizeRequest', priority: 'low', name: 'throttledOnce' } as const;

/** A throttled call as the SDK's retries see it. They would wait for up to a second, which is long for one item. */
class ThrottledCall extends Error {
  override readonly name = 'ThrottledCall';
  readonly throttledBy: unknown;

  constructor(throttledBy: unknown) {
    super('The call was throttled.');
    this.throttledBy = throttledBy;
  }
}

function hideThrottling(error: unknown): never {
  throw error instanceof Error && THROTTLED_CALL.has(error.name) ? new ThrottledCall(error) : error;
}

function showThrottling(error: unknown): never {
  throw error instanceof ThrottledCall ? error.throttledBy : error;
}

function toPut(item: LedgerRecord | OtherItem) {
  return { PutRequest: { Item: 'attributes' in item ? item.attributes : toAttributes(item) } };
}

/** A write without a put, or an item without a key, gives a key that no record has, so that the answer is refused. */
function toKey({ PutRequest }: WriteRequest): RecordKey {
  const item = PutRequest?.Item ?? {};
  return { s3_object: item[TABLE.partitionKey]?.S ?? '', upload_id: item[TABLE.sortKey]?.S ?? '' };
}
