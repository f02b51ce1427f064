import { ChangeMessageVisibilityBatchCommand, type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { LIMITS } from '../contract/limits.ts';
import { limitConcurrency } from '../shared/concurrency.ts';
import { type DeadLetter, toDeadLetter } from './dead-letter.ts';
import type { QueueRef } from './queues.ts';

/** Seconds for which a look hides what it has seen, unless it is ended: so long a killed look hides messages from the next. */
const VISIBILITY_SECONDS = 120;

/** Messages that one look holds at most. SQS lets a queue have 120,000 in flight (SQS developer guide, "Message quotas"). */
export const MOST_HELD = 50_000;

export interface LookOptions {
  /** Seconds for which messages are hidden; renewed while the look goes on. Default 120. */
  readonly visibilitySeconds?: number;
  /** Seconds to wait for a message before the queue counts as empty, 0 to 20. Default 1. */
  readonly waitSeconds?: number;
  /** Messages held at most. Default {@link MOST_HELD}. */
  readonly most?: number;
  /** Ends the look early. */
  readonly signal?: AbortSignal;
  /** Milliseconds. */
  readonly now: () => number;
}

/**
 * A look at the dead-letter queue. SQS has no other way of looking than to receive: each message is hidden from everybody else until the
 * look is closed, and its count of receives grows (which does nothing else: the queue has no dead-letter queue of its own).
 *
 * Each message comes once. Messages stream; only their receipts are held.
 */
export class DeadLettersLook {
  readonly #receive: DeadLettersReceive;
  readonly #options: LookOptions;
  readonly #waiting: DeadLetter[] = [];
  readonly held: DeadLettersHeld;
  #isFull = false;

  constructor(queue: QueueRef, options: LookOptions) {
    const { visibilitySeconds = VISIBILITY_SECONDS, waitSeconds = 1, now } = options;
    this.#options = options;
    this.held = new DeadLettersHeld(queue, { visibilitySeconds, now });
    this.#receive = new DeadLettersReceive(queue, { visibilitySeconds, waitSeconds });
  }

  /** Whether the look ended because it may hold no more messages: there may be others in the queue. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** The messages, until the queue has no more to give, the look is full or the signal says stop. May be called again to go on. */
  async *letters(): AsyncGenerator<DeadLetter> {
    while (!this.#options.signal?.aborted) {
      const letter = this.#waiting.shift();
      if (letter !== undefined) yield letter;
      else if (!(await this.readAhead())) return;
    }
  }

  /**
   * Receives once more, for whoever wants to know what has come: see {@link peek}. No message is passed over.
   *
   * @returns Whether anything came.
   */
  async readAhead(): Promise<boolean> {
    await this.held.renewDue();
    this.#isFull = this.held.size >= (this.#options.most ?? MOST_HELD);
    if (this.#isFull) return false;
    const messages = await this.#receive.next();
    for (const message of messages) {
      const { MessageId = '', ReceiptHandle = '' } = message;
      if (this.held.add(MessageId, ReceiptHandle)) this.#waiting.push(toDeadLetter(message));
    }
    return messages.length > 0;
  }

  /** What was received and not yet handed out. */
  get peek(): readonly DeadLetter[] {
    return this.#waiting;
  }

  /**
   * Gives everything back that was not deleted.
   *
   * @returns How many messages SQS would not show again: they come back by themselves.
   */
  async close(): Promise<number> {
    this.#waiting.length = 0;
    return this.held.giveBack();
  }
}

/** Looks at each message of the queue once, and gives all of them back at the end, however that comes. */
export async function* lookAtDeadLetters(
  queue: QueueRef,
  options: LookOptions,
): AsyncGenerator<DeadLetter, { readonly isFull: boolean }> {
  const look = new DeadLettersLook(queue, options);
  try {
    yield* look.letters();
  } finally {
    await look.close();
  }
  return { isFull: look.isFull };
}

/** Receives at once at most: enough for some thousand messages a second. */
const MOST_AT_ONCE = 8;

export interface ReceiveOptions {
  /** Seconds for which what is received is hidden from all others. */
  readonly visibilitySeconds: number;
  /** Seconds that a receive waits for a message, 1 to 20. Without waiting, SQS asks only some of its servers and may find none. */
  readonly waitSeconds: number;
}

/** Receives messages of a queue, more of them at once while there are many. */
export class DeadLettersReceive {
  readonly #queue: QueueRef;
  readonly #options: ReceiveOptions;
  #atOnce = 1;

  constructor(queue: QueueRef, options: ReceiveOptions) {
    this.#queue = queue;
    this.#options = options;
  }

  /** The next messages, up to 80; none when the queue has none to give. Must not be cut off: what SQS has handed out stays hidden. */
  async next(): Promise<Message[]> {
    const received = (await Promise.all(Array.from({ length: this.#atOnce }, () => this.#receive()))).flat();
    const wasFull = received.length === this.#atOnce * LIMITS.sqs.batchEntries;
    this.#atOnce = wasFull ? Math.min(MOST_AT_ONCE, this.#atOnce * 2) : received.length > 0 ? this.#atOnce : 1;
    return received;
  }

  async #receive(): Promise<Message[]> {
    const { Messages = [] } = await this.#queue.client.send(
      new ReceiveMessageCommand({
        QueueUrl: this.#queue.url,
        MaxNumberOfMessages: LIMITS.sqs.batchEntries,
        VisibilityTimeout: this.#options.visibilitySeconds,
        WaitTimeSeconds: this.#options.waitSeconds,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
      }),
    );
    return Messages;
  }
}

const CALLS_IN_FLIGHT = 8;

interface Held {
  /** Of the last receive: earlier ones may no longer count. */
  receipt: string;
  /** Milliseconds: when SQS shows the message to others again. */
  hiddenUntil: number;
}

export interface HeldOptions {
  /** Seconds for which a receive hides a message. */
  readonly visibilitySeconds: number;
  /** Milliseconds. */
  readonly now: () => number;
}

/**
 * The messages that were received and are neither deleted nor given back: hidden from everybody else until then. Whoever holds them calls
 * {@link renewDue} now and then, so that they stay hidden however long it takes; when the program is killed they come back by themselves.
 */
export class DeadLettersHeld {
  readonly #queue: QueueRef;
  readonly #options: HeldOptions;
  readonly #held = new Map<string, Held>();
  #renewAt = Number.POSITIVE_INFINITY;

  constructor(queue: QueueRef, options: HeldOptions) {
    this.#queue = queue;
    this.#options = options;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Whether the message is new. SQS may deliver one twice, and one whose time ran out comes again: then its new receipt is what counts. */
  add(id: string, receipt: string): boolean {
    const hiddenUntil = this.#options.now() + this.#milliseconds;
    const known = this.#held.get(id);
    this.#renewAt = Math.min(this.#renewAt, hiddenUntil - this.#milliseconds / 2);
    this.#held.set(id, { receipt, hiddenUntil });
    return known === undefined;
  }

  receiptOf(id: string): string | undefined {
    return this.#held.get(id)?.receipt;
  }

  /** The message was deleted. */
  forget(id: string): void {
    this.#held.delete(id);
  }

  /** Hides those for longer whose time is half over. Cheap to call when there are none. */
  async renewDue(): Promise<void> {
    const present = this.#options.now();
    if (present < this.#renewAt) return;
    const half = this.#milliseconds / 2;
    const due = [...this.#held.values()].filter(({ hiddenUntil }) => hiddenUntil - half <= present);
    await this.#changeVisibility(due, this.#options.visibilitySeconds);
    for (const one of due) one.hiddenUntil = present + this.#milliseconds;
    const earliest = [...this.#held.values()].reduce(
      (least, { hiddenUntil }) => Math.min(least, hiddenUntil),
      Infinity,
    );
    this.#renewAt = earliest - half;
  }

  /**
   * Shows all of them to others again, at once.
   *
   * @returns How many SQS would not show: they come back when their time is over.
   */
  async giveBack(): Promise<number> {
    const all = [...this.#held.values()];
    this.#held.clear();
    return this.#changeVisibility(all, 0);
  }

  /** @returns How many were refused. */
  async #changeVisibility(messages: readonly Held[], seconds: number): Promise<number> {
    const { client, url } = this.#queue;
    const limited = limitConcurrency(CALLS_IN_FLIGHT);
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

  get #milliseconds(): number {
    return this.#options.visibilitySeconds * 1000;
  }
}
