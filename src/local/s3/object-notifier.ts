import { LIMITS } from '../../contract/limits.ts';
import { type Clock, systemClock } from '../../shared/clock.ts';
import { errorMessage, UploadLedgerError } from '../../shared/errors.ts';
import { formatNumberOf } from '../../shared/format.ts';
import { retry } from '../../shared/retry.ts';
import { SECOND_MS } from '../../shared/time.ts';
import { matchesEventPattern } from '../events/event-pattern.ts';
import type { QueueMessage } from '../servers/queue-access.ts';
import {
  type BucketNotification,
  eventBridgeBody,
  type ObjectChange,
  s3EventBody,
  testEventBody,
  wantsChange,
} from './notification.ts';
import { NotificationFaultInjector, type NotificationFaults, type OutgoingMessage } from './notification-faults.ts';
import type { ObjectChangeSource } from './object-watch.ts';

export interface ObjectNotifierOptions {
  readonly source: ObjectChangeSource;
  /** Asked for each change: a bucket's configuration can be put anew. */
  readonly notifications: () => readonly BucketNotification[];
  /** Sends up to ten messages to a queue; rejects when any of them was not accepted. */
  readonly send: (queueUrl: string, messages: readonly QueueMessage[]) => Promise<void>;
  /** The buckets' Region, as the events name it. */
  readonly region: string;
  /** @default each notification is sent once, at once and in order */
  readonly faults?: NotificationFaults;
  /** Called at once when messages could not be sent. @default `flush` rejects */
  readonly onLost?: (error: Error) => void;
  /** @default systemClock */
  readonly clock?: Clock;
}

/** What the notifier has done since it was started. */
interface NotifierCounts {
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

/** Milliseconds without a change after which injected faults hold no message back any more. */
const QUIET_MS = 200;

/** Starts to notify; resolves when each queue has its `s3:TestEvent`, which S3 sends when a configuration is put. */
export async function startObjectNotifier(options: ObjectNotifierOptions): Promise<ObjectNotifier> {
  const notifier = new ObjectNotifier(options);
  await notifier.sendTestEvents();
  return notifier;
}

/** Sends the queues a message for each object change, as S3 does. */
export class ObjectNotifier {
  readonly #options: ObjectNotifierOptions;
  readonly #clock: Clock;
  readonly #faults: NotificationFaultInjector | undefined;
  readonly #senders = new Map<string, QueueSender>();
  readonly #unsubscribe: () => void;
  readonly #counts = { changes: 0, messages: 0, testEvents: 0, duplicates: 0, delayed: 0 };
  #cancelDrain: () => void = () => undefined;

  constructor(options: ObjectNotifierOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#faults = options.faults && new NotificationFaultInjector(options.faults);
    this.#unsubscribe = options.source.onObjectChange(
      (change) => this.#notify(change),
      () => this.flush(),
    );
  }

  counts(): NotifierCounts {
    return { ...this.#counts };
  }

  async sendTestEvents(): Promise<void> {
    const at = new Date(this.#clock.now());
    for (const { bucket, queueUrl, envelope } of this.#options.notifications()) {
      if (envelope === 'event-bridge') continue;
      this.#counts.testEvents += 1;
      this.#send([{ queueUrl, body: testEventBody(bucket, at), isDuplicate: false }]);
    }
    await this.#sent();
  }

  /**
   * Sends what faults hold back, and resolves when every message has been sent.
   *
   * @throws UploadLedgerError `notification-lost` when one could not be, and nobody was told.
   */
  async flush(): Promise<void> {
    this.#cancelDrain();
    this.#send(this.#faults?.drain() ?? []);
    await this.#sent();
  }

  /** Ends the notifications, and flushes. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.flush();
  }

  #notify(change: ObjectChange): void {
    this.#counts.changes += 1;
    const { notifications, region } = this.#options;
    for (const notification of notifications().filter((candidate) => wantsChange(candidate, change))) {
      const { queueUrl, envelope, pattern } = notification;
      const isRule = envelope === 'event-bridge';
      const body = isRule ? eventBridgeBody(change, region) : s3EventBody(change, notification, region);
      // A rule matches the event as it is sent.
      if (pattern !== undefined && !matchesEventPattern(pattern, JSON.parse(body))) continue;
      if (this.#faults === undefined) this.#send([{ queueUrl, body, isDuplicate: false }]);
      else this.#sendWithFaults(this.#faults, queueUrl, body);
    }
  }

  #sendWithFaults(faults: NotificationFaultInjector, queueUrl: string, body: string): void {
    this.#send(faults.take(queueUrl, body));
    this.#cancelDrain();
    this.#cancelDrain = this.#clock.after(QUIET_MS, () => this.#send(faults.drain()));
  }

  #send(outgoing: readonly OutgoingMessage[]): void {
    for (const { queueUrl, isDuplicate, ...message } of outgoing) {
      this.#counts.messages += 1;
      if (isDuplicate) this.#counts.duplicates += 1;
      if (message.delaySeconds !== undefined) this.#counts.delayed += 1;
      const send = (messages: readonly QueueMessage[]) => this.#options.send(queueUrl, messages);
      const sender = this.#senders.get(queueUrl) ?? new QueueSender(queueUrl, send, this.#clock, this.#options.onLost);
      this.#senders.set(queueUrl, sender);
      sender.push(message);
    }
  }

  async #sent(): Promise<void> {
    await Promise.all([...this.#senders.values()].map((sender) => sender.idle()));
  }
}

/** Calls under way at once, for one queue. */
const MAX_CALLS = 4;
/** For a batch that is not accepted. */
const RETRY_MS = SECOND_MS;

/** Sends messages to one queue in the background, in full batches when there are many. */
class QueueSender {
  readonly #queueUrl: string;
  readonly #send: (messages: readonly QueueMessage[]) => Promise<void>;
  readonly #clock: Clock;
  readonly #waiting: QueueMessage[] = [];
  readonly #idle: Array<() => void> = [];
  #calls = 0;
  readonly #onLost: (error: Error) => void;
  #isScheduled = false;
  #failure: Error | undefined;

  constructor(
    queueUrl: string,
    send: (messages: readonly QueueMessage[]) => Promise<void>,
    clock: Clock,
    onLost: ((error: Error) => void) | undefined,
  ) {
    this.#queueUrl = queueUrl;
    this.#send = send;
    this.#clock = clock;
    this.#onLost =
      onLost ??
      ((error) => {
        this.#failure ??= error;
      });
  }

  push(message: QueueMessage): void {
    this.#waiting.push(message);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // Other messages of this turn of the event loop go into the same batch.
    setImmediate(() => {
      this.#isScheduled = false;
      this.#pump();
    });
  }

  /**
   * Resolves when no message waits to be sent.
   *
   * @throws UploadLedgerError `notification-lost` when messages could not be sent since the last call, and nobody was told.
   */
  async idle(): Promise<void> {
    if (this.#waiting.length > 0 || this.#calls > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }

  #pump(): void {
    while (this.#waiting.length > 0 && this.#calls < MAX_CALLS) {
      this.#calls += 1;
      void this.#deliver(this.#waiting.splice(0, LIMITS.sqs.batchEntries));
    }
    if (this.#waiting.length > 0 || this.#calls > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Never rejects. A batch of which a part failed is sent again as a whole. */
  async #deliver(batch: readonly QueueMessage[]): Promise<void> {
    const deadline = this.#clock.now() + RETRY_MS;
    try {
      await retry(() => this.#send(batch), { clock: this.#clock, deadline, isRetryable: () => true });
    } catch (reason) {
      this.#onLost(lost(batch.length, this.#queueUrl, reason));
    }
    this.#calls -= 1;
    this.#pump();
  }
}

function lost(count: number, queueUrl: string, cause: unknown): UploadLedgerError {
  const message = `${formatNumberOf(count, 'notification')} could not be sent to ${queueUrl}: ${errorMessage(cause)}`;
  return new UploadLedgerError('notification-lost', message, { cause });
}
