import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import type { QuarantineCause } from '../contract/quarantine.ts';
import type { Quarantine } from '../dead-letters/quarantine.ts';
import type { Clock } from '../shared/clock.ts';
import { type BatchOutcome, BatchTally } from './batch-outcome.ts';
import { handleMessage, type MessageTools } from './handle-message.ts';

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
  const outOfTime = tools.clock.timeout(tools.remainingMilliseconds() - RESERVE_MS);
  const quarantine = async (message: SQSRecord, cause: QuarantineCause) => {
    await tools.quarantine(message, cause, outOfTime);
    tally.quarantined.add(message.messageId);
    tools.onQuarantined(message, cause);
  };
  const onMessage = async (message: SQSRecord) => {
    try {
      await handleMessage(message, { ...tools, quarantine, tally });
    } catch (error) {
      tally.addFailure(error);
      // Powertools reads the error's message: anything that is no Error would fail the whole batch.
      throw error instanceof Error ? error : new Error(String(error));
    }
  };
  const processor = new BatchProcessor(EventType.SQS);
  // A batch of which every message failed is answered like any other: throwing would hide which ones were quarantined.
  const response = await processPartialResponse(event, onMessage, processor, { throwOnFullBatchFailure: false });
  return tally.toOutcome(event, response, tools.ledger.stats);
}
