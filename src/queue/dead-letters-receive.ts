import { type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { QueueRef } from './queue-ref.ts';

/** Messages of one receive at most. Source: SQS API reference, ReceiveMessage. */
const MESSAGES_A_RECEIVE = 10;

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
    const wasFull = received.length === this.#atOnce * MESSAGES_A_RECEIVE;
    this.#atOnce = wasFull ? Math.min(MOST_AT_ONCE, this.#atOnce * 2) : received.length > 0 ? this.#atOnce : 1;
    return received;
  }

  async #receive(): Promise<Message[]> {
    const { Messages = [] } = await this.#queue.client.send(
      new ReceiveMessageCommand({
        QueueUrl: this.#queue.url,
        MaxNumberOfMessages: MESSAGES_A_RECEIVE,
        VisibilityTimeout: this.#options.visibilitySeconds,
        WaitTimeSeconds: this.#options.waitSeconds,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
      }),
    );
    return Messages;
  }
}
