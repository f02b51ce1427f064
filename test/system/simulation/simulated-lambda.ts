import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { SimulatedMessage, SimulatedQueue } from './simulated-sqs.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What happens to one invocation. */
export type InvocationFault = 'killed' | 'does-not-load';

export interface FunctionOptions {
  readonly clock: VirtualClock;
  readonly queue: SimulatedQueue;
  readonly batchSize: number;
  readonly batchWindowMs: number;
  readonly concurrency: number;
  readonly timeoutMs: number;
  /**
   * Runs the code for one batch.
   *
   * @param life Ends with the invocation: what the code does afterwards must have no effect.
   */
  readonly handle: (event: SQSEvent, invocation: Invocation) => Promise<SQSBatchResponse>;
  readonly fault: () => InvocationFault | undefined;
}

export interface Invocation {
  readonly requestId: string;
  readonly remainingMilliseconds: () => number;
  readonly life: Life;
}

/** Whether an invocation may still act. Whatever is called after its end never answers, like a process that is gone. */
export class Life {
  #hasEnded = false;

  end(): void {
    this.#hasEnded = true;
  }

  /** Runs a call to a service for as long as the invocation lives. */
  async call<T>(send: () => Promise<T>): Promise<T> {
    if (this.#hasEnded) return new Promise<never>(() => undefined);
    try {
      return await this.#orNever(await send());
    } catch (error) {
      await this.#orNever(undefined);
      throw error;
    }
  }

  #orNever<T>(value: T): T | Promise<never> {
    return this.#hasEnded ? new Promise<never>(() => undefined) : value;
  }
}

/** Milliseconds between two looks at a queue in which nothing is visible. */
const LONG_POLL_MS = 20 * 60_000;
/** Milliseconds until Lambda says that the code did not load. */
const INIT_ERROR_MS = 1_000;

/** Lambda's poller of an SQS queue, with the function behind it. Source: Lambda developer guide, "Using Lambda with SQS". */
export class SimulatedFunction {
  invocations = 0;
  /** Invocations that were killed, timed out or did not load. */
  failures = 0;
  /** Messages that were reported as failed, or whose invocation failed. */
  returns = 0;
  readonly #options: FunctionOptions;
  readonly #pollers: Promise<void>[];
  #isStopped = false;
  #running = 0;

  constructor(options: FunctionOptions) {
    this.#options = options;
    this.#pollers = Array.from({ length: options.concurrency }, () => this.#poll());
  }

  /** Batches that are being handled. */
  get running(): number {
    return this.#running;
  }

  /** Receives nothing more; resolves when what is being handled has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#pollers);
  }

  async #poll(): Promise<void> {
    const { queue } = this.#options;
    while (!this.#isStopped) {
      await queue.arrival(LONG_POLL_MS);
      const messages = await this.#assemble();
      if (messages.length > 0) await this.#invoke(messages);
    }
  }

  /** Waits from the first message on until the window is over or the batch is full. */
  async #assemble(): Promise<SimulatedMessage[]> {
    const { clock, queue, batchSize, batchWindowMs } = this.#options;
    const messages = queue.receive(batchSize);
    const closesAt = clock.now() + batchWindowMs;
    while (messages.length > 0 && messages.length < batchSize && clock.now() < closesAt) {
      await queue.arrival(closesAt - clock.now());
      messages.push(...queue.receive(batchSize - messages.length));
    }
    return messages;
  }

  async #invoke(messages: readonly SimulatedMessage[]): Promise<void> {
    this.invocations += 1;
    this.#running += 1;
    const failed = await this.#failedOf(messages);
    this.#running -= 1;
    this.returns += failed.size;
    for (const { id, receipt } of messages) if (!failed.has(id)) this.#options.queue.delete(receipt);
  }

  /** Ids of the messages that come back: all of them when the invocation gives no answer. */
  async #failedOf(messages: readonly SimulatedMessage[]): Promise<ReadonlySet<string>> {
    const { clock, timeoutMs, handle, fault: decide } = this.#options;
    const all = new Set(messages.map(({ id }) => id));
    const fault = decide();
    if (fault === 'does-not-load') {
      this.failures += 1;
      await clock.sleep(INIT_ERROR_MS);
      return all;
    }
    const life = new Life();
    const endsAt = clock.now() + timeoutMs;
    const invocation = {
      requestId: `request-${this.invocations}`,
      remainingMilliseconds: () => Math.max(0, endsAt - clock.now()),
      life,
    };
    const killedAfterMs = fault === 'killed' ? clock.random() * 500 : timeoutMs;
    const answer = await new Promise<SQSBatchResponse | undefined>((resolve) => {
      const cancel = clock.after(killedAfterMs, () => resolve(undefined));
      handle({ Records: messages.map(toRecord) }, invocation).then(
        (response) => {
          cancel();
          resolve(response);
        },
        () => resolve(undefined),
      );
    });
    life.end();
    if (answer !== undefined) return new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    this.failures += 1;
    return all;
  }
}

function toRecord({ id, receipt, body, receives, sentAt }: SimulatedMessage): SQSEvent['Records'][number] {
  return {
    messageId: id,
    receiptHandle: receipt,
    body,
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: String(sentAt),
      SenderId: 'AIDAEXAMPLE',
      ApproximateFirstReceiveTimestamp: String(sentAt),
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:111122223333:uploads',
    awsRegion: 'eu-west-1',
  };
}
