import { Logger } from '@aws-lambda-powertools/logger';
import type { Context, SQSRecord } from 'aws-lambda';
import { BATCH_METRICS, EMAIL_METRICS } from '../contract/metrics.ts';
import type { QuarantineCause } from '../contract/quarantine.ts';
import type { Alert } from '../digest/alerts/alert-rules.ts';
import type { ClaimedAlerts } from '../digest/alerts/claim-alerts.ts';
import type { DeliveredAlerts } from '../digest/alerts/deliver-alerts.ts';
import type { TickOutcome } from '../digest/window/handle-tick.ts';
import type { Clock } from '../shared/clock.ts';
import { errorMessage, UploadLedgerError } from '../shared/errors.ts';
import { type BatchOutcome, UNEXPECTED } from './handle-batch.ts';
import type { ReceivedTick } from './handle-message.ts';
import { type MetricDocument, type MetricsOptions, MetricsWriter } from './metrics.ts';

/** Characters of a foreign body, or of an error's text, that a line of the log repeats. */
const MAX_BODY_LENGTH = 200;
const MAX_REASON_LENGTH = 600;
const MAX_STACK_LENGTH = 2_000;

/** What the consumer reports: structured log lines with the request's id, and metrics. Never a whole event. */
export interface Telemetry {
  /** Begins an invocation: the lines that follow carry its id. */
  begin(context: Context): void;
  quarantined(message: SQSRecord, cause: QuarantineCause): void;
  /** One line and one set of metric documents for the batch. Metrics that cannot be written are logged, not thrown. */
  report(outcome: BatchOutcome): void;
  log(level: 'info' | 'warn' | 'error', message: string, facts: Readonly<Record<string, unknown>>): void;
  /** A document that cannot be written is logged, not thrown. */
  writeMetrics(document: MetricDocument): void;
}

interface TelemetryOptions extends MetricsOptions {
  readonly clock: Clock;
}

export function createTelemetry({ clock, ...options }: TelemetryOptions): Telemetry {
  const logger = new Logger({ serviceName: options.serviceName });
  const metrics = new MetricsWriter(options);
  const orLog = (write: () => void) => {
    try {
      write();
    } catch (error) {
      logger.error('Metrics were lost', { cause: toErrorText(UNEXPECTED, error) });
    }
  };
  return {
    begin: (context) => logger.addContext(context),
    quarantined: ({ messageId, body }, { reason, detail }) =>
      logger.warn('Message moved to quarantine', { messageId, reason, detail, body: cut(body, MAX_BODY_LENGTH) }),
    report: (outcome) => {
      logBatch(logger, outcome);
      orLog(() => metrics.writeBatch(outcome, clock.now()));
    },
    log: (level, message, facts) => logger[level](message, { ...facts }),
    writeMetrics: (document) => orLog(() => metrics.write([document], clock.now())),
  };
}

/** The line of the batch: WARN when messages come back, ERROR when the cause is a bug. */
function logBatch(logger: Logger, outcome: BatchOutcome): void {
  const { stored, received, failed, quarantined, testEvents, eventsIgnored, writes, failures } = outcome;
  const isBug = failures.some(({ code }) => code === UNEXPECTED);
  const level = isBug ? 'error' : failed > 0 ? 'warn' : 'info';
  logger[level]('Batch recorded', {
    received,
    stored: stored.length,
    failed,
    quarantined,
    testEvents,
    eventsIgnored,
    ...writes,
    greatestDelay: stored.reduce((greatest, { delay }) => Math.max(greatest, delay), 0),
    ...(failures.length > 0 && {
      failures: failures.map(({ code, messages, first }) => ({ code, messages, first: toErrorText(code, first) })),
    }),
  });
}

/** What became of a tick's message. */
export type TickReport = ReceivedTick & ({ readonly outcome: TickOutcome } | { readonly error: unknown });

/** What became of the emails of one invocation. */
interface EmailReport extends Pick<ClaimedAlerts, 'heldBack'>, Pick<DeliveredAlerts, 'sent' | 'failed'> {
  readonly ticks: readonly TickReport[];
}

/** A line for each digest that was due, one for the alerts, and the metrics. Nothing when there was nothing to send. */
export function reportEmails(report: EmailReport, telemetry: Pick<Telemetry, 'log' | 'writeMetrics'>): void {
  logAlerts(report, telemetry.log);
  for (const tick of report.ticks) logTick(tick, telemetry.log);
  const metrics = emailMetrics(report);
  if (metrics.length > 0) telemetry.writeMetrics({ dimensions: {}, metrics });
}

function logAlerts({ sent, failed, heldBack }: EmailReport, log: Telemetry['log']): void {
  if (sent + failed.length + heldBack.length === 0) return;
  log(failed.length + heldBack.length > 0 ? 'warn' : 'info', 'Alerts', {
    sent,
    failed: failed.length,
    heldBack: heldBack.length,
    ...(heldBack.length > 0 && {
      heldBackAlerts: heldBack.map((alert) => {
        return { alert: alert.rule.name, uploads: alert.count, example: exampleOf(alert) };
      }),
    }),
    ...(failed.length > 0 && {
      failures: failed.map(({ alert, error, isGivenUp, isLost }) => {
        const next = isLost ? 'lost' : isGivenUp ? 'given up' : 'tried again';
        return { alert: alert.rule.name, id: alert.id, example: exampleOf(alert), next, reason: toReason(error) };
      }),
    }),
  });
}

function exampleOf({ mentions: [first] }: Alert): string {
  return cut(first?.key ?? '', MAX_BODY_LENGTH);
}

function logTick(report: TickReport, log: Telemetry['log']): void {
  const facts = { digest: report.tick.digest.name, messageId: report.messageId };
  if ('error' in report) {
    const level = isBusy(report.error) ? 'info' : 'error';
    log(level, 'Digest not sent, its tick is tried again', { ...facts, reason: toReason(report.error) });
  } else if (report.outcome.kind === 'sent') {
    const { digest, queries } = report.outcome;
    const { since, until, batches, summary } = digest;
    const { uploads, deletes, versionsDeleted, restores } = summary;
    const counts = { ...uploads, deletes, versionsDeleted, restores };
    log('info', 'Digest sent', { ...facts, since, until, ...counts, batches, queries });
  } else {
    log('info', 'No digest to send', { ...facts, ...report.outcome });
  }
}

/** Only metrics that have something to count: each has a price, and not every stack has alerts. */
function emailMetrics({ sent, failed, heldBack, ticks }: EmailReport): MetricDocument['metrics'] {
  const errors = ticks.flatMap((tick) => ('error' in tick ? [tick.error] : []));
  const counts: [name: string, count: number][] = [
    [EMAIL_METRICS.digestsSent, ticks.filter((tick) => 'outcome' in tick && tick.outcome.kind === 'sent').length],
    [EMAIL_METRICS.digestsFailed, errors.filter((error) => !isBusy(error)).length],
    [EMAIL_METRICS.alertsSent, sent],
    [EMAIL_METRICS.alertsFailed, failed.length],
    [EMAIL_METRICS.alertsHeldBack, heldBack.length],
    // Added to those of the batch, which were written before its ticks were run.
    [BATCH_METRICS.messagesFailed, errors.length],
  ];
  return counts.filter(([, count]) => count > 0).map(([name, count]) => ({ name, unit: 'Count', values: [count] }));
}

/** Another tick of the same digest is being handled: nothing is wrong. */
function isBusy(error: unknown): boolean {
  return error instanceof UploadLedgerError && error.code === 'digest-busy';
}

/** What failed; for a bug, also where. */
function toErrorText(code: string, error: unknown): string {
  if (!(error instanceof Error)) return cut(String(error), MAX_BODY_LENGTH);
  return code === UNEXPECTED
    ? cut(error.stack ?? String(error), MAX_STACK_LENGTH)
    : cut(error.message, MAX_BODY_LENGTH);
}

/** The error's text and those of its causes, cut. */
export function toReason(error: unknown): string {
  const texts: string[] = [];
  for (let cause = error; cause !== undefined; cause = cause instanceof Error ? cause.cause : undefined) {
    texts.push(errorMessage(cause));
  }
  return cut(texts.join(' '), MAX_REASON_LENGTH);
}

function cut(text: string, max: number): string {
  return text.slice(0, max).toWellFormed();
}
