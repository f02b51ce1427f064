import { LIMITS } from '../../contract/limits.ts';
import { systemClock } from '../../shared/clock.ts';
import { SECOND_MS } from '../../shared/time.ts';

/**
 * SQS waits in whole seconds. The shortest wait keeps closing quick, and an idle queue costs only one call a second.
 */
const WAIT_SECONDS = 1;
/** Between two calls that cannot wait, at the end of a window. */
const SHORT_PAUSE_MS = 50;

/** A received message on its way to the function. */
export interface HeldMessage {
  readonly id: string;
  readonly receiptHandle: string;
  /** The record of the function's event, as JSON text. */
  readonly json: string;
  /** UTF-8 size of {@link json}. */
  readonly bytes: number;
  /** When the message becomes visible to other consumers again, in epoch milliseconds. */
  readonly visibleAt: number;
}

const OPENING = '{"Records":[';
const CLOSING = ']}';

/** UTF-8 size of an event without its records. Each adds its own size and a comma; the first has no comma before it. */
export const EMPTY_EVENT_BYTES = OPENING.length + CLOSING.length - ','.length;

/** The event of an invocation, as JSON text. */
export function toPayload(records: readonly { readonly json: string }[]): string {
  return OPENING + records.map(({ json }) => json).join(',') + CLOSING;
}

/** The messages of one invocation, never more than Lambda puts into one: by number, and by size of the event. */
export class Batch {
  readonly #messages = new Map<string, HeldMessage>();
  readonly #maxMessages: number;
  #bytes = EMPTY_EVENT_BYTES;

  constructor(maxMessages: number) {
    this.#maxMessages = maxMessages;
  }

  get messages(): HeldMessage[] {
    return [...this.#messages.values()];
  }

  /** How many more messages fit. */
  get room(): number {
    return this.#maxMessages - this.#messages.size;
  }

  /**
   * Adds a message, or replaces the same message received earlier: only its latest receipt handle is valid.
   *
   * @returns false, and adds nothing, when the event would become larger than Lambda takes.
   */
  add(message: HeldMessage): boolean {
    const replaced = this.#messages.get(message.id);
    if (replaced === undefined && this.room === 0) return false;
    const bytes = this.#bytes + message.bytes + (replaced === undefined ? ','.length : -replaced.bytes);
    // A message that is too large by itself goes alone, for the function to refuse; otherwise it would be held for
    // ever.
    if (bytes > LIMITS.lambda.payloadBytes && this.#messages.size > 0) return false;
    this.#messages.set(message.id, message);
    this.#bytes = bytes;
    return true;
  }
}

interface AssemblerOptions {
  readonly batchSize: number;
  readonly batchWindowSeconds: number;
  /** Receives messages; must not throw. */
  readonly receive: (max: number, waitSeconds: number) => Promise<readonly HeldMessage[]>;
  /** A message is not processed when it becomes visible again within so many milliseconds. */
  readonly marginMs: number;
  /** Called with the number of messages that were held for too long and are left to whoever receives them next. */
  readonly onLate: (messages: number) => void;
}

/** Gathers messages into batches. A batch is complete when it is full by number or by size, or when its window ends. */
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

  /** Stops receiving and waiting for windows: from now on batches are what is held already. */
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
    const closesAt = systemClock.now() + batchWindowSeconds * SECOND_MS;
    while (batch.room > 0 && !this.hasOverflow && !this.#isStopped) {
      const remainingMs = closesAt - systemClock.now();
      if (remainingMs <= 0) break;
      const waitSeconds = remainingMs < WAIT_SECONDS * SECOND_MS ? 0 : WAIT_SECONDS;
      const received = await this.#receive(batch, waitSeconds);
      if (received === 0 && waitSeconds === 0) await systemClock.sleep(Math.min(remainingMs, SHORT_PAUSE_MS));
    }
    return this.#inTime(batch.messages);
  }

  async #receive(batch: Batch, waitSeconds: number): Promise<number> {
    if (this.#isStopped) return 0;
    const received = await this.#options.receive(Math.min(LIMITS.sqs.batchEntries, batch.room), waitSeconds);
    this.#fill(batch, received);
    return received.length;
  }

  #fill(batch: Batch, messages: readonly HeldMessage[]): void {
    const next = this.#inTime(messages);
    const excess = next.findIndex((message) => !batch.add(message));
    this.#overflow = excess === -1 ? [] : next.slice(excess);
  }

  #inTime(messages: readonly HeldMessage[]): HeldMessage[] {
    const latest = systemClock.now() + this.#options.marginMs;
    const inTime = messages.filter(({ visibleAt }) => visibleAt > latest);
    if (inTime.length < messages.length) this.#options.onLate(messages.length - inTime.length);
    return inTime;
  }
}

/** Which messages of a batch stay in the queue. */
export interface BatchItemFailures {
  readonly failed: ReadonlySet<string>;
  /** Why the whole batch failed. */
  readonly error?: string;
}

/**
 * Reads a partial batch response as Lambda does: nothing at all, or no list, or an empty list, is a complete success; a
 * response that is malformed in any way is a complete failure.
 *
 * Source: Lambda's documentation, "Implementing partial batch responses", success and failure conditions.
 *
 * @param payload JSON text that the function returned.
 * @param messageIds of the batch.
 */
export function parseBatchResponse(payload: string, messageIds: ReadonlySet<string>): BatchItemFailures {
  const wholeBatch = (error: string) => ({ failed: messageIds, error });
  const none = { failed: new Set<string>() };
  let response: unknown;
  try {
    response = payload === '' ? null : JSON.parse(payload);
  } catch {
    return wholeBatch('The response is not JSON.');
  }
  if (response === null) return none;
  if (typeof response !== 'object' || Array.isArray(response)) return wholeBatch('The response is not an object.');
  const failures: unknown = (response as { batchItemFailures?: unknown }).batchItemFailures;
  if (failures === undefined || failures === null) return none;
  if (!Array.isArray(failures)) return wholeBatch('batchItemFailures is not a list.');
  const failed = new Set<string>();
  for (const failure of failures) {
    const id: unknown = (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier;
    if (typeof id !== 'string' || !messageIds.has(id)) {
      const what = id === undefined ? 'an entry without itemIdentifier' : JSON.stringify(id).slice(0, 200);
      return wholeBatch(`batchItemFailures holds ${what}, which identifies no message of the batch.`);
    }
    failed.add(id);
  }
  return { failed };
}
