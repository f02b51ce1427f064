import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type ClosedBatch, closeBatch } from '../digest/close-batch.ts';
import { parseAlertRules } from '../digest/parse-alert-rules.ts';
import { sendAlerts } from '../digest/send-alerts.ts';
import type { EmailConfig } from './config.ts';
import { reportEmails } from './email-report.ts';
import type { BatchOutcome } from './handle-batch.ts';
import type { Invocation } from './invocation.ts';
import type { Mail } from './mail.ts';
import { runTicks } from './run-ticks.ts';
import { toUnsummarised } from './summary-not-stored.ts';
import type { Telemetry } from './telemetry.ts';

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
