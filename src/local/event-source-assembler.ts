import { setTimeout as sleep } from 'node:timers/promises';
import { Batch, type HeldMessage } from './event-source-batch.ts';

/** Most messages that SQS gives at once. */
const MOST_AT_ONCE = 10;
/** SQS waits in whole seconds; the shortest keeps closing quick, and still costs an idle queue but one call a second. */
const WAIT_SECONDS = 1;
/** Between two calls that cannot wait, at the end of a window. */
const SHORT_PAUSE_MS = 50;

export interface AssemblerOptions {
  readonly batchSize: number;
  readonly batchWindowSeconds: number;
  /** Receives messages; must not throw. */
  readonly receive: (most: number, waitSeconds: number) => Promise<readonly HeldMessage[]>;
  /** Milliseconds before a message becomes visible again at which it is too late to process it. */
  readonly marginMs: number;
  /** Told how many messages were held for too long and are left to whoever receives them next. */
  readonly onLate: (messages: number) => void;
}

/** Gathers messages into batches: full by number, full by size, or as full as they became within the window. */
export class BatchAssembler {
  readonly #options: AssemblerOptions;
  #overflow: readonly HeldMessage[] = [];
  #isStopped = false;

  constructor(options: AssemblerOptions) {
    this.#options = options;
  }

  /** Whether messages that did not fit into the last batch wait for the next. */
  get hasOverflow(): boolean {
    return this.#overflow.length > 0;
  }

  /** Receives nothing more and lets no window wait: from now on batches are what is held already. */
  stop(): void {
    this.#isStopped = true;
  }

  /** The next batch; empty when there was no message for a while. The window starts with the first message. */
  async collect(): Promise<HeldMessage[]> {
    const { batchSize, batchWindowSeconds } = this.#options;
    const batch = new Batch(batchSize);
    this.#fill(batch, this.#overflow);
    if (batch.room === batchSize) await this.#receive(batch, WAIT_SECONDS);
    if (batch.room === batchSize) return [];
    const closesAt = Date.now() + batchWindowSeconds * 1000;
    while (!this.#isFull(batch) && !this.#isStopped) {
      const remainingMs = closesAt - Date.now();
      if (remainingMs <= 0) break;
      const waitSeconds = remainingMs < WAIT_SECONDS * 1000 ? 0 : WAIT_SECONDS;
      const received = await this.#receive(batch, waitSeconds);
      if (received === 0 && waitSeconds === 0) await sleep(Math.min(remainingMs, SHORT_PAUSE_MS));
    }
    return this.#inTime(batch.messages);
  }

  #isFull(batch: Batch): boolean {
    return batch.room === 0 || this.hasOverflow;
  }

  async #receive(batch: Batch, waitSeconds: number): Promise<number> {
    if (this.#isStopped) return 0;
    const received = await this.#options.receive(Math.min(MOST_AT_ONCE, batch.room), waitSeconds);
    this.#fill(batch, received);
    return received.length;
  }

  #fill(batch: Batch, messages: readonly HeldMessage[]): void {
    const next = this.#inTime(messages);
    const fitting = next.findIndex((message) => !batch.add(message));
    this.#overflow = fitting === -1 ? [] : next.slice(fitting);
  }

  #inTime(messages: readonly HeldMessage[]): HeldMessage[] {
    const latest = Date.now() + this.#options.marginMs;
    const inTime = messages.filter(({ visibleAt }) => visibleAt > latest);
    if (inTime.length < messages.length) this.#options.onLate(messages.length - inTime.length);
    return inTime;
  }
}
