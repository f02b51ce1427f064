import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SESClient } from '@aws-sdk/client-ses';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type Alert, type AlertRule, matchAlerts, parseAlertRules } from '../digest/alerts/alert-rules.ts';
import { type ClaimedAlerts, claimAlerts } from '../digest/alerts/claim-alerts.ts';
import type { Mail } from '../digest/email/mailer.ts';
import { summarise } from '../digest/summary/summarise.ts';
import { type PutSummaryOptions, putSummary } from '../digest/summary/summary-store.ts';
import { handleTick, type TickOptions } from '../digest/window/handle-tick.ts';
import type { Clock } from '../shared/clock.ts';
import { type BatchOutcome, type ReceivedTick, toOutcomeWithoutSummary } from './batch-outcome.ts';
import { lazySesClient } from './clients.ts';
import type { EmailConfig } from './config.ts';
import { reportEmails, type SentAlerts, type Telemetry, type TickReport, toReason } from './telemetry.ts';

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
/** Milliseconds kept back from storing the summary, for what comes after. */
const SUMMARY_RESERVE_MS = 500;
/** Milliseconds kept back from sending, for the log and the answer. */
const SENDING_RESERVE_MS = 1_000;
/** Milliseconds by which two of AWS's clocks may differ, with room to spare. */
const CLOCK_DIFFERENCE_MS = 5_000;

/**
 * The part of the consumer that only stacks with digests or alerts load: it stores the summary of the batch, reports
 * the batch, sends its alerts, and then the digests that are due, in this order.
 *
 * @throws {AlertRulesError}
 */
export function createFinishWithEmail(options: EmailOptions): FinishBatch {
  const { client, tableName, config, telemetry, clock } = options;
  const { sender, alerts } = config;
  const mail = options.mail ?? lazySesMail({ client: lazySesClient(), sender, log: telemetry.log, clock });
  const limits = { rules: parseAlertRules(alerts?.rules), alertsPerMinute: alerts?.perMinute ?? 0 };
  return async (event, recorded, { requestId, milliseconds, remainingMilliseconds }) => {
    const end = clock.now() + remainingMilliseconds();
    const bounds = { client, tableName, clock, requestId };
    const { outcome, claimed } = await close(event, recorded, {
      ...bounds,
      ...limits,
      deadline: end - SUMMARY_RESERVE_MS,
    });
    telemetry.report(outcome);
    const deadline = end - SENDING_RESERVE_MS;
    const alertsDeadline = Math.min(clock.now() + ALERTS_MS, deadline);
    const sent = await sendAlerts(claimed.alerts, (alert) => mail.sendAlert(alert, alertsDeadline));
    // No invocation of the function lives longer than this one may.
    const longestInvocationMs = milliseconds + CLOCK_DIFFERENCE_MS;
    const ticks = await runTicks(recorded.ticks, mail, { ...bounds, deadline, longestInvocationMs });
    reportEmails({ ...claimed, ...sent, ticks }, telemetry);
    const failedTicks = ticks.filter((tick) => 'error' in tick).map(({ messageId }) => ({ itemIdentifier: messageId }));
    return { batchItemFailures: [...outcome.response.batchItemFailures, ...failedTicks] };
  };
}

async function close(
  event: SQSEvent,
  outcome: BatchOutcome,
  options: CloseBatchOptions,
): Promise<{ readonly outcome: BatchOutcome; readonly claimed: ClaimedAlerts }> {
  try {
    return { outcome, claimed: await closeBatch(outcome, options) };
  } catch (error) {
    return { outcome: toOutcomeWithoutSummary(event, outcome, error), claimed: NO_ALERTS };
  }
}

const NO_ALERTS: ClaimedAlerts = { alerts: [], heldBack: [] };

export interface CloseBatchOptions extends PutSummaryOptions {
  readonly rules: readonly AlertRule[];
  readonly alertsPerMinute: number;
}

/**
 * Decides which alert emails a batch may send, and stores its summary, which counts those held back.
 *
 * @throws whatever storing the summary failed with. Alerts never make it fail.
 */
export async function closeBatch(
  { stored, failed, quarantined }: Pick<BatchOutcome, 'stored' | 'failed' | 'quarantined'>,
  options: CloseBatchOptions,
): Promise<ClaimedAlerts> {
  const records = stored.map(({ record }) => record);
  const { rules } = options;
  const wanted = rules.length === 0 ? [] : matchAlerts(records, rules);
  const claimed = wanted.length === 0 ? NO_ALERTS : await claimAlerts(wanted, options);
  const facts = { failed, quarantined, alertsHeldBack: claimed.heldBack.length, now: options.clock.now() };
  await putSummary(summarise(records, facts), options);
  return claimed;
}

/**
 * Sends the alert emails one after the other. Never throws: the uploads are recorded, and no email is worth recording
 * them again. What failed is reported, and not tried again.
 */
export async function sendAlerts(
  alerts: readonly Alert[],
  sendAlert: (alert: Alert) => Promise<void>,
): Promise<SentAlerts> {
  let sent = 0;
  const failed: SentAlerts['failed'][number][] = [];
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

/** Sends the digests that are due, one after the other. Never throws: a tick that fails is reported with its error. */
async function runTicks(
  ticks: readonly ReceivedTick[],
  mail: Mail,
  { requestId, ...options }: Omit<TickOptions, 'owner' | 'sendDigest'> & Pick<Invocation, 'requestId'>,
): Promise<readonly TickReport[]> {
  const reports: TickReport[] = [];
  for (const received of ticks) {
    try {
      const outcome = await handleTick(received.tick, {
        ...options,
        owner: `${received.messageId}/${requestId}`,
        sendDigest: (digest, recipients) => mail.sendDigest(digest, recipients, options.deadline),
      });
      reports.push({ ...received, outcome });
    } catch (error) {
      reports.push({ ...received, error });
    }
  }
  return reports;
}

export interface LazyMailOptions {
  readonly client: () => Promise<SESClient>;
  readonly sender: string;
  readonly log: Telemetry['log'];
  readonly clock: Clock;
}

/** Mail through SES. Nothing is loaded before the first email: neither the rendering nor SES's client. */
export function lazySesMail({ client, sender, log, clock }: LazyMailOptions): Mail {
  const load = async () => {
    const [{ createSesMail }, ses] = await Promise.all([import('../digest/email/mailer.ts'), client()]);
    return createSesMail({
      client: ses,
      sender,
      clock,
      onPartlySent: (email, error) =>
        log('warn', 'Email did not reach everybody', { ...email, reason: toReason(error) }),
    });
  };
  return {
    sendDigest: async (...digest) => (await load()).sendDigest(...digest),
    sendAlert: async (...alert) => (await load()).sendAlert(...alert),
  };
}
