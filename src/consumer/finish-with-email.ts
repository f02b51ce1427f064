import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SESClient } from '@aws-sdk/client-ses';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { AlertRule, EmailSettings } from '../contract/email-settings.ts';
import { type Alert, matchAlerts } from '../digest/alerts/alert-rules.ts';
import { type ClaimedAlerts, claimAlerts } from '../digest/alerts/claim-alerts.ts';
import { type AlertQueue, deliverAlerts, enqueueAlert } from '../digest/alerts/deliver-alerts.ts';
import type { Digest } from '../digest/email/digest-email.ts';
import type { Email } from '../digest/email/email-content.ts';
import type { EmailLedger } from '../digest/email/email-ledger.ts';
import type { Delivery } from '../digest/email/mailer.ts';
import { summarise } from '../digest/summary/summarise.ts';
import { BatchSummaryWriter, type PutSummaryOptions, putSummary } from '../digest/summary/summary-store.ts';
import { handleTick, type TickOptions } from '../digest/window/handle-tick.ts';
import type { MakeRidingItem } from '../ledger/write/writer.ts';
import type { Clock } from '../shared/clock.ts';
import { retry } from '../shared/retry.ts';
import { loadSesClient } from './clients.ts';
import { type BatchOutcome, toOutcomeWithoutSummary } from './handle-batch.ts';
import type { ReceivedTick } from './handle-message.ts';
import { reportEmails, type Telemetry, type TickReport, toReason } from './telemetry.ts';
import { tellHeldBack } from './tell-held-back.ts';

/** What bounds one invocation, and names it. */
export interface Invocation {
  readonly requestId: string;
  /** Milliseconds that the invocation had when it began. */
  readonly milliseconds: number;
  /** Milliseconds until the invocation is killed. */
  readonly remainingMilliseconds: () => number;
}

/** What one invocation does for digests and alerts. */
export interface InvocationEmail {
  /** The summary of the batch, for the writer of its records. */
  readonly makeSummaryItem: MakeRidingItem;
  /** Does what is left when the records of the batch are stored, and answers Lambda. Never throws. */
  readonly finish: (event: SQSEvent, outcome: BatchOutcome) => Promise<SQSBatchResponse>;
}

/** To be called when an invocation begins. */
export type BeginEmail = (invocation: Invocation) => InvocationEmail;

export interface EmailOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly settings: EmailSettings;
  /** What emails call this ledger. */
  readonly ledger: EmailLedger;
  readonly telemetry: Pick<Telemetry, 'report' | 'log' | 'writeMetrics'>;
  readonly clock: Clock;
  /** The uploads queue, where alerts wait that could not be sent. */
  readonly queue: AlertQueue;
  /** @default SES, whose client is loaded with the first email. */
  readonly mail?: Mail;
}

/** Milliseconds for the alerts of one batch: an SES that does not answer must not hold up the uploads behind them. */
const ALERTS_MS = 5_000;
/** Milliseconds kept back from every call to the table, for the log and the answer. */
const RESERVE_MS = 500;
/** Milliseconds kept back from sending: the watermark of a digest is moved afterwards. */
const SENDING_RESERVE_MS = 1_000;
/** Milliseconds for the summary of a batch of which nothing was stored: the table is down, and takes none either. */
const FAILED_BATCH_SUMMARY_MS = 3_000;
/** Milliseconds by which two of AWS's clocks may differ, with room to spare. */
const CLOCK_DIFFERENCE_MS = 5_000;

/**
 * The part of the consumer that only stacks with digests or alerts load: it makes sure that the summary of the batch is
 * stored, reports the batch, sends its alerts, and then the digests that are due, in this order.
 */
export function createEmailPart(options: EmailOptions): BeginEmail {
  const { client, tableName, settings, ledger, telemetry, clock, queue } = options;
  const { sender, alerts: rules, alertsPerMinute } = settings;
  const mail = options.mail ?? createSesMail({ loadClient: loadSesClient, sender, ledger, log: telemetry.log, clock });
  return ({ requestId, milliseconds, remainingMilliseconds }) => {
    const summary = new BatchSummaryWriter({ requestId, clock });
    const finish: InvocationEmail['finish'] = async (event, recorded) => {
      const end = clock.now() + remainingMilliseconds();
      const bounds = { client, tableName, clock, deadline: end - RESERVE_MS };
      const limits = { ...bounds, rules, alertsPerMinute };
      const { outcome, claimed } = await close(event, recorded, { ...limits, requestId, summary });
      telemetry.report(outcome);
      const soon = Math.min(clock.now() + ALERTS_MS, bounds.deadline);
      const followUps = await tellHeldBack(recorded.heldBack, claimed.heldBack, {
        ...limits,
        deadline: soon,
        hasDigests: settings.digests.length > 0,
        queue,
        log: telemetry.log,
      });
      const deadline = end - SENDING_RESERVE_MS;
      const alertsDeadline = Math.min(clock.now() + ALERTS_MS, deadline);
      const delivered = await deliverAlerts(joined(claimed, followUps), recorded.alerts, {
        clock,
        sendAlert: (alert) => mail.sendAlert(alert, alertsDeadline),
        claim: (alert) => claimAlerts([alert], limits),
        enqueue: (alert) => {
          const bound = { clock, deadline: Math.min(clock.now() + ALERTS_MS, bounds.deadline) };
          return retry((signal) => enqueueAlert(alert, queue, signal), bound);
        },
        nameInDigest: (alert) => nameInDigest(alert, { ...bounds, requestId }),
      });
      // No invocation of the function lives longer than this one may.
      const longestInvocationMs = milliseconds + CLOCK_DIFFERENCE_MS;
      const tickOptions = { ...bounds, requestId, longestInvocationMs };
      const ticks = await runTicks(recorded.ticks, tickOptions, (digest, recipients) =>
        mail.sendDigest(digest, recipients, deadline),
      );
      reportEmails({ heldBack: claimed.heldBack, ...delivered, ticks }, telemetry);
      const failedTicks = ticks.filter((tick) => 'error' in tick).map(({ messageId }) => messageId);
      const comeBack = [...failedTicks, ...delivered.comeBack, ...followUps.comeBack].map((itemIdentifier) => ({
        itemIdentifier,
      }));
      return { batchItemFailures: [...outcome.response.batchItemFailures, ...comeBack] };
    };
    return { makeSummaryItem: summary.makeItem, finish };
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

type Ready = Pick<ClaimedAlerts, 'alerts' | 'failed'>;

function joined(batch: Ready, followUps: Ready): Ready {
  return { alerts: [...batch.alerts, ...followUps.alerts], failed: [...batch.failed, ...followUps.failed] };
}

const NO_ALERTS: ClaimedAlerts = { alerts: [], heldBack: [], failed: [] };

export interface CloseBatchOptions extends Omit<PutSummaryOptions, 'stamp'> {
  readonly summary: BatchSummaryWriter;
  readonly rules: readonly AlertRule[];
  readonly alertsPerMinute: number;
  readonly requestId: string;
}

/**
 * Decides which alert emails a batch may send, and makes sure that its summary is stored, which names those held back.
 *
 * @throws whatever storing the summary failed with. Alerts never make it fail.
 */
export async function closeBatch(
  { stored, failed, quarantined }: Pick<BatchOutcome, 'stored' | 'failed' | 'quarantined'>,
  options: CloseBatchOptions,
): Promise<ClaimedAlerts> {
  // A batch of ticks alone leaves nothing to summarise.
  if (stored.length + failed + quarantined === 0) return NO_ALERTS;
  const records = stored.map(({ record }) => record);
  const wanted = matchAlerts(records, options.rules, options.requestId);
  const claimed = wanted.length === 0 ? NO_ALERTS : await claimAlerts(wanted, options);
  const facts = { failed, quarantined, heldBack: claimed.heldBack.map(toHeldBack), now: options.clock.now() };
  const isOutage = stored.length === 0 && failed > 0;
  await options.summary.store(records, facts, isOutage ? onlyOnce(options) : options);
  return claimed;
}

function toHeldBack({ rule, mentions: [first] }: Alert) {
  return { rule: rule.name, example: first?.key ?? '' };
}

/**
 * Stores a summary of nothing but this alert, which could not be sent.
 *
 * @throws whatever storing it failed with.
 */
async function nameInDigest(
  alert: Alert,
  { requestId, ...options }: Omit<PutSummaryOptions, 'stamp'> & Pick<Invocation, 'requestId'>,
): Promise<void> {
  const now = options.clock.now();
  const stamp = { time: new Date(now).toISOString(), requestId, alertId: alert.id };
  const facts = { failed: 0, quarantined: 0, heldBack: [toHeldBack(alert)], now };
  await putSummary(summarise([], facts), { ...options, stamp });
}

/** During an outage every batch would wait for its summary to the end of its time. */
function onlyOnce(options: CloseBatchOptions): CloseBatchOptions {
  const deadline = Math.min(options.deadline, options.clock.now() + FAILED_BATCH_SUMMARY_MS);
  return { ...options, deadline, isRetryable: () => false };
}

/** Sends the digests that are due, one after the other. Never throws: a tick that fails is reported with its error. */
async function runTicks(
  ticks: readonly ReceivedTick[],
  { requestId, ...options }: Omit<TickOptions, 'owner' | 'sendDigest'> & Pick<Invocation, 'requestId'>,
  sendDigest: TickOptions['sendDigest'],
): Promise<readonly TickReport[]> {
  const reports: TickReport[] = [];
  for (const received of ticks) {
    try {
      const outcome = await handleTick(received.tick, {
        ...options,
        owner: `${received.messageId}/${requestId}`,
        sendDigest,
      });
      reports.push({ ...received, outcome });
    } catch (error) {
      reports.push({ ...received, error });
    }
  }
  return reports;
}

/** Renders digests and alerts, and sends them. */
export interface Mail {
  /**
   * @param deadline When sending has to be over, retries included: epoch milliseconds.
   * @throws {EmailError} when the email has failed, with what to do about it.
   */
  sendDigest(digest: Digest, recipients: readonly string[], deadline: number): Promise<void>;
  /** As {@link sendDigest}, to the alert's own recipients. */
  sendAlert(alert: Alert, deadline: number): Promise<void>;
}

export interface SesMailOptions {
  /** Called at the first email. */
  readonly loadClient: () => Promise<SESClient>;
  readonly sender: string;
  /** What emails call it. */
  readonly ledger: EmailLedger;
  readonly log: Telemetry['log'];
  readonly clock: Clock;
}

/**
 * Mail through SES. Nothing is loaded before the first email: neither the rendering nor SES's client.
 *
 * An email that reached some recipients and failed for good with others counts as sent; the log says whom it missed.
 */
export function createSesMail({ loadClient, sender, ledger, log, clock }: SesMailOptions): Mail {
  let client: Promise<SESClient> | undefined;
  const send = async (email: Email, recipients: readonly string[], deadline: number) => {
    client ??= loadClient();
    const { sendEmail } = await import('../digest/email/mailer.ts');
    return sendEmail(email, recipients, { client: await client, sender, clock, deadline });
  };
  const check = ({ error }: Delivery, hasFailed: boolean, email: Readonly<Record<string, string>>) => {
    if (error === undefined) return;
    if (hasFailed) throw error;
    log('warn', 'Email did not reach everybody', { ...email, reason: toReason(error) });
  };
  return {
    sendDigest: async (digest, recipients, deadline) => {
      const { renderDigest } = await import('../digest/email/digest-email.ts');
      const delivery = await send(renderDigest(digest, ledger), recipients, deadline);
      check(delivery, delivery.shouldSendAgain, { digest: digest.name });
    },
    // It is tried again for all of its recipients: it fails only when it has reached nobody.
    sendAlert: async (alert, deadline) => {
      const { renderAlert } = await import('../digest/email/alert-email.ts');
      const delivery = await send(renderAlert(alert, ledger), alert.channels.email, deadline);
      check(delivery, delivery.reached.length === 0, { alert: alert.rule.name });
    },
  };
}
