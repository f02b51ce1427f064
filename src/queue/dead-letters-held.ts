import { ChangeMessageVisibilityBatchCommand } from '@aws-sdk/client-sqs';
import { atMost } from '../shared/concurrency.ts';
import type { QueueRef } from './queue-ref.ts';

/** Entries of one batch call. Source: SQS API reference, ChangeMessageVisibilityBatch. */
const ENTRIES_A_CALL = 10;

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
    const inTurn = atMost(CALLS_IN_FLIGHT);
    const calls = [];
    for (let start = 0; start < messages.length; start += ENTRIES_A_CALL) {
      const Entries = messages.slice(start, start + ENTRIES_A_CALL).map(({ receipt }, index) => ({
        Id: String(index),
        ReceiptHandle: receipt,
        VisibilityTimeout: seconds,
      }));
      calls.push(inTurn(() => client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries }))));
    }
    const answers = await Promise.all(calls);
    return answers.reduce((refused, { Failed = [] }) => refused + Failed.length, 0);
  }

  get #milliseconds(): number {
    return this.#options.visibilitySeconds * 1000;
  }
}
