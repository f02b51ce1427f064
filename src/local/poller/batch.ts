import { setTimeout as sleep } from 'node:timers/promises';
import { LIMITS } from '../../contract/limits.ts';

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
    const received = await this.#options.receive(Math.min(LIMITS.sqs.batchEntries, batch.room), waitSeconds);
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

/** A received message on its way to the function. */
export interface HeldMessage {
  readonly id: string;
  readonly receiptHandle: string;
  /** The record of the function's event, as JSON text. */
  readonly json: string;
  /** UTF-8 size of {@link json}. */
  readonly bytes: number;
  /** When the queue gives the message to somebody else, in epoch milliseconds. */
  readonly visibleAt: number;
}

const OPENING = '{"Records":[';
const CLOSING = ']}';

/** The messages of one invocation, never more than Lambda puts into one: by number, and by size of the event. */
export class Batch {
  readonly #messages = new Map<string, HeldMessage>();
  readonly #size: number;
  /** Of the event; the first record has no comma before it. */
  #bytes = OPENING.length + CLOSING.length - ','.length;

  /** @param size Most messages. */
  constructor(size: number) {
    this.#size = size;
  }

  get messages(): HeldMessage[] {
    return [...this.#messages.values()];
  }

  /** How many messages more it takes. */
  get room(): number {
    return this.#size - this.#messages.size;
  }

  /**
   * Adds a message, or replaces the same message received earlier: only its latest receipt handle is good.
   *
   * @returns false, and adds nothing, when the event would become larger than Lambda takes.
   */
  add(message: HeldMessage): boolean {
    const replaced = this.#messages.get(message.id);
    if (replaced === undefined && this.room === 0) return false;
    const bytes = this.#bytes + message.bytes + (replaced === undefined ? ','.length : -replaced.bytes);
    // One that is too large by itself goes alone, for the function to refuse; it must not be held for ever.
    if (bytes > LIMITS.lambda.payloadBytes && this.#messages.size > 0) return false;
    this.#messages.set(message.id, message);
    this.#bytes = bytes;
    return true;
  }
}

/** The event of an invocation, as JSON text. */
export function toPayload(messages: readonly HeldMessage[]): string {
  return OPENING + messages.map(({ json }) => json).join(',') + CLOSING;
}

/** Which messages of a batch a function's response leaves in the queue. */
export interface Verdict {
  readonly failed: ReadonlySet<string>;
  /** Why the whole batch failed although the function answered. */
  readonly fault?: string;
}

const NONE: Verdict = { failed: new Set() };

/**
 * Reads a partial batch response as Lambda does: nothing at all, or no list, or an empty list, is a complete success; a
 * response that is malformed in any way is a complete failure.
 *
 * Source: Lambda's documentation, "Implementing partial batch responses", success and failure conditions.
 *
 * @param payload JSON text that the function answered.
 * @param messageIds of the batch.
 */
export function judgeResponse(payload: string, messageIds: ReadonlySet<string>): Verdict {
  const wholeBatch = (fault: string): Verdict => ({ failed: messageIds, fault });
  let response: unknown;
  try {
    response = payload === '' ? null : JSON.parse(payload);
  } catch {
    return wholeBatch('The response is not JSON.');
  }
  if (response === null || response === undefined) return NONE;
  if (typeof response !== 'object' || Array.isArray(response)) return wholeBatch('The response is no object.');
  const failures: unknown = (response as { batchItemFailures?: unknown }).batchItemFailures;
  if (failures === undefined || failures === null) return NONE;
  if (!Array.isArray(failures)) return wholeBatch('batchItemFailures is no list.');
  const identifiers = failures.map((failure) => (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier);
  const wrong = identifiers.find((identifier) => typeof identifier !== 'string' || !messageIds.has(identifier));
  if (identifiers.includes(undefined) || wrong !== undefined) {
    return wholeBatch(`batchItemFailures holds ${describe(wrong)}, which identifies no message of the batch.`);
  }
  return { failed: new Set(identifiers as string[]) };
}

function describe(identifier: unknown): string {
  return identifier === undefined ? 'an entry without itemIdentifier' : JSON.stringify(identifier).slice(0, 200);
}
