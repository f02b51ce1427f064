import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { LedgerRecord } from '../ledger/record.ts';
import type { WriterStats } from '../ledger/write/writer.ts';
import type { DigestTick } from '../notification/digest-tick.ts';
import type { Clock } from '../shared/clock.ts';
import { UploadLedgerError } from '../shared/errors.ts';

/** What became of a batch. */
export interface BatchOutcome {
  /** Names the messages that must come back. */
  readonly response: SQSBatchResponse;
  /** Each record once. */
  readonly stored: readonly StoredRecord[];
  /** Messages. */
  readonly received: number;
  readonly failed: number;
  readonly failures: readonly FailureGroup[];
  readonly quarantined: number;
  /** Ids of the messages that were quarantined and of which nothing is recorded. */
  readonly quarantinedMessages: ReadonlySet<string>;
  /** Digest ticks, of which nothing has been done yet. They count as received, and not as failed. */
  readonly ticks: readonly ReceivedTick[];
  readonly testEvents: number;
  readonly eventsIgnored: number;
  readonly writes: WriterStats;
}

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

/** Messages of a batch that failed for the same reason. */
export interface FailureGroup {
  /** `code` of the error, or {@link UNEXPECTED}. */
  readonly code: string;
  readonly messages: number;
  /** The first of the errors. */
  readonly first: unknown;
}

/** Code of failures that nobody foresaw: bugs in this program. */
export const UNEXPECTED = 'unexpected';

/** Counts what becomes of the messages of one batch, while they are handled. */
export class BatchTally {
  readonly #clock: Clock;
  readonly #failures = new Map<string, { messages: number; readonly first: unknown }>();
  readonly #stored: StoredRecord[] = [];
  /** Ids of the messages that were moved to quarantine. */
  readonly quarantined = new Set<string>();
  /** Ids of the messages that go to quarantine although some of their event records are in the ledger. */
  readonly partlyRecorded = new Set<string>();
  readonly ticks: ReceivedTick[] = [];
  testEvents = 0;
  eventsIgnored = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  addStored(record: LedgerRecord): void {
    // A sender's clock may be ahead of ours.
    this.#stored.push({ record, delay: Math.max(0, this.#clock.now() - Date.parse(record.timestamp)) });
  }

  addFailure(error: unknown): void {
    const code = error instanceof UploadLedgerError ? error.code : UNEXPECTED;
    const known = this.#failures.get(code);
    if (known === undefined) this.#failures.set(code, { messages: 1, first: error });
    else known.messages += 1;
  }

  toOutcome(event: SQSEvent, response: SQSBatchResponse, writes: WriterStats): BatchOutcome {
    return {
      response,
      stored: this.#stored,
      received: event.Records.length,
      failed: response.batchItemFailures.length,
      failures: [...this.#failures].map(([code, { messages, first }]) => ({ code, messages, first })),
      quarantined: this.quarantined.size,
      quarantinedMessages: this.quarantined.difference(this.partlyRecorded),
      ticks: this.ticks,
      testEvents: this.testEvents,
      eventsIgnored: this.eventsIgnored,
      writes,
    };
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
 * The outcome of a batch whose records are stored and whose summary is not: every message comes back, except those
 * wholly in quarantine, which would be quarantined twice, and the ticks, which are still to run. Nothing counts as
 * stored, because all of it will be stored again.
 */
export function toOutcomeWithoutSummary(event: SQSEvent, outcome: BatchOutcome, cause: unknown): BatchOutcome {
  const done = new Set([...outcome.quarantinedMessages, ...outcome.ticks.map(({ messageId }) => messageId)]);
  const messages = event.Records.filter(({ messageId }) => !done.has(messageId));
  const batchItemFailures = messages.map(({ messageId }) => ({ itemIdentifier: messageId }));
  const first = new SummaryNotStoredError(cause);
  const failure = { code: first.code, messages: messages.length - outcome.failed, first };
  return {
    ...outcome,
    response: { batchItemFailures },
    stored: [],
    failed: messages.length,
    failures: [...outcome.failures, failure],
  };
}
