import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { MINUTE_MS } from '../../../../src/shared/time.ts';
import { type Invocation, type InvocationFault, invoke } from './invocation.ts';
import { ClientRetries } from './process-life.ts';
import type { SimulatedMessage, SimulatedQueue } from './simulated-sqs.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface FunctionOptions {
  readonly clock: VirtualClock;
  readonly queue: SimulatedQueue;
  /** This and the next two are read for each batch: a deployment can change them. */
  readonly batchSize: number;
  readonly batchWindowMs: number;
  readonly timeoutMs: number;
  readonly concurrency: number;
  /** Runs the code for one batch. */
  readonly handle: (event: SQSEvent, invocation: Invocation) => Promise<SQSBatchResponse>;
  readonly fault: () => InvocationFault | undefined;
}

/** Milliseconds of one look at an empty queue: longer than SQS's, because it makes no difference. */
const LONG_POLL_MS = 20 * MINUTE_MS;

/** Lambda's poller of an SQS queue, with the function behind it. Source: Lambda developer guide, "Using Lambda with SQS". */
export class SimulatedFunction {
  invocations = 0;
  /** Invocations that were killed, timed out, failed or did not load. */
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

  /** Each poller has an execution environment of its own, and a new one when an invocation has not ended by itself. */
  async #poll(): Promise<void> {
    const { clock, queue } = this.#options;
    let retries = new ClientRetries(clock);
    while (!this.#isStopped) {
      const { batchSize: max, batchWindowMs: windowMs } = this.#options;
      const messages = await queue.poll({ max, windowMs, waitMs: LONG_POLL_MS });
      if (messages.length === 0) continue;
      const hasSurvived = await this.#invoke(messages, retries);
      if (!hasSurvived) retries = new ClientRetries(clock);
    }
  }

  /** @returns Whether the environment can be used again. */
  async #invoke(messages: readonly SimulatedMessage[], retries: ClientRetries): Promise<boolean> {
    this.invocations += 1;
    this.#running += 1;
    const answer = await this.#run(messages, retries);
    this.#running -= 1;
    if (answer === undefined) this.failures += 1;
    const returned = returnedBy(answer, messages);
    this.returns += returned.size;
    for (const { id, receipt } of messages) if (!returned.has(id)) this.#options.queue.delete(receipt);
    return answer !== undefined;
  }

  async #run(messages: readonly SimulatedMessage[], retries: ClientRetries): Promise<SQSBatchResponse | undefined> {
    const { clock, timeoutMs, handle, fault } = this.#options;
    const event = { Records: messages.map((message) => this.#toRecord(message)) };
    const requestId = `request-${this.invocations}`;
    return invoke({ clock, requestId, timeoutMs, fault: fault(), retries }, (invocation) => handle(event, invocation));
  }

  #toRecord(message: SimulatedMessage): SQSEvent['Records'][number] {
    const { id, receipt, body, receives, sentAt, firstReceivedAt = sentAt, movedFrom } = message;
    return {
      messageId: id,
      receiptHandle: receipt,
      body,
      attributes: {
        ApproximateReceiveCount: String(receives),
        SentTimestamp: String(sentAt),
        SenderId: 'AIDAEXAMPLE',
        ApproximateFirstReceiveTimestamp: String(firstReceivedAt),
        ...(movedFrom !== undefined && { DeadLetterQueueSourceArn: movedFrom }),
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: this.#options.queue.arn,
      awsRegion: 'eu-west-1',
    };
  }
}

/**
 * Ids of the messages that come back: all of them when there is no answer, or one that Lambda does not understand. Source: Lambda
 * developer guide, "Handling errors for an SQS event source in Lambda".
 */
function returnedBy(answer: SQSBatchResponse | undefined, messages: readonly SimulatedMessage[]): ReadonlySet<string> {
  const all = new Set(messages.map(({ id }) => id));
  if (answer === undefined) return all;
  const failed = new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  return failed.isSubsetOf(all) ? failed : all;
}
