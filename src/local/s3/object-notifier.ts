import { setTimeout as pause } from 'node:timers/promises';
import { LIMITS } from '../../contract/limits.ts';
import { UploadLedgerError } from '../../shared/errors.ts';
import type { QueueMessage } from '../servers/queue-access.ts';
import {
  type BucketNotification,
  eventBridgeBody,
  matchesEventPattern,
  s3EventBody,
  testEventBody,
  wantsChange,
} from './notification.ts';
import { Disturbance, type Outgoing, type Unkindness } from './notification-faults.ts';
import type { ObjectChange, ObjectChangeSource } from './object-watch.ts';

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
      const batch = this.#waiting.splice(0, LIMITS.sqs.batchEntries);
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

export interface ObjectNotifierOptions {
  readonly source: ObjectChangeSource;
  readonly notifications: readonly BucketNotification[];
  readonly send: SendMessages;
  /** The buckets' Region, as the events name it. */
  readonly region: string;
  /** @default every notification once, at once and in order */
  readonly unkind?: Unkindness;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

/** What the notifier has done since it began. */
export interface NotifierCounts {
  /** Objects that changed in any bucket. */
  readonly changes: number;
  /** Messages given to the queues: events, their duplicates and test events. */
  readonly messages: number;
  readonly testEvents: number;
  /** Messages that repeat another. */
  readonly duplicates: number;
  /** Messages that are hidden at first. */
  readonly delayed: number;
}

/** Tells queues of object changes, as S3 does. */
export interface ObjectNotifier {
  counts(): NotifierCounts;
  /** Lets go of what is held back, and resolves when every message has been sent. Rejects when one could not be. */
  flush(): Promise<void>;
  /** Listens no longer, and flushes. */
  stop(): Promise<void>;
}

/** Milliseconds without a change after which nothing is held back any more. */
const QUIET = 200;

/** Starts to notify; resolves when each queue has its `s3:TestEvent`, which S3 sends when a configuration is put. */
export async function startObjectNotifier(options: ObjectNotifierOptions): Promise<ObjectNotifier> {
  const notifier = new Notifier(options);
  const unsubscribe = options.source.onObjectChange(
    (change) => notifier.changed(change),
    () => notifier.flush(),
  );
  await notifier.sendTestEvents(new Date((options.now ?? Date.now)()));
  return {
    counts: () => ({ ...notifier.counts }),
    flush: () => notifier.flush(),
    stop: () => {
      unsubscribe();
      return notifier.flush();
    },
  };
}

class Notifier {
  readonly #options: ObjectNotifierOptions;
  readonly #disturbance: Disturbance | undefined;
  readonly #senders = new Map<string, QueueSender>();
  #quiet: NodeJS.Timeout | undefined;
  readonly counts = { changes: 0, messages: 0, testEvents: 0, duplicates: 0, delayed: 0 };

  constructor(options: ObjectNotifierOptions) {
    this.#options = options;
    this.#disturbance = options.unkind === undefined ? undefined : new Disturbance(options.unkind);
  }

  async sendTestEvents(at: Date): Promise<void> {
    for (const { bucket, queueUrl, envelope } of this.#options.notifications) {
      if (envelope === 'event-bridge') continue;
      this.counts.testEvents += 1;
      this.#sendOut([{ queueUrl, body: testEventBody(bucket, at), isDuplicate: false }]);
    }
    await this.#sent();
  }

  changed(change: ObjectChange): void {
    this.counts.changes += 1;
    for (const notification of this.#options.notifications) {
      if (!wantsChange(notification, change)) continue;
      const body = this.#bodyOf(change, notification);
      if (matches(notification, body)) this.#notify(notification, body);
    }
  }

  async flush(): Promise<void> {
    clearTimeout(this.#quiet);
    this.#sendOut(this.#disturbance?.drain() ?? []);
    await this.#sent();
  }

  #bodyOf(change: ObjectChange, notification: BucketNotification): string {
    const { region } = this.#options;
    return notification.envelope === 'event-bridge'
      ? eventBridgeBody(change, region)
      : s3EventBody(change, notification, region);
  }

  #notify({ queueUrl }: BucketNotification, body: string): void {
    const disturbance = this.#disturbance;
    if (disturbance === undefined) {
      this.#sendOut([{ queueUrl, body, isDuplicate: false }]);
      return;
    }
    this.#sendOut(disturbance.take(queueUrl, body));
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#sendOut(disturbance.drain()), QUIET);
  }

  #sendOut(outgoing: readonly Outgoing[]): void {
    for (const { queueUrl, isDuplicate, ...message } of outgoing) {
      this.counts.messages += 1;
      if (isDuplicate) this.counts.duplicates += 1;
      if (message.delaySeconds !== undefined) this.counts.delayed += 1;
      this.#senderFor(queueUrl).push(message);
    }
  }

  #senderFor(queueUrl: string): QueueSender {
    const sender = this.#senders.get(queueUrl) ?? new QueueSender(queueUrl, this.#options.send);
    this.#senders.set(queueUrl, sender);
    return sender;
  }

  async #sent(): Promise<void> {
    await Promise.all([...this.#senders.values()].map((sender) => sender.idle()));
  }
}

/** A rule looks at the event as it is sent. */
function matches({ pattern }: BucketNotification, body: string): boolean {
  return pattern === undefined || matchesEventPattern(pattern, JSON.parse(body));
}
