import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { parseAlertRules } from '../digest/alerts/alert-rules.ts';
import { type ClosedBatch, closeBatch, sendAlerts } from '../digest/alerts/alerts.ts';
import { handleTick, type TickOptions } from '../digest/window/handle-tick.ts';
import type { Clock } from '../shared/clock.ts';
import { type BatchOutcome, type ReceivedTick, toOutcomeWithoutSummary } from './batch-outcome.ts';
import { lazySesClient } from './clients.ts';
import type { EmailConfig } from './config.ts';
import { reportEmails, type TickReport } from './email-report.ts';
import { createSesMail, type Mail } from './ses-mail.ts';
import type { Telemetry } from './telemetry.ts';

/** What bounds one invocation, and names it. */
export interface Invocation {
  readonly requestId: string;
  /** Milliseconds that the invocation had when it began. */
  readonly milliseconds: number;
  /** Milliseconds until the invocation is killed. */
  readonly remainingMilliseconds: () => number;
}

/** Does what is left when the records of a batch are stored, and answers Lambda. Never throws. */
export type FinishBatch = (event: SQSEvent, outcome: BatchOutcome, invocation: Invocation) => Promise<SQSBatchResponse>;

export interface EmailOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly config: EmailConfig;
  readonly telemetry: Pick<Telemetry, 'report' | 'log' | 'writeMetrics'>;
  readonly clock: Clock;
  /** @default SES, whose client is loaded with the first email. */
  readonly mail?: Mail;
}

/** Milliseconds for the alerts of one batch: an SES that does not answer must not hold up the uploads behind them. */
const ALERTS_MS = 5_000;
/** Milliseconds kept back from sending, for the log and the answer. */
const RESERVE_MS = 1_000;
/** Milliseconds by which two of AWS's clocks may differ, with room to spare. */
const CLOCK_DIFFERENCE_MS = 5_000;

/**
 * The part of the consumer that only stacks with digests or alerts load: it stores the summary of the batch, reports
 * the batch, sends its alerts, and then the digests that are due, in this order.
 *
 * @throws {AlertRulesError}
 */
export function createFinishWithEmail(options: EmailOptions): FinishBatch {
  const { config, telemetry, clock } = options;
  const mail =
    options.mail ?? createSesMail({ client: lazySesClient(), sender: config.sender, log: telemetry.log, clock });
  const bounds = { client: options.client, tableName: options.tableName, clock, now: clock.now, random: clock.random };
  const rules = parseAlertRules(config.alerts?.rules);
  const alertsPerMinute = config.alerts?.perMinute ?? 0;
  return async (event, recorded, invocation) => {
    const { outcome, closed } = await close(event, recorded, { ...bounds, ...invocation, rules, alertsPerMinute });
    telemetry.report(outcome);
    const time = timeForAlerts(invocation, clock);
    const sent = await sendAlerts(closed.alerts, (alert) => mail.sendAlert(alert, time));
    const sending = { ...invocation, remainingMilliseconds: () => invocation.remainingMilliseconds() - RESERVE_MS };
    const ticks = await runTicks(recorded.ticks, mail, { ...bounds, ...sending });
    reportEmails({ ...closed, ...sent, ticks }, telemetry);
    const failedTicks = ticks.filter((tick) => 'error' in tick).map(({ messageId }) => ({ itemIdentifier: messageId }));
    return { batchItemFailures: [...outcome.response.batchItemFailures, ...failedTicks] };
  };
}

async function close(
  event: SQSEvent,
  outcome: BatchOutcome,
  options: Parameters<typeof closeBatch>[1],
): Promise<{ readonly outcome: BatchOutcome; readonly closed: ClosedBatch }> {
  const { stored, failed, quarantined } = outcome;
  try {
    const closed = await closeBatch({ records: stored.map(({ record }) => record), failed, quarantined }, options);
    return { outcome, closed };
  } catch (error) {
    return { outcome: toOutcomeWithoutSummary(event, outcome, error), closed: { alerts: [], heldBack: [] } };
  }
}

/** Milliseconds that are left for the alerts, all of them together. */
function timeForAlerts({ remainingMilliseconds }: Invocation, clock: Clock): () => number {
  const end = clock.now() + Math.min(ALERTS_MS, remainingMilliseconds() - RESERVE_MS);
  return () => end - clock.now();
}

/** Sends the digests that are due, one after the other. Never throws: a tick that fails is reported with its error. */
async function runTicks(
  ticks: readonly ReceivedTick[],
  mail: Mail,
  options: Invocation & Omit<TickOptions, 'settleMilliseconds' | 'owner' | 'sendDigest'>,
): Promise<readonly TickReport[]> {
  const { requestId, milliseconds, remainingMilliseconds } = options;
  const reports: TickReport[] = [];
  for (const received of ticks) {
    try {
      const outcome = await handleTick(received.tick, {
        ...options,
        // No invocation of the function lives longer than this one may.
        settleMilliseconds: milliseconds + CLOCK_DIFFERENCE_MS,
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
