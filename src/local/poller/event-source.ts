import { systemClock } from '../../shared/clock.ts';
import { SECOND_MS } from '../../shared/time.ts';
import type { InvokableFunction } from '../lambda/local-function.ts';
import type { MappingResource } from '../template/resources.ts';
import { BatchAssembler, type HeldMessage } from './batch.ts';
import { Backoff, type BatchReport, invokeWithBatch, orReport } from './invocation.ts';
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
    const received = await orReport(this.#queue.receive(max, waitSeconds), this.#options.onError);
    this.#failedPolls.note(received === undefined);
    await this.#failedPolls.wait(this.#closing.signal);
    return received ?? [];
  }

  async #run(messages: readonly HeldMessage[]): Promise<void> {
    this.counters.batches += 1;
    const startedAt = systemClock.monotonic();
    const { requestId, failed, error } = await invokeWithBatch(this.#options, messages);
    this.#failedBatches.note(error !== undefined);
    const left = messages.filter(({ id }) => failed.has(id));
    const { retryAfterSeconds, onBatch, onError } = this.#options;
    await orReport(this.#queue.delete(messages.filter(({ id }) => !failed.has(id))), onError);
    if (retryAfterSeconds !== undefined) await orReport(this.#queue.retryAfter(left, retryAfterSeconds), onError);
    onBatch?.({
      size: messages.length,
      failures: left.length,
      durationMs: systemClock.monotonic() - startedAt,
      ...(requestId !== undefined && { requestId }),
      ...(error !== undefined && { error }),
    });
  }
}
