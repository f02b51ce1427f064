import { BATCH_METRICS, EMAIL_METRICS } from '../contract/metrics.ts';
import type { ClosedBatch, SentAlerts } from '../digest/alerts/alerts.ts';
import type { TickOutcome } from '../digest/window/handle-tick.ts';
import { UploadLedgerError } from '../shared/errors.ts';
import type { TickReport } from './finish-with-email.ts';
import type { MetricDocument } from './metrics.ts';
import type { Telemetry } from './telemetry.ts';

type SentOutcome = Extract<TickOutcome, { readonly kind: 'sent' }>;
type Facts = Readonly<Record<string, unknown>>;

/** Most characters of an error's text, with its cause, that a line of the log repeats. */
const REASON_LENGTH = 600;

/** What became of the emails of one invocation. */
export interface EmailReport extends Pick<ClosedBatch, 'heldBack' | 'claimError'>, SentAlerts {
  readonly ticks: readonly TickReport[];
}

/** A line for each digest that was due, one for the alerts, and the metrics. Nothing when there was nothing to send. */
export function reportEmails(
  report: EmailReport,
  telemetry: Pick<Telemetry, 'log' | 'writeMetrics'>,
  now: number,
): void {
  logAlerts(report, telemetry);
  for (const tick of report.ticks) logTick(tick, telemetry);
  const document = toEmailDocument(report);
  if (document.metrics.length > 0) telemetry.writeMetrics(document, now);
}

/** Only what there is something to count of: stacks without alerts have no metrics of alerts, which cost money. */
export function toEmailDocument({ sent, failed, heldBack, ticks }: EmailReport): MetricDocument {
  const errors = ticks.flatMap((tick) => ('error' in tick ? [tick.error] : []));
  const counts: [name: string, count: number][] = [
    [EMAIL_METRICS.digestsSent, ticks.filter((tick) => 'outcome' in tick && tick.outcome.kind === 'sent').length],
    [EMAIL_METRICS.digestsFailed, errors.filter((error) => !isBusy(error)).length],
    [EMAIL_METRICS.alertsSent, sent],
    [EMAIL_METRICS.alertsFailed, failed.length],
    [EMAIL_METRICS.alertsHeldBack, heldBack.length],
    // Beside those of the batch, which were written before its ticks were run.
    [BATCH_METRICS.messagesFailed, errors.length],
  ];
  const metrics = counts
    .filter(([, count]) => count > 0)
    .map(([name, count]) => ({ name, unit: 'Count', values: [count] }) as const);
  return { dimensions: {}, metrics };
}

function logAlerts({ sent, failed, heldBack, claimError }: EmailReport, { log }: Pick<Telemetry, 'log'>): void {
  if (sent + failed.length + heldBack.length === 0) return;
  log(failed.length + heldBack.length > 0 ? 'warn' : 'info', 'Alerts', {
    sent,
    failed: failed.length,
    heldBack: heldBack.length,
    ...(claimError !== undefined && { whyHeldBack: toReason(claimError) }),
    ...(failed.length > 0 && {
      failures: failed.map(({ alert, error }) => ({ alert: alert.rule.name, reason: toReason(error) })),
    }),
  });
}

function logTick(report: TickReport, { log }: Pick<Telemetry, 'log'>): void {
  const { messageId, tick } = report;
  const facts = { digest: tick.digest.name, messageId };
  if ('error' in report) {
    const level = isBusy(report.error) ? 'info' : 'error';
    log(level, 'Digest not sent, its tick comes back', { ...facts, reason: toReason(report.error) });
  } else if (report.outcome.kind === 'sent') {
    logSent(report.outcome, facts, log);
  } else {
    log('info', 'No digest to send', { ...facts, ...report.outcome });
  }
}

function logSent({ digest, queries }: SentOutcome, facts: Facts, log: Telemetry['log']): void {
  const { since, until, batches, summary } = digest;
  const { uploads, deletes, restores } = summary;
  log('info', 'Digest sent', {
    ...facts,
    since,
    until,
    ...uploads,
    deletes,
    restores,
    batches,
    queries,
  });
}

/** Another tick of the same digest is at work: nothing is wrong. */
function isBusy(error: unknown): boolean {
  return error instanceof UploadLedgerError && error.code === 'digest-busy';
}

/** The error's text and those of its causes, cut. */
export function toReason(error: unknown): string {
  const texts: string[] = [];
  for (let cause = error; cause !== undefined; cause = cause instanceof Error ? cause.cause : undefined) {
    texts.push(cause instanceof Error ? cause.message : String(cause));
  }
  return texts.join(' ').slice(0, REASON_LENGTH).toWellFormed();
}
