import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { AlertRule } from '../../contract/email-settings.ts';
import { alertsPartition, TABLE } from '../../contract/table.ts';
import type { RetryOptions } from '../../shared/retry.ts';
import { SECOND_MS } from '../../shared/time.ts';
import type { Alert } from './alert-rules.ts';

export interface ClaimAlertsOptions extends Pick<RetryOptions, 'clock' | 'deadline'> {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** Alert emails that the stack sends in one UTC minute, at least as many as there are rules. */
  readonly alertsPerMinute: number;
  /** Of the stack. */
  readonly rules: readonly AlertRule[];
}

/** Which alert emails of a batch may be sent. */
export interface ClaimedAlerts {
  /** To be sent now. */
  readonly alerts: readonly Alert[];
  /** Held back by the limit on alert emails a minute; the next digest names them, or without digests one email a rule. */
  readonly heldBack: readonly Alert[];
  /** For which no email could be claimed. */
  readonly failed: readonly { readonly alert: Alert; readonly error: unknown }[];
}

/**
 * Milliseconds that a claim may take, and its share of the time left: storing the summary comes after. Long enough for
 * the first call of a cold environment with little CPU.
 */
const CLAIM_TIME = { maxMs: 3_000, share: 0.25 } as const;

/**
 * Claims an email for each alert, of which there is at most one a rule. Never throws: no alert is worth failing a batch.
 *
 * One email a minute is reserved for each rule, so that no rule can silence another. The rest goes to the
 * alerts that come first; within a batch, to those of the first rules.
 */
export async function claimAlerts(wanted: readonly Alert[], options: ClaimAlertsOptions): Promise<ClaimedAlerts> {
  try {
    const claimed = await claimEmails(wanted, options);
    const alerts = wanted.filter((alert) => claimed.has(alert));
    return { alerts, heldBack: wanted.filter((alert) => !claimed.has(alert)), failed: [] };
  } catch (error) {
    return { alerts: [], heldBack: [], failed: wanted.map((alert) => ({ alert, error })) };
  }
}

/** Seconds for which a minute's count is kept: as long as the message may wait that tells what was held back. */
const COUNT_KEPT_SECONDS = 10 * 24 * 60 * 60;

/** When the count expires, as the table's time to live takes it. */
export function expiryOfCount(now: number): string {
  return String(Math.ceil(now / SECOND_MS) + COUNT_KEPT_SECONDS);
}

/**
 * The alerts whose emails may be sent: all invocations of one minute together get at most the limit.
 *
 * The counts are in the table, because many environments send at once: one item a minute with the emails that each rule
 * has claimed, those held back included. One call adds to it and returns all of it, so that each batch knows how much
 * had been claimed before. Only a batch with a match needs it.
 */
async function claimEmails(wanted: readonly Alert[], options: ClaimAlertsOptions): Promise<ReadonlySet<Alert>> {
  return grantEmails(wanted, await addClaims(wanted, options), options);
}

/**
 * Which of the alerts get an email of their minute.
 *
 * @param claims Emails that each rule has claimed in it, by the rule's name; those of these alerts are the last of them.
 */
export function grantEmails(
  wanted: readonly Alert[],
  claims: ReadonlyMap<string, number>,
  { alertsPerMinute, rules }: Pick<ClaimAlertsOptions, 'alertsPerMinute' | 'rules'>,
): ReadonlySet<Alert> {
  const beyond = wanted.filter(({ rule }) => (claims.get(rule.name) ?? 1) > 1);
  // Every claim of a rule after its first is of the rest: this batch's are the last of them so far.
  const claimedOfRest = [...claims.values()].reduce((sum, count) => sum + count - 1, 0);
  const left = alertsPerMinute - rules.length - (claimedOfRest - beyond.length);
  const heldBack = new Set(beyond.slice(Math.max(0, left)));
  return new Set(wanted.filter((alert) => !heldBack.has(alert)));
}

/** Attributes that hold the emails claimed by a rule are named by it. */
const CLAIMS = 'rule:';

/**
 * Adds one to each rule's claims of the minute. Returns the claims of every rule that has any, by its name.
 *
 * @param at In the minute: epoch milliseconds. Default: now.
 */
export async function addClaims(
  wanted: readonly Alert[],
  { client, tableName, clock, deadline }: ClaimAlertsOptions,
  at = clock.now(),
): Promise<ReadonlyMap<string, number>> {
  const now = clock.now();
  const names = Object.fromEntries(wanted.map(({ rule }, index) => [`#rule${index}`, `${CLAIMS}${rule.name}`]));
  const additions = Object.keys(names).map((name) => `${name} :one`);
  const command = new UpdateItemCommand({
    TableName: tableName,
    Key: {
      [TABLE.partitionKey]: { S: alertsPartition(new Date(at).toISOString()) },
      [TABLE.sortKey]: { S: 'emails' },
    },
    UpdateExpression: `ADD ${additions.join(', ')} SET #expiry = :expiry`,
    ExpressionAttributeNames: { ...names, '#expiry': TABLE.timeToLive },
    ExpressionAttributeValues: {
      ':one': { N: '1' },
      ':expiry': { N: expiryOfCount(now) },
    },
    ReturnValues: 'ALL_NEW',
  });
  const abortSignal = clock.timeout(Math.min(CLAIM_TIME.maxMs, (deadline - now) * CLAIM_TIME.share));
  const { Attributes = {} } = await client.send(command, { abortSignal });
  const claims = Object.entries(Attributes).filter(([name]) => name.startsWith(CLAIMS));
  return new Map(claims.map(([name, { N }]) => [name.slice(CLAIMS.length), Number(N)]));
}
