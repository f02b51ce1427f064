import { type Random, seededRandom } from '../../shared/seeded-random.ts';
import type { QueueMessage } from '../servers/queue-access.ts';

/** How the notifier behaves as S3 may and seldom does. The same seed and the same changes give the same trouble. */
export interface Unkindness {
  /** Any whole number. */
  readonly seed: number;
  /** How many later notifications may overtake one. @default 0 */
  readonly shuffle?: number;
  /** How likely a notification is delivered twice, 0 to 1. @default 0 */
  readonly duplicate?: number;
  /** Longest time that a message stays hidden in the queue, in whole seconds up to 900. @default 0 */
  readonly delay?: number;
}

/** A message on its way to a queue. */
export interface Outgoing extends QueueMessage {
  readonly queueUrl: string;
  readonly isDuplicate: boolean;
}

interface Held {
  readonly outgoing: Outgoing;
  /** The message's place in the order of delivery. */
  readonly place: number;
}

/**
 * Puts messages out of order, doubles and delays them.
 *
 * The message with number n gets a place between n and n + shuffle, and goes out when no later message can come before
 * it. Each message draws the same number of random numbers, so that what happens to one hangs on its number alone.
 */
export class Disturbance {
  readonly #random: Random;
  readonly #shuffle: number;
  readonly #duplicate: number;
  readonly #delay: number;
  #held: Held[] = [];
  #count = 0;

  constructor({ seed, shuffle = 0, duplicate = 0, delay = 0 }: Unkindness) {
    this.#random = seededRandom(seed);
    this.#shuffle = shuffle;
    this.#duplicate = duplicate;
    this.#delay = delay;
  }

  /** Takes a message in; the messages that go out now. */
  take(queueUrl: string, body: string): Outgoing[] {
    const original = this.#hold({ queueUrl, body, isDuplicate: false });
    const isDoubled = this.#random() < this.#duplicate;
    const copy = this.#hold({ queueUrl, body, isDuplicate: true });
    this.#count += 1;
    this.#held.push(original, ...(isDoubled ? [copy] : []));
    return this.#release(this.#count);
  }

  /** Lets go of everything that is held back. */
  drain(): Outgoing[] {
    return this.#release(Number.POSITIVE_INFINITY);
  }

  #hold(message: Omit<Outgoing, 'delaySeconds'>): Held {
    const place = this.#count + this.#random() * this.#shuffle;
    const delaySeconds = Math.floor(this.#random() * (this.#delay + 1));
    return { place, outgoing: { ...message, ...(delaySeconds > 0 && { delaySeconds }) } };
  }

  #release(before: number): Outgoing[] {
    const due = this.#held.filter(({ place }) => place < before);
    this.#held = this.#held.filter(({ place }) => place >= before);
    return due.sort((left, right) => left.place - right.place).map(({ outgoing }) => outgoing);
  }
}
