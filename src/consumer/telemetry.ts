import { Logger } from '@aws-lambda-powertools/logger';
import type { Context, SQSRecord } from 'aws-lambda';
import type { QuarantineCause } from '../contract/quarantine.ts';
import type { Clock } from '../shared/clock.ts';
import { type BatchOutcome, UNEXPECTED } from './batch-outcome.ts';
import { type MetricDocument, MetricsWriter } from './metrics.ts';

/** Characters of a foreign body, or of an error's text, that a line of the log repeats. */
const MAX_BODY_LENGTH = 200;
const MAX_REASON_LENGTH = 600;
const MAX_STACK_LENGTH = 2_000;

/** What the consumer reports: structured log lines with the request's id, and metrics. Never a whole event. */
export interface Telemetry {
  /** Begins an invocation: the lines that follow carry its id. */
  begin(context: Context): void;
  quarantined(message: SQSRecord, cause: QuarantineCause): void;
  /** One line and one set of metric documents for the batch. Never throws: the batch is done by then. */
  report(outcome: BatchOutcome): void;
  log(level: 'info' | 'warn' | 'error', message: string, facts: Readonly<Record<string, unknown>>): void;
  /** Never throws. */
  writeMetrics(document: MetricDocument): void;
}

/** @param serviceName What lines and metrics call this ledger. */
export function createTelemetry(serviceName: string, clock: Clock): Telemetry {
  const logger = new Logger({ serviceName });
  const metrics = new MetricsWriter(serviceName);
  const orLog = (write: () => void) => {
    try {
      write();
    } catch (error) {
      logger.error('Metrics of this batch were lost', { cause: toErrorText(UNEXPECTED, error) });
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
    texts.push(cause instanceof Error ? cause.message : String(cause));
  }
  return cut(texts.join(' '), MAX_REASON_LENGTH);
}

function cut(text: string, max: number): string {
  return text.slice(0, max).toWellFormed();
}
