import { ChangeMessageVisibilityBatchCommand, type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { LIMITS } from '../contract/limits.ts';
import type { Clock } from '../shared/clock.ts';
import { limitConcurrency } from '../shared/concurrency.ts';
import { SECOND_MS } from '../shared/time.ts';
import type { DeadLetter } from './dead-letter.ts';
import { SYSTEM_ATTRIBUTES, toDeadLetter } from './dead-letter-message.ts';
import type { QueueRef } from './queues.ts';

/** Seconds for which a receive hides messages. After a kill, the next receiver waits at most this long for them. */
const VISIBILITY_SECONDS = 120;

/** SQS lets a queue have 120,000 messages in flight. Source: SQS developer guide, "Message quotas". */
const MAX_HELD = 50_000;

/** Enough for some thousand messages a second. */
const MAX_CALLS_IN_FLIGHT = 8;

export interface ReceiverOptions {
  /** Seconds for which messages are hidden; renewed while the receiver is in use. @default 120 */
  readonly visibilitySeconds?: number;
  /**
   * Seconds to wait for a message before the queue counts as empty, at most 20. Without waiting, SQS asks only some of
   * its servers and may find none. @default 1
   */
  readonly waitSeconds?: number;
  /** @default 50,000 */
  readonly maxHeld?: number;
  /** Ends the messages early. */
  readonly signal?: AbortSignal;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/**
 * Reads the dead-letter queue. SQS shows messages only by receiving them: each one is hidden from everybody else until
 * the receiver is closed, and its receive count grows. The count has no other effect, because the queue has no
 * dead-letter queue of its own.
 *
 * Each message comes once. Messages are streamed; only their receipts are kept.
 */
export class DeadLetterReceiver {
  readonly held: HeldMessages;
  readonly #queue: QueueRef;
  readonly #options: ReceiverOptions;
  readonly #visibilitySeconds: number;
  readonly #unread: DeadLetter[] = [];
  #parallelReceives = 1;
  #isFull = false;

  constructor(queue: QueueRef, options: ReceiverOptions) {
    this.#queue = queue;
    this.#options = options;
    this.#visibilitySeconds = options.visibilitySeconds ?? VISIBILITY_SECONDS;
    this.held = new HeldMessages(queue, this.#visibilitySeconds, options.clock);
  }

  /** Whether it ended because it may hold no more messages: there may be others in the queue. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** What {@link readAhead} received and {@link messages} has not handed out yet. */
  get unread(): readonly DeadLetter[] {
    return this.#unread;
  }

  /** Ends when the queue is empty, the receiver is full or the signal is aborted. Can be called again to go on. */
  async *messages(): AsyncGenerator<DeadLetter> {
    while (!this.#options.signal?.aborted) {
      const message = this.#unread.shift();
      if (message !== undefined) yield message;
      else if (!(await this.readAhead())) return;
    }
  }

  /** Receives once more. No message is passed over. @returns Whether anything came. */
  async readAhead(): Promise<boolean> {
    await this.held.renewDue();
    this.#isFull = this.held.size >= (this.#options.maxHeld ?? MAX_HELD);
    if (this.#isFull) return false;
    const messages = await this.#receiveInParallel();
    for (const message of messages) {
      const { MessageId = '', ReceiptHandle = '' } = message;
      if (this.held.add(MessageId, ReceiptHandle)) this.#unread.push(toDeadLetter(message));
    }
    return messages.length > 0;
  }

  /**
   * Gives back everything that was not deleted.
   *
   * @returns How many messages SQS would not show again: they come back by themselves.
   */
  async close(): Promise<number> {
    this.#unread.length = 0;
    return this.held.giveBack();
  }

  /** Up to 80 messages. Must not be aborted: what SQS has handed out would stay hidden. */
  async #receiveInParallel(): Promise<Message[]> {
    const calls = Array.from({ length: this.#parallelReceives }, () => this.#receive());
    const messages = (await Promise.all(calls)).flat();
    const isBusy = messages.length === calls.length * LIMITS.sqs.batchEntries;
    if (isBusy) this.#parallelReceives = Math.min(MAX_CALLS_IN_FLIGHT, 2 * calls.length);
    else if (messages.length === 0) this.#parallelReceives = 1;
    return messages;
  }

  async #receive(): Promise<Message[]> {
    const { Messages = [] } = await this.#queue.client.send(
      new ReceiveMessageCommand({
        QueueUrl: this.#queue.url,
        MaxNumberOfMessages: LIMITS.sqs.batchEntries,
        VisibilityTimeout: this.#visibilitySeconds,
        WaitTimeSeconds: this.#options.waitSeconds ?? 1,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: [...SYSTEM_ATTRIBUTES],
      }),
    );
    return Messages;
  }
}

/** Reads each message of the queue once, and gives all of them back at the end, also after an error or a `break`. */
export async function* readDeadLetters(
  queue: QueueRef,
  options: ReceiverOptions,
): AsyncGenerator<DeadLetter, { readonly isFull: boolean }> {
  const receiver = new DeadLetterReceiver(queue, options);
  try {
    yield* receiver.messages();
  } finally {
    await receiver.close();
  }
  return { isFull: receiver.isFull };
}

interface HeldMessage {
  /** Of the last receive: earlier ones may no longer count. */
  receipt: string;
  /** By the monotonic clock: when SQS shows the message to others again. */
  hiddenUntil: number;
}

/**
 * The messages that were received and are neither deleted nor given back: hidden from everybody else. Call
 * {@link renewDue} regularly to keep them hidden; after a kill they come back by themselves.
 */
export class HeldMessages {
  readonly #queue: QueueRef;
  readonly #visibilitySeconds: number;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #messages = new Map<string, HeldMessage>();
  #renewAt = Number.POSITIVE_INFINITY;

  constructor(queue: QueueRef, visibilitySeconds: number, clock: Pick<Clock, 'monotonic'>) {
    this.#queue = queue;
    this.#visibilitySeconds = visibilitySeconds;
    this.#clock = clock;
  }

  get size(): number {
    return this.#messages.size;
  }

  /**
   * @returns Whether the message is new. SQS may deliver one twice, and one whose time ran out comes again: then only
   * the new receipt is valid.
   */
  add(id: string, receipt: string): boolean {
    const isNew = !this.#messages.has(id);
    const hiddenUntil = this.#clock.monotonic() + this.#visibilitySeconds * SECOND_MS;
    this.#messages.set(id, { receipt, hiddenUntil });
    this.#renewAt = Math.min(this.#renewAt, hiddenUntil - this.#halfTime);
    return isNew;
  }

  receiptOf(id: string): string | undefined {
    return this.#messages.get(id)?.receipt;
  }

  /** For a message that was deleted. */
  forget(id: string): void {
    this.#messages.delete(id);
  }

  /** Extends the visibility timeout of those whose time is half over. Cheap when there are none. */
  async renewDue(): Promise<void> {
    const now = this.#clock.monotonic();
    if (now < this.#renewAt) return;
    const due = [...this.#messages.values()].filter(({ hiddenUntil }) => hiddenUntil - this.#halfTime <= now);
    await this.#changeVisibility(due, this.#visibilitySeconds);
    for (const message of due) message.hiddenUntil = now + this.#visibilitySeconds * SECOND_MS;
    let earliest = Number.POSITIVE_INFINITY;
    for (const { hiddenUntil } of this.#messages.values()) earliest = Math.min(earliest, hiddenUntil);
    this.#renewAt = earliest - this.#halfTime;
  }

  /** Shows all of them to others again. @returns How many SQS refused: they come back when their time is over. */
  async giveBack(): Promise<number> {
    const all = [...this.#messages.values()];
    this.#messages.clear();
    return this.#changeVisibility(all, 0);
  }

  get #halfTime(): number {
    return (this.#visibilitySeconds * SECOND_MS) / 2;
  }

  /** @returns How many were refused. */
  async #changeVisibility(messages: readonly HeldMessage[], seconds: number): Promise<number> {
    const { client, url } = this.#queue;
    const limited = limitConcurrency(MAX_CALLS_IN_FLIGHT);
    const calls = [];
    for (let start = 0; start < messages.length; start += LIMITS.sqs.batchEntries) {
      const Entries = messages.slice(start, start + LIMITS.sqs.batchEntries).map(({ receipt }, index) => ({
        Id: String(index),
        ReceiptHandle: receipt,
        VisibilityTimeout: seconds,
      }));
      calls.push(limited(() => client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries }))));
    }
    const answers = await Promise.all(calls);
    return answers.reduce((refused, { Failed = [] }) => refused + Failed.length, 0);
  }
}
