import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { InvokableFunction } from '../lambda/local-function.ts';
import { BatchAssembler, type HeldMessage, judgeResponse, toPayload, type Verdict } from './batch.ts';
import { SourceQueue } from './source-queue.ts';

export interface EventSourceOptions {
  /** With `useQueueUrlAsEndpoint: false` where queue URLs name a host that does not resolve. */
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly queue: { readonly arn: string; readonly visibilityTimeoutSeconds: number };
  readonly region: string;
  readonly mapping: {
    readonly batchSize: number;
    /** 0: a batch is what one receive gives. */
    readonly batchWindowSeconds: number;
    /** @default 5 */
    readonly maximumConcurrency?: number;
    /** Without it the response is ignored: the batch succeeds as a whole unless the invocation fails. */
    readonly reportBatchItemFailures: boolean;
  };
  readonly fn: InvokableFunction;
  /**
   * Seconds after which failed messages come again: a convenience of the local stack, because a visibility timeout of
   * minutes is long to wait for. @default what AWS does: failed messages wait for the queue's visibility timeout
   */
  readonly retryAfterSeconds?: number;
  /** Called when a batch is over and its messages are deleted or left. */
  readonly onBatch?: (report: BatchReport) => void;
  /** Called when a call to SQS fails, or the function cannot be invoked at all. Receiving goes on, with growing pauses. */
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
  readonly fault?: string;
  /** From the beginning of the invocation until the last deletion. */
  readonly durationMs: number;
}

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

const SHORTEST_MS = 100;
const LONGEST_MS = 5000;

/** A pause after each failure, twice as long as the one before until something succeeds. */
export class Pause {
  readonly #end = new AbortController();
  #ms = 0;
  #isDue = false;

  /** Notes a failure. */
  grow(): void {
    this.#ms = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, this.#ms * 2));
    this.#isDue = true;
  }

  /** Notes a success. */
  reset(): void {
    this.#ms = 0;
    this.#isDue = false;
  }

  /** Ends the current pause and makes every later one empty. */
  end(): void {
    this.#end.abort();
  }

  /** Waits once for the failures noted since the last wait. */
  async wait(): Promise<void> {
    if (!this.#isDue || this.#end.signal.aborted) return;
    this.#isDue = false;
    // It rejects when end() is called, and never for another reason.
    await sleep(this.#ms, undefined, { signal: this.#end.signal }).catch(() => undefined);
  }
}
