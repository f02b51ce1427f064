import { LIMITS } from '../contract/limits.ts';

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
