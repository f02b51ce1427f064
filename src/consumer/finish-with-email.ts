import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { EmailSettings } from '../contract/email-settings.ts';
import { type Alert, matchAlerts } from '../digest/alerts/alert-rules.ts';
import { type ClaimAlertsOptions, type ClaimedAlerts, claimAlerts } from '../digest/alerts/claim-alerts.ts';
import { type AlertQueue, type DeliveredAlerts, deliverAlerts, enqueueAlert } from '../digest/alerts/deliver-alerts.ts';
import type { EmailLedger } from '../digest/email/email-ledger.ts';
import { summarise } from '../digest/summary/summarise.ts';
import { BatchSummaryWriter, type PutSummaryOptions, putSummary } from '../digest/summary/summary-store.ts';
import { handleTick, type TickOptions } from '../digest/window/handle-tick.ts';
import type { MakeRidingItem } from '../ledger/write/writer.ts';
import type { Clock } from '../shared/clock.ts';
import { retry } from '../shared/retry.ts';
import type { Announcer } from './announce.ts';
import { loadSesClient } from './clients.ts';
import { type BatchOutcome, toOutcomeWithoutSummary } from './handle-batch.ts';
import type { ReceivedTick } from './handle-message.ts';
import { createSesMail, type Mail } from './ses-mail.ts';
import { reportEmails, type Telemetry, type TickReport } from './telemetry.ts';
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
  /** Lets other systems be told as well. @default they are not */
  readonly announcer?: Announcer | undefined;
  /** @default SES, whose client is loaded with the first email. */
  readonly mail?: Mail;
}

/**
 * Milliseconds for each step of the alerts of one batch: a service that does not answer must not hold up the uploads
 * behind them, and leaves time to try the next one.
 */
const ALERTS_MS = 5_000;
/** Milliseconds kept back from every call to the table, for the log and the answer. */
const RESERVE_MS = 500;
/**
 * Milliseconds kept back from closing a batch with alerts: one that cannot be sent, or claims no email, goes to the queue
 * afterwards. Without that time it would be lost; a batch that is not closed comes back with its alerts.
 */
const QUEUEING_MS = 500;
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
  const { client, tableName, settings, ledger, telemetry, clock, announcer } = options;
  const { sender, alerts: rules, alertsPerMinute } = settings;
  const mail = options.mail ?? createSesMail({ loadClient: loadSesClient, sender, ledger, log: telemetry.log, clock });
  return ({ requestId, milliseconds, remainingMilliseconds }) => {
    const summary = new BatchSummaryWriter({ requestId, clock });
    const finish: InvocationEmail['finish'] = async (event, recorded) => {
      const end = clock.now() + remainingMilliseconds();
      const bounds = { client, tableName, clock, deadline: end - RESERVE_MS };
      const limits = { ...bounds, rules, alertsPerMinute };
      const { outcome, claimed } = await close(event, recorded, { ...limits, requestId, summary, announcer });
      telemetry.report(outcome);
      const sendingDeadline = end - SENDING_RESERVE_MS;
      const alerts = await tellAlerts(recorded, claimed, { ...options, ...limits, requestId, mail, sendingDeadline });
      // No invocation of the function lives longer than this one may.
      const longestInvocationMs = milliseconds + CLOCK_DIFFERENCE_MS;
      const tickOptions = { ...bounds, requestId, longestInvocationMs };
      const ticks = await runTicks(recorded.ticks, tickOptions, async (digest, recipients) => {
        await announcer?.announceDigest(digest, { clock, deadline: sendingDeadline });
        await mail.sendDigest(digest, recipients, sendingDeadline);
      });
      reportEmails({ heldBack: claimed.heldBack, ...alerts, ticks }, telemetry);
      const failedTicks = ticks.filter((tick) => 'error' in tick).map(({ messageId }) => messageId);
      const comeBack = [...failedTicks, ...alerts.comeBack].map((itemIdentifier) => ({ itemIdentifier }));
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

interface TellAlertsOptions extends ClaimAlertsOptions, Pick<EmailOptions, 'settings' | 'queue' | 'telemetry'> {
  readonly requestId: string;
  readonly mail: Mail;
  /** When sending has to be over: epoch milliseconds. */
  readonly sendingDeadline: number;
}

/**
 * Sends the alerts of the batch, those that tell what earlier minutes held back, and those that waited in the queue.
 * What cannot be sent goes to the queue or into the next digest. Never throws.
 */
async function tellAlerts(
  { alerts: received, heldBack: minutes }: Pick<BatchOutcome, 'alerts' | 'heldBack'>,
  claimed: ClaimedAlerts,
  { requestId, mail, sendingDeadline, settings, queue, telemetry: { log }, ...limits }: TellAlertsOptions,
): Promise<DeliveredAlerts> {
  const { clock } = limits;
  const soon = () => Math.min(clock.now() + ALERTS_MS, limits.deadline);
  const hasDigests = settings.digests.length > 0;
  const held = { ...limits, deadline: soon(), hasDigests, queue, log };
  const followUps = await tellHeldBack(minutes, claimed.heldBack, held);
  const ready = {
    alerts: [...claimed.alerts, ...followUps.alerts],
    failed: [...claimed.failed, ...followUps.failed],
  };
  const alertsDeadline = Math.min(soon(), sendingDeadline);
  const delivered = await deliverAlerts(ready, received, {
    clock,
    sendAlert: (alert) => mail.sendAlert(alert, alertsDeadline),
    claim: (alert) => claimAlerts([alert], limits),
    enqueue: (alert) => retry((signal) => enqueueAlert(alert, queue, signal), { clock, deadline: soon() }),
    nameInDigest: (alert) => nameInDigest(alert, { ...limits, requestId }),
  });
  return { ...delivered, comeBack: [...followUps.comeBack, ...delivered.comeBack] };
}

const NO_ALERTS: ClaimedAlerts = { alerts: [], heldBack: [], failed: [] };

export interface CloseBatchOptions extends ClaimAlertsOptions, Partial<Pick<PutSummaryOptions, 'isRetryable'>> {
  readonly summary: BatchSummaryWriter;
  readonly requestId: string;
  readonly announcer?: Announcer | undefined;
}

/**
 * Decides which alert emails a batch may send, and makes sure that the events of its alerts are stored, and its summary,
 * which names those held back.
 *
 * @throws whatever storing them failed with. Emails never make it fail.
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
  const bounds = wanted.length === 0 ? options : { ...options, deadline: options.deadline - QUEUEING_MS };
  await options.announcer?.announceAlerts(wanted, bounds);
  const facts = { failed, quarantined, heldBack: claimed.heldBack.map(toHeldBack), now: options.clock.now() };
  const isOutage = stored.length === 0 && failed > 0;
  await options.summary.store(records, facts, isOutage ? onlyOnce(bounds) : bounds);
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
