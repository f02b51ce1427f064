import { type DeadLetter, toDeadLetter } from './dead-letter.ts';
import { DeadLettersHeld } from './dead-letters-held.ts';
import { DeadLettersReceive } from './dead-letters-receive.ts';
import type { QueueRef } from './queue-ref.ts';

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
