import { BatchAssembler } from './event-source-assembler.ts';
import { type HeldMessage, toPayload } from './event-source-batch.ts';
import type { EventSourceOptions } from './event-source-options.ts';
import { Pause } from './event-source-pause.ts';
import { SourceQueue } from './event-source-queue.ts';
import { judgeResponse, type Verdict } from './event-source-response.ts';

/** Batches at the same time without a maximum concurrency: what Lambda starts with. */
const DEFAULT_CONCURRENCY = 5;
/** Most of a message's last second of invisibility that is left unused, so that none is processed while another has it. */
const MARGIN_MS = 1000;

export interface EventSourceCounters {
  /** Calls of ReceiveMessage. */
  polls: number;
  batches: number;
  /** Messages held so long that they were left to whoever receives them next. */
  late: number;
}

/** Reads a queue and invokes a function with batches, as a Lambda event source mapping does. */
export function startEventSource(options: EventSourceOptions): EventSource {
  return new EventSource(options);
}

/**
 * A running event source. One reader assembles batches, each while an invocation is free to take it, and up to the
 * maximum concurrency of them run at the same time; an idle queue costs one call a second.
 *
 * Failed messages are left as they are: the queue's visibility timeout brings them back, its redrive policy ends that.
 */
export class EventSource {
  readonly counters: EventSourceCounters = { polls: 0, batches: 0, late: 0 };
  readonly #options: EventSourceOptions;
  readonly #queue: SourceQueue;
  readonly #assembler: BatchAssembler;
  readonly #running = new Set<Promise<void>>();
  readonly #afterFaults = new Pause();
  readonly #afterFailedPolls = new Pause();
  readonly #reading: Promise<void>;
  #isClosing = false;

  constructor(options: EventSourceOptions) {
    this.#options = options;
    const { sqs, queueUrl, region, mapping } = options;
    const { arn: queueArn, visibilityTimeoutSeconds } = options.queue;
    this.#queue = new SourceQueue({ sqs, queueUrl, queueArn, region, visibilityTimeoutSeconds });
    this.#assembler = new BatchAssembler({
      batchSize: mapping.batchSize,
      batchWindowSeconds: mapping.batchWindowSeconds,
      receive: (most, waitSeconds) => this.#receive(most, waitSeconds),
      marginMs: Math.min(MARGIN_MS, visibilityTimeoutSeconds * 250),
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
    this.#isClosing = true;
    this.#assembler.stop();
    this.#afterFaults.end();
    this.#afterFailedPolls.end();
    const drained = this.#reading.then(() => Promise.all(this.#running)).then(() => true);
    const late = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => late.resolve(false), withinSeconds * 1000);
    return Promise.race([drained, late.promise]).finally(() => clearTimeout(timer));
  }

  async #read(): Promise<void> {
    const concurrency = this.#options.mapping.maximumConcurrency ?? DEFAULT_CONCURRENCY;
    while (!this.#isClosing || this.#assembler.hasOverflow) {
      await this.#afterFaults.wait();
      while (this.#running.size >= concurrency) await Promise.race(this.#running);
      const messages = await this.#assembler.collect();
      if (messages.length > 0) this.#start(messages);
    }
  }

  #start(messages: readonly HeldMessage[]): void {
    this.counters.batches += 1;
    const run = this.#run(messages).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  async #receive(most: number, waitSeconds: number): Promise<readonly HeldMessage[]> {
    this.counters.polls += 1;
    const received = await this.#orReport(this.#queue.receive(most, waitSeconds));
    if (received !== undefined) {
      this.#afterFailedPolls.reset();
      return received;
    }
    this.#afterFailedPolls.grow();
    await this.#afterFailedPolls.wait();
    return [];
  }

  async #run(messages: readonly HeldMessage[]): Promise<void> {
    const startedAt = performance.now();
    const { requestId, failed, fault } = await this.#invoke(messages);
    if (fault === undefined) this.#afterFaults.reset();
    else this.#afterFaults.grow();
    const left = messages.filter(({ id }) => failed.has(id));
    await this.#orReport(this.#queue.delete(messages.filter(({ id }) => !failed.has(id))));
    const { retryAfterSeconds } = this.#options;
    if (retryAfterSeconds !== undefined) await this.#orReport(this.#queue.retryAfter(left, retryAfterSeconds));
    this.#options.onBatch?.({
      size: messages.length,
      failures: left.length,
      durationMs: performance.now() - startedAt,
      ...(requestId !== undefined && { requestId }),
      ...(fault !== undefined && { fault }),
    });
  }

  async #invoke(messages: readonly HeldMessage[]): Promise<Verdict & { readonly requestId?: string }> {
    const ids = new Set(messages.map(({ id }) => id));
    const outcome = await this.#orReport(this.#options.fn.invoke(toPayload(messages)));
    if (outcome === undefined) return { failed: ids, fault: 'The function could not be invoked.' };
    const { requestId } = outcome;
    if (outcome.outcome === 'error') {
      return { requestId, failed: ids, fault: `${outcome.errorType}: ${outcome.errorMessage}` };
    }
    if (!this.#options.mapping.reportBatchItemFailures) return { requestId, failed: new Set() };
    return { requestId, ...judgeResponse(outcome.payload, ids) };
  }

  /** What `work` gives, or undefined after telling its failure. */
  async #orReport<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      this.#options.onError?.(error instanceof Error ? error : new Error(String(error)));
      return undefined;
    }
  }
}
