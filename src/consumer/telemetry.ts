import { Logger } from '@aws-lambda-powertools/logger';
import type { Context, SQSRecord } from 'aws-lambda';
import type { Unreadable } from '../notification/notification.ts';
import { UNEXPECTED } from './batch-outcome.ts';
import type { BatchOutcome } from './handle-batch.ts';
import type { MetricDocument } from './metrics.ts';
import { openMetrics } from './metrics.ts';

/** Most characters of a foreign body, or of an error's text, that a line of the log repeats. */
const BODY_LENGTH = 200;
const STACK_LENGTH = 2_000;

/** What the consumer says of itself: structured lines with the request's id, and metrics. Never a whole event. */
export interface Telemetry {
  /** Begins an invocation: the lines that follow carry its id. */
  begin(context: Context): void;
  quarantined(message: SQSRecord, why: Unreadable): void;
  /** One line and one set of metric documents for the batch. Never throws: the batch is done by then. */
  report(outcome: BatchOutcome, now: number): void;
  /** Writes a line of the log. */
  log(level: 'info' | 'warn' | 'error', message: string, facts: Readonly<Record<string, unknown>>): void;
  /** Never throws. @param now Epoch milliseconds: the time of a document that has none of its own. */
  writeMetrics(document: MetricDocument, now: number): void;
}

/** @param serviceName What lines and metrics call this ledger. */
export function openTelemetry(serviceName: string): Telemetry {
  const logger = new Logger({ serviceName });
  const metrics = openMetrics(serviceName);
  return {
    begin: (context) => logger.addContext(context),
    quarantined: ({ messageId, body }, { reason, detail }) =>
      logger.warn('Message moved to quarantine', { messageId, reason, detail, body: cut(body, BODY_LENGTH) }),
    report: (outcome, now) => {
      logSummary(logger, outcome);
      orLog(logger, () => metrics.writeBatch(outcome, now));
    },
    log: (level, message, facts) => logger[level](message, { ...facts }),
    writeMetrics: (document, now) => orLog(logger, () => metrics.write(document, now)),
  };
}

/** The line of the batch: at WARN when messages come back, at ERROR when the program is at fault. */
function logSummary(logger: Logger, outcome: BatchOutcome): void {
  const { stored, received, failed, quarantined, testEvents, eventsIgnored, writes, failures } = outcome;
  const isFaulty = failures.some(({ code }) => code === UNEXPECTED);
  const level = isFaulty ? 'error' : failed > 0 ? 'warn' : 'info';
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

/** What failed; for a fault of the program, where. */
export function toErrorText(code: string, error: unknown): string {
  if (!(error instanceof Error)) return cut(String(error), BODY_LENGTH);
  return code === UNEXPECTED ? cut(error.stack ?? String(error), STACK_LENGTH) : cut(error.message, BODY_LENGTH);
}

function orLog(logger: Logger, write: () => void): void {
  try {
    write();
  } catch (error) {
    logger.error('Metrics of this batch were lost', { cause: toErrorText(UNEXPECTED, error) });
  }
}

function cut(text: string, most: number): string {
  return text.slice(0, most).toWellFormed();
}
