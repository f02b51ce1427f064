import { BATCH_METRICS, EMAIL_METRICS } from '../contract/metrics.ts';
import type { ClosedBatch, SentAlerts } from '../digest/alerts/alerts.ts';
import type { TickOutcome } from '../digest/window/handle-tick.ts';
import { UploadLedgerError } from '../shared/errors.ts';
import type { ReceivedTick } from './batch-outcome.ts';
import type { MetricDocument } from './metrics.ts';
import { type Telemetry, toReason } from './telemetry.ts';

/** What became of the emails of one invocation. */
export interface EmailReport extends Pick<ClosedBatch, 'heldBack' | 'claimError'>, SentAlerts {
  readonly ticks: readonly TickReport[];
}

/** What became of a tick's message. */
export type TickReport = ReceivedTick & ({ readonly outcome: TickOutcome } | { readonly error: unknown });

/** A line for each digest that was due, one for the alerts, and the metrics. Nothing when there was nothing to send. */
export function reportEmails(report: EmailReport, telemetry: Pick<Telemetry, 'log' | 'writeMetrics'>): void {
  logAlerts(report, telemetry);
  for (const tick of report.ticks) logTick(tick, telemetry);
  const document = toEmailDocument(report);
  if (document.metrics.length > 0) telemetry.writeMetrics(document);
}

/** Only metrics that have something to count: each has a price, and not every stack has alerts. */
function toEmailDocument({ sent, failed, heldBack, ticks }: EmailReport): MetricDocument {
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
    const { digest, queries } = report.outcome;
    const { since, until, batches, summary } = digest;
    const { uploads, deletes, restores } = summary;
    log('info', 'Digest sent', { ...facts, since, until, ...uploads, deletes, restores, batches, queries });
  } else {
    log('info', 'No digest to send', { ...facts, ...report.outcome });
  }
}

/** Another tick of the same digest is at work: nothing is wrong. */
function isBusy(error: unknown): boolean {
  return error instanceof UploadLedgerError && error.code === 'digest-busy';
}
