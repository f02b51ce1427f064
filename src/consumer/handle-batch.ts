import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Quarantine } from '../dead-letters/quarantine.ts';
import type { RecordSettings } from '../ledger/record.ts';
import type { LedgerWriter, WriterStats } from '../ledger/write/writer.ts';
import type { Unreadable } from '../notification/notification.ts';
import type { UploadSettings } from '../upload/upload.ts';
import { BatchTally, type Failures, type ReceivedTick, type StoredRecord } from './batch-outcome.ts';
import { handleMessage, type MessageTools } from './handle-message.ts';

/** Milliseconds before the end at which messages on their way to quarantine are given up, for metrics and the answer. */
const RESERVE = 500;

export interface BatchTools {
  readonly uploads: UploadSettings;
  readonly records: RecordSettings;
  /** See `MessageTools`. */
  readonly lookUpUploader?: MessageTools['lookUpUploader'];
  /** The writer of this invocation. */
  readonly ledger: LedgerWriter;
  /** Whether the stack sends email: otherwise digest ticks are moved to quarantine. */
  readonly sendsEmail: boolean;
  readonly quarantine: Quarantine;
  /** Told of each message after it was moved to quarantine. */
  readonly onQuarantined: (message: SQSRecord, why: Unreadable) => void;
  /** Milliseconds until the invocation is killed. */
  readonly remainingMilliseconds: () => number;
  /** Epoch milliseconds. */
  readonly now: () => number;
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
  readonly failures: readonly Failures[];
  readonly quarantined: number;
  /** Ids of the messages that were quarantined and of which nothing is recorded. */
  readonly quarantinedMessages: ReadonlySet<string>;
  /** Digest ticks, of which nothing has been done yet. They count as received, and not as failed. */
  readonly ticks: readonly ReceivedTick[];
  readonly testEvents: number;
  readonly eventsIgnored: number;
  readonly writes: WriterStats;
}

/**
 * Records what the messages of one batch tell of, all of them at once, so that their records share calls.
 *
 * It never fails as a whole: whatever happens to one message is that message's.
 */
export async function handleBatch(event: SQSEvent, tools: BatchTools): Promise<BatchOutcome> {
  const tally = new BatchTally(tools.now);
  const outOfTime = AbortSignal.timeout(Math.max(0, tools.remainingMilliseconds() - RESERVE));
  const quarantine = async (message: SQSRecord, why: Unreadable) => {
    await tools.quarantine(message, why, outOfTime);
    tally.quarantinedMessages.add(message.messageId);
    tools.onQuarantined(message, why);
  };
  const { uploads, lookUpUploader, records, ledger, sendsEmail } = tools;
  const onMessage = async (message: SQSRecord) => {
    try {
      await handleMessage(message, { uploads, lookUpUploader, records, ledger, sendsEmail, quarantine, tally });
    } catch (error) {
      tally.addFailure(error);
      // Powertools reads the error's message: anything that is no Error would fail the whole batch.
      throw error instanceof Error ? error : new Error(String(error));
    }
  };
  const processor = new BatchProcessor(EventType.SQS);
  // A batch of which every message failed is answered like any other: throwing would hide which ones were quarantined.
  const response = await processPartialResponse(event, onMessage, processor, { throwOnFullBatchFailure: false });
  return toOutcome(event, response, tally, ledger.stats);
}

function toOutcome(event: SQSEvent, response: SQSBatchResponse, tally: BatchTally, writes: WriterStats): BatchOutcome {
  const { stored, failures, quarantinedMessages, partlyRecorded, ticks, testEvents, eventsIgnored } = tally;
  return {
    response,
    stored,
    received: event.Records.length,
    failed: response.batchItemFailures.length,
    failures,
    quarantined: quarantinedMessages.size,
    quarantinedMessages: quarantinedMessages.difference(partlyRecorded),
    ticks,
    testEvents,
    eventsIgnored,
    writes,
  };
}
