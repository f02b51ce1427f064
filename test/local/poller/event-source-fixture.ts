import type { SQSEvent } from 'aws-lambda';
import { onTestFinished, vi } from 'vitest';
import type { InvocationOutcome } from '../../../src/local/lambda/runtime-api.ts';
import type { EventSourceOptions } from '../../../src/local/poller/event-source.ts';
import { EventSource } from '../../../src/local/poller/event-source.ts';
import type { BatchReport } from '../../../src/local/poller/invocation.ts';
import type { QueueFixture, TestQueue } from './queue-fixture.ts';

type Mapping = EventSourceOptions['mapping'];

/** Handles a batch in this process: returns the response, or throws for a failed invocation. */
export type Handle = (event: SQSEvent, invocation: number) => unknown;

export function invokable(handle: Handle) {
  let invocations = 0;
  return {
    invoke: async (payload: string): Promise<InvocationOutcome> => {
      invocations += 1;
      const requestId = `request-${invocations}`;
      try {
        const result = await handle(JSON.parse(payload) as SQSEvent, invocations);
        return { outcome: 'response', requestId, payload: JSON.stringify(result ?? null) };
      } catch (error) {
        return { outcome: 'error', requestId, errorType: 'Error', errorMessage: String(error) };
      }
    },
  };
}

/** An event source over `queue`, closed when the test ends, with the reports of its batches. */
export function readQueue(
  { sqs }: QueueFixture,
  { url, queue }: TestQueue,
  fn: EventSourceOptions['fn'],
  { mapping, ...options }: Partial<Omit<EventSourceOptions, 'mapping'>> & { mapping?: Partial<Mapping> } = {},
): { source: EventSource; reports: BatchReport[]; errors: Error[] } {
  const reports: BatchReport[] = [];
  const errors: Error[] = [];
  const source = new EventSource({
    sqs,
    queue: { ...queue, url },
    region: 'us-east-1',
    mapping: { batchSize: 10, batchWindowSeconds: 0, reportsBatchItemFailures: true, ...mapping },
    fn,
    onBatch: (report) => reports.push(report),
    onError: (error) => errors.push(error),
    ...options,
  });
  // Not waited for: the emulator, which closes next, ends the last poll sooner than that would end by itself.
  onTestFinished(() => void source.close());
  return { source, reports, errors };
}

export const bodies = (count: number) => Array.from({ length: count }, (_, index) => `body ${index}`);
export const failing = (ids: string[]) => ({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });
export const until = (condition: () => boolean | Promise<boolean>) =>
  vi.waitUntil(condition, { timeout: 30_000, interval: 10 });

export async function isEmpty(queue: TestQueue): Promise<boolean> {
  const { ready, inflight } = await queue.content();
  return ready.length + inflight.length === 0;
}
