import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { QuarantineCause } from '../contract/quarantine.ts';
import type { Quarantine } from '../dead-letters/quarantine.ts';
import type { ReceivedAlert } from '../digest/alerts/alert-rules.ts';
import type { LedgerRecord } from '../ledger/record.ts';
import type { WriterStats } from '../ledger/write/writer.ts';
import type { Clock } from '../shared/clock.ts';
import { errorText, toError, UploadLedgerError } from '../shared/errors.ts';
import {
  handleMessage,
  type MessageTally,
  type MessageTools,
  type ReceivedHeldBack,
  type ReceivedTick,
} from './handle-message.ts';

/** Milliseconds before the end at which copies on their way to quarantine are given up, for metrics and the answer. */
const RESERVE_MS = 500;

export interface BatchTools extends Omit<MessageTools, 'quarantine' | 'tally'> {
  readonly quarantine: Quarantine;
  /** Called after a message was quarantined. */
  readonly onQuarantined: (message: SQSRecord, cause: QuarantineCause) => void;
  /** Milliseconds until the invocation is killed. */
  readonly remainingMilliseconds: () => number;
  readonly clock: Clock;
}

/**
 * Handles the messages of one batch, all of them at once, so that their records share calls to DynamoDB.
 *
 * It never fails as a whole: what goes wrong with one message fails that message alone.
 */
export async function handleBatch(event: SQSEvent, tools: BatchTools): Promise<BatchOutcome> {
  const tally = new BatchTally(tools.clock);
  const quarantine = async (message: SQSRecord, cause: QuarantineCause) => {
    const outOfTime = tools.clock.timeout(tools.remainingMilliseconds() - RESERVE_MS);
    await tools.quarantine(message, cause, outOfTime);
    tally.quarantined.add(message.messageId);
    tools.onQuarantined(message, cause);
  };
  const messageTools = { ...tools, quarantine, tally };
  const onMessage = async (message: SQSRecord) => {
    try {
      await handleMessage(message, messageTools);
    } catch (error) {
      tally.addFailure(error);
      // Powertools reads the error's message: anything that is no Error would fail the whole batch.
      throw toError(error);
    }
  };
  const processor = new BatchProcessor(EventType.SQS);
  // A batch of which every message failed is answered like any other: throwing would hide which ones were quarantined.
  const response = await processPartialResponse(event, onMessage, processor, { throwOnFullBatchFailure: false });
  return tally.toOutcome(event, response, tools.ledger.stats);
}

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
  readonly quarantinedWithoutRecords: ReadonlySet<string>;
  /** Digest ticks, of which nothing has been done yet. They count as received, and not as failed. */
  readonly ticks: readonly ReceivedTick[];
  /** Alerts that waited in the queue. As with ticks. */
  readonly alerts: readonly ReceivedAlert[];
  /** Minutes whose alerts were held back. As with ticks. */
  readonly heldBack: readonly ReceivedHeldBack[];
  readonly testEvents: number;
  readonly eventsIgnored: number;
  readonly writes: WriterStats;
  /**
   * When the oldest message was sent that comes back or was received before: epoch milliseconds. Absent: there is none.
   */
  readonly oldestRetriedSentAt?: number;
}

export interface StoredRecord {
  readonly record: LedgerRecord;
  /** Milliseconds from the event's time to its record being stored. */
  readonly delay: number;
}

/** Messages of a batch that failed for the same reason. */
interface FailureGroup {
  /** `code` of the error, or {@link UNEXPECTED}. */
  readonly code: string;
  readonly messages: number;
  /** The first of the errors. */
  readonly first: unknown;
}

/** Code of failures that nobody foresaw: bugs in this program. */
export const UNEXPECTED = 'unexpected';

/** Counts what becomes of the messages of one batch. */
class BatchTally implements MessageTally {
  readonly #clock: Clock;
  readonly #failures = new Map<string, { messages: number; readonly first: unknown }>();
  readonly #stored: StoredRecord[] = [];
  /** Ids of the messages that were moved to quarantine. */
  readonly quarantined = new Set<string>();
  readonly partlyRecorded = new Set<string>();
  readonly ticks: ReceivedTick[] = [];
  readonly alerts: ReceivedAlert[] = [];
  readonly heldBack: ReceivedHeldBack[] = [];
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
      quarantinedWithoutRecords: this.quarantined.difference(this.partlyRecorded),
      ticks: this.ticks,
      alerts: this.alerts,
      heldBack: this.heldBack,
      testEvents: this.testEvents,
      eventsIgnored: this.eventsIgnored,
      writes,
      ...oldestRetried(event, response, this.alerts),
    };
  }
}

/**
 * Also of messages that are stored now: while a backlog is drained, it has still waited. Not of alerts, which wait for
 * SES, and have a metric of their own.
 */
function oldestRetried(
  event: SQSEvent,
  { batchItemFailures }: SQSBatchResponse,
  alerts: readonly ReceivedAlert[],
): { oldestRetriedSentAt?: number } {
  const ofAlerts = new Set(alerts.map(({ messageId }) => messageId));
  const comingBack = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  let oldest = Number.POSITIVE_INFINITY;
  for (const { messageId, attributes } of event.Records) {
    const isRetried = attributes.ApproximateReceiveCount !== '1' || comingBack.has(messageId);
    if (isRetried && !ofAlerts.has(messageId) && Number(attributes.SentTimestamp) < oldest)
      oldest = Number(attributes.SentTimestamp);
  }
  return Number.isFinite(oldest) ? { oldestRetriedSentAt: oldest } : {};
}

/** The summary of a batch could not be stored: its messages must come back, or a digest would undercount. */
class SummaryNotStoredError extends UploadLedgerError {
  override readonly name = 'SummaryNotStoredError';

  constructor(cause: unknown) {
    const advice = 'The batch is tried again, which changes no stored record.';
    super(
      'summary-not-stored',
      `Expected the table to take the summary of the batch and the events of its alerts; got ${errorText(cause)}. ${advice}`,
      {
        cause,
      },
    );
  }
}

/**
 * The outcome of a batch whose records are stored and whose summary is not: every message comes back, except those
 * wholly in quarantine, which would be quarantined twice, and those that are still to be handled: ticks, alerts and
 * minutes whose alerts were held back. Nothing counts as stored, because all of it will be stored again.
 */
export function toOutcomeWithoutSummary(event: SQSEvent, outcome: BatchOutcome, cause: unknown): BatchOutcome {
  const later = [...outcome.ticks, ...outcome.alerts, ...outcome.heldBack].map(({ messageId }) => messageId);
  const done = new Set([...outcome.quarantinedWithoutRecords, ...later]);
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
    ...oldestRetried(event, { batchItemFailures }, outcome.alerts),
  };
}
