import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { alertsPartition, TABLE } from '../../contract/table.ts';
import type { RetryOptions } from '../../shared/retry.ts';
import type { Alert } from './alert-rules.ts';

interface ClaimAlertsOptions extends Pick<RetryOptions, 'clock' | 'deadline'> {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** Alert emails that the stack sends in one UTC minute, 1 or more. */
  readonly alertsPerMinute: number;
}

/** Which alert emails of a batch may be sent. */
export interface ClaimedAlerts {
  /** To be sent now. */
  readonly alerts: readonly Alert[];
  /** Held back by the limit on alert emails a minute; the next digest counts them. */
  readonly heldBack: readonly Alert[];
  /** Why nothing could be claimed, so that all were held back. */
  readonly claimError?: unknown;
}

/**
 * Milliseconds that a claim may take, and its share of the time left: storing the summary comes after. Long enough for
 * the first call of a cold environment with little CPU. Without an answer, all alerts are held back.
 */
const CLAIM_TIME = { maxMs: 3_000, share: 0.25 } as const;

/** Claims an email for each alert, first rules first. Never throws: no alert is worth failing a batch. */
export async function claimAlerts(wanted: readonly Alert[], options: ClaimAlertsOptions): Promise<ClaimedAlerts> {
  try {
    const claimed = await claimEmails(wanted.length, options);
    return { alerts: wanted.slice(0, claimed), heldBack: wanted.slice(claimed) };
  } catch (claimError) {
    return { alerts: [], heldBack: wanted, claimError };
  }
}

/** Seconds after which a minute's count expires: it is useless once its minute is over. */
const COUNT_KEPT_SECONDS = 60 * 60;

/**
 * How many of so many emails may be sent: all invocations of one minute together get exactly the limit. The count is in
 * the table, because many environments send at once. It costs one write, and only a batch with a match needs it.
 */
async function claimEmails(wanted: number, options: ClaimAlertsOptions): Promise<number> {
  const { client, tableName, clock, deadline, alertsPerMinute } = options;
  const now = clock.now();
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
        ':expiry': { N: String(Math.ceil(now / 1000) + COUNT_KEPT_SECONDS) },
      },
      ReturnValues: 'UPDATED_NEW',
    }),
    { abortSignal: clock.timeout(Math.min(CLAIM_TIME.maxMs, (deadline - now) * CLAIM_TIME.share)) },
  );
  const claimedByAll = Number(Attributes?.emails?.N ?? wanted);
  const claimedBefore = claimedByAll - wanted;
  return Math.min(wanted, Math.max(0, alertsPerMinute - claimedBefore));
}
