import { type Random, seededRandom } from '../../shared/seeded-random.ts';
import type { QueueMessage } from '../servers/queue-access.ts';

/** What S3 is allowed to do and rarely does, to inject. The same seed and the same changes give the same faults. */
export interface NotificationFaults {
  /** Any whole number. */
  readonly seed: number;
  /** How many later notifications may overtake one. @default 0 */
  readonly shuffle?: number;
  /** How likely a notification is delivered twice, 0 to 1. @default 0 */
  readonly duplicate?: number;
  /** The longest that a message stays hidden in the queue, in whole seconds up to 900. @default 0 */
  readonly delay?: number;
}

/** A message to send, and its queue. */
export interface OutgoingMessage extends QueueMessage {
  readonly queueUrl: string;
  readonly isDuplicate: boolean;
}

interface Held {
  readonly outgoing: OutgoingMessage;
  /** The message's place in the order of delivery. */
  readonly place: number;
}

/**
 * Reorders, duplicates and delays messages.
 *
 * The message with number n gets a place between n and n + shuffle, and is sent when no later message can come before
 * it. Each message draws the same number of random numbers, so that what happens to one depends on its number alone.
 */
export class NotificationFaultInjector {
  readonly #random: Random;
  readonly #faults: NotificationFaults;
  #held: Held[] = [];
  #count = 0;

  constructor(faults: NotificationFaults) {
    this.#random = seededRandom(faults.seed);
    this.#faults = faults;
  }

  /** Adds a message; returns those that are to be sent now. */
  take(queueUrl: string, body: string): OutgoingMessage[] {
    const original = this.#hold({ queueUrl, body, isDuplicate: false });
    const isDoubled = this.#random() < (this.#faults.duplicate ?? 0);
    const copy = this.#hold({ queueUrl, body, isDuplicate: true });
    this.#count += 1;
    this.#held.push(original, ...(isDoubled ? [copy] : []));
    return this.#release(this.#count);
  }

  /** Returns everything that is held back. */
  drain(): OutgoingMessage[] {
    return this.#release(Number.POSITIVE_INFINITY);
  }

  #hold(message: Omit<OutgoingMessage, 'delaySeconds'>): Held {
    const { shuffle = 0, delay = 0 } = this.#faults;
    const place = this.#count + this.#random() * shuffle;
    const delaySeconds = Math.floor(this.#random() * (delay + 1));
    return { place, outgoing: { ...message, ...(delaySeconds > 0 && { delaySeconds }) } };
  }

  #release(before: number): OutgoingMessage[] {
    const due = this.#held.filter(({ place }) => place < before);
    this.#held = this.#held.filter(({ place }) => place >= before);
    return due.sort((left, right) => left.place - right.place).map(({ outgoing }) => outgoing);
  }
}
