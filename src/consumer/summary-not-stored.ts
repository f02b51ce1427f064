import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { UploadLedgerError } from '../contract/errors.ts';
import type { BatchOutcome } from './handle-batch.ts';

/** The summary of a batch could not be stored: its messages must come back, or a digest would undercount. */
export class SummaryNotStoredError extends UploadLedgerError {
  override readonly name = 'SummaryNotStoredError';

  constructor(cause: unknown) {
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    const advice = 'The batch comes back and is recorded again, which changes no record.';
    super('summary-not-stored', `Expected the table to take the summary of the batch; got ${why}. ${advice}`, {
      cause,
    });
  }
}

/**
 * The outcome of a batch whose records are stored and whose summary is not: every message comes back, but for those wholly in quarantine,
 * which would be quarantined twice, and the ticks, whose time is still to come. Nothing counts as stored, because all of it will be again.
 */
export function toUnsummarised(event: SQSEvent, outcome: BatchOutcome, cause: unknown): BatchOutcome {
  const done = new Set([...outcome.quarantinedMessages, ...outcome.ticks.map(({ messageId }) => messageId)]);
  const messages = event.Records.filter(({ messageId }) => !done.has(messageId));
  const response: SQSBatchResponse = {
    batchItemFailures: messages.map(({ messageId }) => ({ itemIdentifier: messageId })),
  };
  const first = new SummaryNotStoredError(cause);
  const failure = { code: first.code, messages: messages.length - outcome.failed, first };
  return { ...outcome, response, stored: [], failed: messages.length, failures: [...outcome.failures, failure] };
}
