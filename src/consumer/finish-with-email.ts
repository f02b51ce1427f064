import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { parseAlertRules } from '../digest/alerts/alert-rules.ts';
import { type ClosedBatch, closeBatch, sendAlerts } from '../digest/alerts/alerts.ts';
import { handleTick, type TickOutcome } from '../digest/window/handle-tick.ts';
import { type ReceivedTick, toUnsummarised } from './batch-outcome.ts';
import { lazySesClient } from './clients.ts';
import type { EmailConfig } from './config.ts';
import { reportEmails } from './email-report.ts';
import type { BatchOutcome } from './handle-batch.ts';
import { type Mail, openSesMail } from './ses-mail.ts';
import type { Telemetry } from './telemetry.ts';

/** What bounds one invocation, and names it. */
export interface Invocation {
  readonly requestId: string;
  /** Milliseconds that the invocation had when it began. */
  readonly milliseconds: number;
  /** Milliseconds until the invocation is killed. */
  readonly remainingMilliseconds: () => number;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Numbers in [0, 1), for the waits between tries. */
  readonly random: () => number;
}

export interface EmailOptions {
  readonly config: EmailConfig;
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly telemetry: Telemetry;
}

/**
 * The part of the consumer that only stacks with digests or alerts load, with its way to SES.
 *
 * @throws {AlertRulesError}
 */
export function openEmail({ config, client, tableName, telemetry }: EmailOptions): FinishBatch {
  const { sender, alerts } = config;
  const mail = openSesMail({ client: lazySesClient(), sender, log: telemetry.log });
  return openEmailPart({ client, tableName, mail, telemetry, ...(alerts !== undefined && { alerts }) });
}

/** Milliseconds that the alerts of one batch may take: an SES that does not answer must not hold up the uploads behind them. */
const TIME_FOR_ALERTS = 5_000;
/** Milliseconds kept back from sending, for the log and the answer. */
const RESERVE = 1_000;

export interface EmailPartOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly alerts?: NonNullable<EmailConfig['alerts']>;
  readonly mail: Mail;
  readonly telemetry: Pick<Telemetry, 'report' | 'log' | 'writeMetrics'>;
}

/** Does what is left when the records of a batch are stored, and gives the answer to Lambda. Never throws. */
export type FinishBatch = (event: SQSEvent, outcome: BatchOutcome, invocation: Invocation) => Promise<SQSBatchResponse>;

/**
 * Opens the part of the consumer that only stacks with digests or alerts have: the summary of the batch, its metrics, its alerts, and the
 * digests that are due, in this order.
 *
 * @throws {AlertRulesError}
 */
export function openEmailPart(options: EmailPartOptions): FinishBatch {
  const { alerts, mail, telemetry } = options;
  const bounds = { rules: parseAlertRules(alerts?.rules), alertsPerMinute: alerts?.perMinute ?? 0 };
  return async (event, recorded, invocation) => {
    const { outcome, closed } = await close(event, recorded, { ...options, ...invocation, ...bounds });
    telemetry.report(outcome, invocation.now());
    const time = timeForAlerts(invocation);
    const sent = await sendAlerts(closed.alerts, (alert) => mail.sendAlert(alert, time));
    const sending = { ...invocation, remainingMilliseconds: () => invocation.remainingMilliseconds() - RESERVE };
    const ticks = await runTicks(recorded.ticks, options, sending);
    reportEmails({ ...closed, ...sent, ticks }, telemetry, invocation.now());
    const failedTicks = ticks.filter((tick) => 'error' in tick).map(({ messageId }) => ({ itemIdentifier: messageId }));
    return { batchItemFailures: [...outcome.response.batchItemFailures, ...failedTicks] };
  };
}

interface Closing {
  readonly outcome: BatchOutcome;
  readonly closed: ClosedBatch;
}

async function close(
  event: SQSEvent,
  outcome: BatchOutcome,
  options: Parameters<typeof closeBatch>[1],
): Promise<Closing> {
  const { stored, failed, quarantined } = outcome;
  try {
    const closed = await closeBatch({ records: stored.map(({ record }) => record), failed, quarantined }, options);
    return { outcome, closed };
  } catch (error) {
    return { outcome: toUnsummarised(event, outcome, error), closed: { alerts: [], heldBack: [] } };
  }
}

/** Milliseconds that are left for the alerts, all of them together. */
function timeForAlerts({ now, remainingMilliseconds }: Invocation): () => number {
  const end = now() + Math.min(TIME_FOR_ALERTS, remainingMilliseconds() - RESERVE);
  return () => end - now();
}

/** Milliseconds by which two clocks of AWS's may differ, with room to spare. */
const CLOCKS_DIFFER = 5_000;

export interface TicksOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly mail: Pick<Mail, 'sendDigest'>;
}

/** What became of a tick's message. */
export type TickReport = ReceivedTick & ({ readonly outcome: TickOutcome } | { readonly error: unknown });

/** Sends the digests that are due, one after the other. Never throws: a tick that fails is reported with its error. */
export async function runTicks(
  ticks: readonly ReceivedTick[],
  { mail, ...options }: TicksOptions,
  invocation: Invocation,
): Promise<readonly TickReport[]> {
  const { requestId, milliseconds, remainingMilliseconds } = invocation;
  const reports: TickReport[] = [];
  for (const received of ticks) {
    try {
      const outcome = await handleTick(received.tick, {
        ...options,
        ...invocation,
        // No invocation of the function lives longer than this one may.
        settleMilliseconds: milliseconds + CLOCKS_DIFFER,
        owner: `${received.messageId}/${requestId}`,
        sendDigest: (digest, recipients) => mail.sendDigest(digest, recipients, remainingMilliseconds),
      });
      reports.push({ ...received, outcome });
    } catch (error) {
      reports.push({ ...received, error });
    }
  }
  return reports;
}
