import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { alertsPartition, TABLE } from '../../contract/table.ts';
import type { LedgerRecord } from '../../ledger/record.ts';
import { summarise, toMention } from '../summary/summarise.ts';
import { type PutSummaryOptions, putSummary } from '../summary/summary-store.ts';
import type { Alert, AlertRule } from './alert-rules.ts';

/** Matches that one alert names; it counts all of them. */
export const ALERT_MENTIONS = 20;

/**
 * One alert for each rule that matches uploads of the batch, in the order of the rules. Deletes and restores match
 * nothing.
 *
 * An event that S3 delivers twice, in two batches, alerts twice.
 *
 * @param records What the batch has stored, each record once.
 */
export function matchAlerts(records: readonly LedgerRecord[], rules: readonly AlertRule[]): readonly Alert[] {
  // Stryker disable next-line ConditionalExpression: a short cut for stacks without alerts; no rule gives no alert.
  if (rules.length === 0) return [];
  const uploads = records.filter(({ status }) => status === 'uploaded').sort(earliestFirst);
  return rules.flatMap((rule) => {
    const matches = uploads.filter((record) => matchesRule(record, rule));
    if (matches.length === 0) return [];
    const bytes = matches.reduce((sum, { filesize = 0 }) => sum + filesize, 0);
    const buckets = [...new Set(matches.map(({ s3_bucket }) => s3_bucket))];
    const mentions = matches.slice(0, ALERT_MENTIONS).map(toMention);
    return [{ rule, count: matches.length, bytes, buckets, mentions }];
  });
}

/** Whether all conditions of the rule hold. A record without a size is never large. */
export function matchesRule(record: LedgerRecord, rule: AlertRule): boolean {
  return (
    (rule.prefix === undefined || record.s3_key.startsWith(rule.prefix)) &&
    (rule.suffix === undefined || record.s3_key.endsWith(rule.suffix)) &&
    (rule.category === undefined || record.category === rule.category) &&
    (rule.uploader === undefined || record.uploader === rule.uploader) &&
    (rule.minimumBytes === undefined || (record.filesize ?? -1) >= rule.minimumBytes)
  );
}

/** By event time, then by key, so that the same batch always gives the same email. */
function earliestFirst(a: LedgerRecord, b: LedgerRecord): number {
  return compare(a.timestamp, b.timestamp) || compare(a.s3_object, b.s3_object) || compare(a.upload_id, b.upload_id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

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

/**
 * Milliseconds that asking for alert emails may take, and part of the time that is left: the summary comes after. Long enough for the first
 * call of an environment that has little processor: what is not answered is held back.
 */
const TIME_FOR_CLAIM = { most: 3_000, share: 0.25 } as const;

/** What a batch did. */
export interface StoredBatch {
  /** What it has stored, each record once. */
  readonly records: readonly LedgerRecord[];
  /** Messages about uploads that are reported back as failed; not digest ticks. */
  readonly failed: number;
  readonly quarantined: number;
}

export interface CloseBatchOptions extends PutSummaryOptions {
  readonly rules: readonly AlertRule[];
  readonly alertsPerMinute: number;
}

/** What is left to do once the metrics are out: see {@link sendAlerts}. */
export interface ClosedBatch {
  /** To be sent now. */
  readonly alerts: readonly Alert[];
  /** Held back by the bound on alert emails a minute; the next digest tells of them. */
  readonly heldBack: readonly Alert[];
  /** Why nothing could be claimed, so that all were held back. */
  readonly claimError?: unknown;
}

/**
 * Decides which alert emails a batch may send, and stores its summary, which tells what was held back.
 *
 * @throws whatever storing the summary failed with: the batch has to fail then. Alerts never make it fail.
 */
export async function closeBatch(batch: StoredBatch, options: CloseBatchOptions): Promise<ClosedBatch> {
  const closed = await decideAlerts(matchAlerts(batch.records, options.rules), options);
  const { records, failed, quarantined } = batch;
  const facts = { failed, quarantined, alertsHeldBack: closed.heldBack.length, now: options.now() };
  await putSummary(summarise(records, facts), options);
  return closed;
}

/** Rules that come first are served first. */
async function decideAlerts(matched: readonly Alert[], options: CloseBatchOptions): Promise<ClosedBatch> {
  if (matched.length === 0) return { alerts: [], heldBack: [] };
  const share = Math.max(0, Math.floor(options.remainingMilliseconds() * TIME_FOR_CLAIM.share));
  try {
    const claimed = await claimAlerts(
      matched.length,
      options,
      AbortSignal.timeout(Math.min(TIME_FOR_CLAIM.most, share)),
    );
    return { alerts: matched.slice(0, claimed), heldBack: matched.slice(claimed) };
  } catch (claimError) {
    return { alerts: [], heldBack: matched, claimError };
  }
}

/** One alert email that could not be sent. */
export interface FailedAlert {
  readonly alert: Alert;
  readonly error: unknown;
}

export interface SentAlerts {
  readonly sent: number;
  readonly failed: readonly FailedAlert[];
}

/**
 * Sends the alert emails one after the other. Never throws: the uploads are recorded, and no email is worth recording
 * them again. What failed is for the log and the metrics, and is not tried again.
 *
 * @param sendAlert Renders one alert and sends it to its recipients, within the invocation's remaining time.
 */
export async function sendAlerts(
  alerts: readonly Alert[],
  sendAlert: (alert: Alert) => Promise<void>,
): Promise<SentAlerts> {
  let sent = 0;
  const failed: FailedAlert[] = [];
  for (const alert of alerts) {
    try {
      await sendAlert(alert);
      sent += 1;
    } catch (error) {
      failed.push({ alert, error });
    }
  }
  return { sent, failed };
}
