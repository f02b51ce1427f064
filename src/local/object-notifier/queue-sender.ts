import { setTimeout as pause } from 'node:timers/promises';
import { UploadLedgerError } from '../../shared/errors.ts';
import { type QueueMessage, SEND_BATCH } from '../service-server/queue-access.ts';

/** Sends up to ten messages to a queue; rejects when any of them was not taken. */
export type SendMessages = (queueUrl: string, messages: readonly QueueMessage[]) => Promise<void>;

/** Calls under way at once. */
const CALLS = 4;
const ATTEMPTS = 5;
/** Milliseconds before the second attempt; each further pause is twice as long. */
const FIRST_PAUSE = 50;

/** Sends messages to one queue, in full batches when there are many, without making anybody wait. */
export class QueueSender {
  readonly #queueUrl: string;
  readonly #send: SendMessages;
  #waiting: QueueMessage[] = [];
  #calls = 0;
  #isWoken = false;
  #failure: unknown;
  #idle: Array<() => void> = [];

  constructor(queueUrl: string, send: SendMessages) {
    this.#queueUrl = queueUrl;
    this.#send = send;
  }

  /** Takes messages to be sent soon. */
  push(...messages: QueueMessage[]): void {
    this.#waiting.push(...messages);
    if (this.#isWoken) return;
    this.#isWoken = true;
    // What else arrives in this turn of the event loop shares the batch.
    setImmediate(() => {
      this.#isWoken = false;
      this.#pump();
    });
  }

  /**
   * Resolves when nothing waits to be sent.
   *
   * @throws UploadLedgerError `notification-lost` when messages could not be sent since the last call.
   */
  async idle(): Promise<void> {
    if (this.#waiting.length > 0 || this.#calls > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure === undefined) return;
    throw new UploadLedgerError('notification-lost', `Notifications could not be sent to ${this.#queueUrl}.`, {
      cause: failure,
    });
  }

  #pump(): void {
    while (this.#waiting.length > 0 && this.#calls < CALLS) {
      const batch = this.#waiting.splice(0, SEND_BATCH);
      this.#calls += 1;
      void this.#deliver(batch).then(() => {
        this.#calls -= 1;
        this.#pump();
      });
    }
    if (this.#waiting.length > 0 || this.#calls > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Never rejects: the failure is kept for whoever asks. A batch that failed in part is sent again as a whole. */
  async #deliver(batch: readonly QueueMessage[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#send(this.#queueUrl, batch);
        return;
      } catch (reason) {
        if (attempt === ATTEMPTS) {
          this.#failure ??= reason;
          return;
        }
        await pause(FIRST_PAUSE * 2 ** (attempt - 1));
      }
    }
  }
}
