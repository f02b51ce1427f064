import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { alertsPartition, TABLE } from '../contract/table.ts';

/** Seconds after which a minute's count expires: it is of no use once its minute is over. */
const KEPT_SECONDS = 60 * 60;

export interface ClaimAlertsOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Alert emails that the stack sends in one UTC minute, 1 or more. */
  readonly alertsPerMinute: number;
}

/**
 * How many of so many alert emails may be sent now: together, all invocations of one minute get exactly the bound.
 *
 * The count stands in the table, because many environments send at once. It costs one write, and only a batch with a
 * match asks.
 *
 * @param signal Aborts the call.
 * @throws whatever the call failed with.
 */
export async function claimAlerts(wanted: number, options: ClaimAlertsOptions, signal?: AbortSignal): Promise<number> {
  const { client, tableName, alertsPerMinute } = options;
  const now = options.now();
  const { Attributes } = await client.send(
    new UpdateItemCommand({
      TableName: tableName,
      Key: {
        [TABLE.partitionKey]: { S: alertsPartition(new Date(now).toISOString()) },
        [TABLE.sortKey]: { S: 'emails' },
      },
      UpdateExpression: 'ADD #emails :wanted SET #expiry = :expiry',
      ExpressionAttributeNames: { '#emails': 'emails', '#expiry': TABLE.timeToLive },
      ExpressionAttributeValues: {
        ':wanted': { N: String(wanted) },
        ':expiry': { N: String(Math.ceil(now / 1000) + KEPT_SECONDS) },
      },
      ReturnValues: 'UPDATED_NEW',
    }),
    { ...(signal !== undefined && { abortSignal: signal }) },
  );
  const claimedByAll = Number(Attributes?.emails?.N ?? wanted);
  const claimedBefore = claimedByAll - wanted;
  return Math.min(wanted, Math.max(0, alertsPerMinute - claimedBefore));
}
