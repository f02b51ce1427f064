import { systemClock } from '../../shared/clock.ts';
import { toError } from '../../shared/errors.ts';
import { SECOND_MS } from '../../shared/time.ts';
import type { InvokableFunction } from '../lambda/local-function.ts';
import type { MappingResource } from '../template/resources.ts';
import { Backoff } from './backoff.ts';
import { BatchAssembler, type BatchItemFailures, type HeldMessage, parseBatchResponse, toPayload } from './batch.ts';
import { SourceQueue, type SourceQueueOptions } from './source-queue.ts';

/** Batches at the same time without a maximum concurrency: what Lambda starts with. */
const DEFAULT_CONCURRENCY = 5;
/**
 * Milliseconds of a message's invisibility that stay unused, so that no message is processed while another consumer has
 * it. Less where the visibility timeout is short.
 */
const MAX_MARGIN_MS = 1000;

export interface EventSourceOptions extends SourceQueueOptions {
  readonly mapping: Pick<
    MappingResource,
    'batchSize' | 'batchWindowSeconds' | 'maximumConcurrency' | 'reportsBatchItemFailures'
  >;
  readonly fn: InvokableFunction;
  /**
   * Seconds after which failed messages come again: a convenience of the local stack, because a visibility timeout of
   * minutes is long to wait for. @default what AWS does: failed messages wait for the queue's visibility timeout
   */
  readonly retryAfterSeconds?: number;
  /** Called when a batch is over and its messages are deleted or left. */
  readonly onBatch?: (report: BatchReport) => void;
  /**
   * Called when a call to SQS fails, or the function cannot be invoked at all. Receiving goes on, with growing pauses.
   */
  readonly onError?: (error: Error) => void;
}

export interface BatchReport {
  /** Messages in the batch. */
  readonly size: number;
  /** Of the invocation; absent when it could not begin. */
  readonly requestId?: string;
  /** Messages left in the queue. */
  readonly failures: number;
  /** Why the batch failed as a whole. */
  readonly error?: string;
  /** From the beginning of the invocation until the last deletion. */
  readonly durationMs: number;
}

/**
 * Reads a queue and invokes a function with batches, as a Lambda event source mapping does; starts at once. One reader
 * assembles batches, each while an invocation is free to take it, and up to the maximum concurrency of them run at the
 * same time; an idle queue costs one call a second.
 *
 * Failed messages are left as they are: the queue's visibility timeout brings them back, its redrive policy ends that.
 */
export class EventSource {
  readonly counters = {
    /** Calls of ReceiveMessage. */
    polls: 0,
    batches: 0,
    /** Messages held so long that they were left to whoever receives them next. */
    late: 0,
  };
  readonly #options: EventSourceOptions;
  readonly #queue: SourceQueue;
  readonly #assembler: BatchAssembler;
  readonly #running = new Set<Promise<void>>();
  readonly #failedBatches = new Backoff(systemClock);
  readonly #failedPolls = new Backoff(systemClock);
  readonly #closing = new AbortController();
  readonly #reading: Promise<void>;

  constructor(options: EventSourceOptions) {
    this.#options = options;
    const { mapping, queue } = options;
    this.#queue = new SourceQueue(options);
    this.#assembler = new BatchAssembler({
      batchSize: mapping.batchSize,
      batchWindowSeconds: mapping.batchWindowSeconds,
      receive: (max, waitSeconds) => this.#receive(max, waitSeconds),
      marginMs: Math.min(MAX_MARGIN_MS, (queue.visibilityTimeoutSeconds * SECOND_MS) / 4),
      onLate: (messages) => {
        this.counters.late += messages;
      },
    });
    this.#reading = this.#read();
  }

  /**
   * Receives nothing more, runs what has been received, and waits for it.
   *
   * @param withinSeconds Longest wait. @default 60
   * @returns whether everything was done by then.
   */
  async close(withinSeconds = 60): Promise<boolean> {
    this.#closing.abort();
    this.#assembler.stop();
    const drained = this.#reading.then(() => Promise.all(this.#running)).then(() => true);
    const late = Promise.withResolvers<boolean>();
    const cancel = systemClock.after(withinSeconds * SECOND_MS, () => late.resolve(false));
    return Promise.race([drained, late.promise]).finally(cancel);
  }

  async #read(): Promise<void> {
    const concurrency = this.#options.mapping.maximumConcurrency ?? DEFAULT_CONCURRENCY;
    while (!this.#closing.signal.aborted || this.#assembler.hasOverflow) {
      await this.#failedBatches.wait(this.#closing.signal);
      while (this.#running.size >= concurrency) await Promise.race(this.#running);
      const messages = await this.#assembler.collect();
      if (messages.length === 0) continue;
      const run = this.#run(messages).finally(() => this.#running.delete(run));
      this.#running.add(run);
    }
  }

  async #receive(max: number, waitSeconds: number): Promise<readonly HeldMessage[]> {
    this.counters.polls += 1;
    const received = await this.#orReport(this.#queue.receive(max, waitSeconds));
    this.#failedPolls.note(received === undefined);
    await this.#failedPolls.wait(this.#closing.signal);
    return received ?? [];
  }

  async #run(messages: readonly HeldMessage[]): Promise<void> {
    this.counters.batches += 1;
    const startedAt = systemClock.monotonic();
    const { requestId, failed, error } = await this.#invoke(messages);
    this.#failedBatches.note(error !== undefined);
    const left = messages.filter(({ id }) => failed.has(id));
    await this.#orReport(this.#queue.delete(messages.filter(({ id }) => !failed.has(id))));
    const { retryAfterSeconds } = this.#options;
    if (retryAfterSeconds !== undefined) await this.#orReport(this.#queue.retryAfter(left, retryAfterSeconds));
    this.#options.onBatch?.({
      size: messages.length,
      failures: left.length,
      durationMs: systemClock.monotonic() - startedAt,
      ...(requestId !== undefined && { requestId }),
      ...(error !== undefined && { error }),
    });
  }

  async #invoke(messages: readonly HeldMessage[]): Promise<BatchItemFailures & { readonly requestId?: string }> {
    const ids = new Set(messages.map(({ id }) => id));
    const outcome = await this.#orReport(this.#options.fn.invoke(toPayload(messages)));
    if (outcome === undefined) return { failed: ids, error: 'The function could not be invoked.' };
    const { requestId } = outcome;
    if (outcome.outcome === 'error') {
      return { requestId, failed: ids, error: `${outcome.errorType}: ${outcome.errorMessage}` };
    }
    if (!this.#options.mapping.reportsBatchItemFailures) return { requestId, failed: new Set() };
    return { requestId, ...parseBatchResponse(outcome.payload, ids) };
  }

  /** The result of `work`, or undefined after reporting its failure. */
  async #orReport<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      this.#options.onError?.(toError(error));
      return undefined;
    }
  }
}
