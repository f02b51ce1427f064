import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { LedgerRecord } from '../ledger/record.ts';
import type { DigestTick } from '../notification/digest-tick.ts';
import { UploadLedgerError } from '../shared/errors.ts';
import type { BatchOutcome } from './handle-batch.ts';

/** A record that this batch has stored. */
export interface StoredRecord {
  readonly record: LedgerRecord;
  /** Milliseconds from the event's time to its record being stored. */
  readonly delay: number;
}

/** A digest tick that waits for the records of its batch to be stored. */
export interface ReceivedTick {
  readonly messageId: string;
  readonly tick: DigestTick;
}

/** Messages of a batch that failed for one reason. */
export interface Failures {
  /** `code` of the error, or {@link UNEXPECTED}. */
  readonly code: string;
  readonly messages: number;
  /** The first of the errors. */
  readonly first: unknown;
}

/** Code of failures that nobody foresaw: faults in the program. */
export const UNEXPECTED = 'unexpected';

/** Counts what becomes of the messages of one batch. */
export class BatchTally {
  readonly #now: () => number;
  readonly #failures = new Map<string, { messages: number; readonly first: unknown }>();
  /** Ids of the messages that were moved to quarantine. */
  readonly quarantinedMessages = new Set<string>();
  /** Ids of the messages that belong into quarantine, though some of their event records are in the ledger. */
  readonly partlyRecorded = new Set<string>();
  /** Each record once. */
  readonly stored: StoredRecord[] = [];
  readonly ticks: ReceivedTick[] = [];
  testEvents = 0;
  eventsIgnored = 0;

  /** @param now Epoch milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts a record that is stored now. */
  addStored(record: LedgerRecord): void {
    // A sender's clock may be ahead of ours.
    this.stored.push({ record, delay: Math.max(0, this.#now() - Date.parse(record.timestamp)) });
  }

  addFailure(error: unknown): void {
    const code = error instanceof UploadLedgerError ? error.code : UNEXPECTED;
    const known = this.#failures.get(code);
    if (known === undefined) this.#failures.set(code, { messages: 1, first: error });
    else known.messages += 1;
  }

  get failures(): readonly Failures[] {
    return [...this.#failures].map(([code, { messages, first }]) => ({ code, messages, first }));
  }
}

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
