import type { SQSEvent } from 'aws-lambda';
import type { BatchOutcome } from '../../src/consumer/handle-batch.ts';
import { handleBatch } from '../../src/consumer/handle-batch.ts';
import type { SendPuts } from '../../src/ledger/write/batch-write.ts';
import { LedgerWriter } from '../../src/ledger/write/writer.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { s3Message } from '../lab/bench/payload/s3-message.ts';

const NEWEST = Date.parse('2026-11-22T10:15:30.123Z');

/** The event of an invocation as S3 and SQS write it. */
export function uploadsEvent(messages: number, newest = NEWEST): SQSEvent {
  return { Records: Array.from({ length: messages }, (_, index) => s3Message(index, newest)) };
}

/** Handles a batch as the consumer does, with any sender. Leftovers do not wait. */
export function record(event: SQSEvent, send: SendPuts): Promise<BatchOutcome> {
  const clock = { ...systemClock, random: () => 0, now: () => NEWEST };
  const bounds = { clock, remainingMilliseconds: () => 30_000 };
  return handleBatch(event, {
    ...bounds,
    uploads: {},
    records: { indexShards: 8, source: 'notification' },
    ledger: new LedgerWriter({ ...bounds, send }),
    quarantine: () => Promise.reject(new Error('Expected nothing to quarantine.')),
    onQuarantined: () => undefined,
  });
}
