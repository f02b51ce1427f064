import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { DAY_MS } from '../../../../src/shared/time.ts';
import { MinHeap, type Timed } from './min-heap.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A message as it was when somebody saw it. */
export interface SimulatedMessage {
  /** Kept when SQS moves the message to a dead-letter queue. */
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
  /** Epoch milliseconds; kept like the id. */
  readonly sentAt: number;
  /** ARN of the queue from which SQS itself moved it here. */
  readonly movedFrom?: string;
  /** Also those from the queue that it was moved from. */
  readonly receives: number;
  readonly firstReceivedAt?: number;
  /** Of the last receive: an older one deletes nothing. */
  readonly receipt: string;
}

interface HeldMessage extends SimulatedMessage {
  receives: number;
  firstReceivedAt?: number;
  receipt: string;
  state: 'delayed' | 'visible' | 'in flight' | 'gone';
  /** When that state ends by itself, in epoch milliseconds. */
  visibleAt: number;
}

export interface QueueOptions {
  readonly clock: VirtualClock;
  readonly visibilityMs: number;
  /** Counted from when the message was first sent. @default 4 days */
  readonly retentionMs?: number;
  /** Receives after which SQS moves a message to the dead-letter queue at the next receive. */
  readonly maxReceiveCount?: number;
  readonly deadLetters?: SimulatedQueue;
  /** Source: SQS developer guide, "Message quotas". @default 120,000 */
  readonly maxInFlight?: number;
}

export interface SendOptions {
  readonly delayMs?: number;
  readonly attributes?: SimulatedMessage['attributes'];
}

/** What a poller waits for. */
export interface PollOptions {
  readonly max: number;
  /** Milliseconds until it gives up when nothing comes. */
  readonly waitMs: number;
  /** Milliseconds for which it goes on after the first message, unless it has as many as it may. @default 0 */
  readonly windowMs?: number;
  readonly visibilityMs?: number | undefined;
}

interface Poller extends PollOptions {
  readonly received: SimulatedMessage[];
  readonly resolve: (messages: SimulatedMessage[]) => void;
  cancelTimer: () => void;
}

/** When a message becomes visible, unless its visibility is changed before. */
interface Appearance extends Timed {
  readonly message: HeldMessage;
}

const DEFAULT_RETENTION_MS = 4 * DAY_MS;
const MAX_IN_FLIGHT = 120_000;

/** A standard queue: order is kept loosely, as in SQS; a message is delivered until somebody deletes it with its last receipt. */
export class SimulatedQueue {
  readonly name: string;
  /** Greatest number of messages that were in the queue. */
  peak = 0;
  /** Messages that the retention has deleted. */
  expired = 0;
  /** Messages that SQS moved to the dead-letter queue. */
  moved = 0;
  readonly #options: QueueOptions;
  readonly #messages = new Map<string, HeldMessage>();
  readonly #visible = new Fifo<HeldMessage>();
  readonly #hidden = new MinHeap<Appearance>();
  readonly #pollers = new Set<Poller>();
  #inFlight = 0;
  #delayed = 0;
  #made = 0;
  #hides = 0;
  /** No message in the queue was sent before. */
  #oldestSentAt = Number.POSITIVE_INFINITY;
  #wakesAt = Number.POSITIVE_INFINITY;
  #isServing = false;
  #cancelWake: () => void = () => undefined;

  constructor(name: string, options: QueueOptions) {
    this.name = name;
    this.#options = options;
  }

  get arn(): string {
    return `arn:aws:sqs:eu-west-1:111122223333:${this.name}`;
  }

  get size(): number {
    this.#refresh();
    return this.#messages.size;
  }

  /** Messages that were received, and are neither deleted nor visible again. */
  get inFlight(): number {
    this.#refresh();
    return this.#inFlight;
  }

  get delayed(): number {
    this.#refresh();
    return this.#delayed;
  }

  /** Whether as many messages are in flight as SQS allows. */
  get isFull(): boolean {
    return this.inFlight >= (this.#options.maxInFlight ?? MAX_IN_FLIGHT);
  }

  /** Every message, hidden ones too. */
  all(): SimulatedMessage[] {
    this.#refresh();
    return [...this.#messages.values()];
  }

  /** @returns The message's id. */
  send(body: string, { delayMs = 0, attributes = {} }: SendOptions = {}): string {
    const sentAt = this.#options.clock.now();
    this.#made += 1;
    const id = `${this.name}-${this.#made}`;
    this.#add({
      id,
      body,
      attributes,
      sentAt,
      receives: 0,
      receipt: '',
      state: 'delayed',
      visibleAt: sentAt + delayMs,
    });
    return id;
  }

  /** A message that SQS moves here from another queue. It keeps its id, its age and its count of receives. */
  take({ id, body, attributes, sentAt, receives }: SimulatedMessage, movedFrom: string): void {
    const visibleAt = this.#options.clock.now();
    this.#add({ id, body, attributes, sentAt, receives, movedFrom, receipt: '', state: 'delayed', visibleAt });
  }

  /** Up to `max` messages that are visible, hidden from now on. */
  receive(max: number, visibilityMs = this.#options.visibilityMs): SimulatedMessage[] {
    this.#refresh();
    return this.#receive(max, visibilityMs);
  }

  /** Waits until there are messages, and receives them. Pollers that wait take turns. */
  poll(options: PollOptions): Promise<SimulatedMessage[]> {
    const { clock, visibilityMs } = this.#options;
    const { max, waitMs, windowMs = 0 } = options;
    const received = this.receive(max, options.visibilityMs ?? visibilityMs);
    const ms = received.length === 0 ? waitMs : received.length < max ? windowMs : 0;
    if (ms <= 0) return Promise.resolve(received);
    return new Promise((resolve) => {
      const poller: Poller = { ...options, received, resolve, cancelTimer: () => undefined };
      poller.cancelTimer = clock.after(ms, () => this.#endPoll(poller));
      this.#pollers.add(poller);
      this.#wakeInTime();
    });
  }

  /** @returns Whether the receipt was the message's last one. */
  delete(receipt: string): boolean {
    const message = this.#byReceipt(receipt);
    if (message === undefined) return false;
    this.#forget(message);
    // Messages that wait because too many are in flight.
    this.#serve();
    return true;
  }

  /** @returns Whether the message was in flight, and the receipt its last one. */
  changeVisibility(receipt: string, visibilityMs: number): boolean {
    this.#refresh();
    const message = this.#byReceipt(receipt);
    if (message?.state !== 'in flight') return false;
    this.#hide(message, visibilityMs);
    return true;
  }

  /** Deletes every message, hidden ones too. */
  purge(): void {
    for (const message of this.#messages.values()) message.state = 'gone';
    this.#messages.clear();
    this.#inFlight = 0;
    this.#delayed = 0;
  }

  #add(message: HeldMessage): void {
    this.#messages.set(message.id, message);
    this.peak = Math.max(this.peak, this.#messages.size);
    this.#oldestSentAt = Math.min(this.#oldestSentAt, message.sentAt);
    this.#delayed += 1;
    this.#showLater(message);
  }

  #receive(max: number, visibilityMs: number): SimulatedMessage[] {
    const { clock, maxReceiveCount = Number.POSITIVE_INFINITY, maxInFlight = MAX_IN_FLIGHT } = this.#options;
    const messages: HeldMessage[] = [];
    while (messages.length < max && this.#inFlight < maxInFlight) {
      const message = this.#visible.shift();
      if (message === undefined) break;
      if (message.state !== 'visible') continue;
      if (message.receives >= maxReceiveCount) {
        this.#moveToDeadLetters(message);
        continue;
      }
      message.receives += 1;
      message.firstReceivedAt ??= clock.now();
      message.receipt = `${message.id}/${message.receives}`;
      message.state = 'in flight';
      this.#inFlight += 1;
      messages.push(message);
    }
    const received = messages.map((message): SimulatedMessage => ({ ...message }));
    // Not before: one call gives no message twice.
    for (const message of messages) this.#hide(message, visibilityMs);
    return received;
  }

  #moveToDeadLetters(message: HeldMessage): void {
    this.#forget(message);
    this.moved += 1;
    this.#options.deadLetters?.take(message, this.arn);
  }

  #forget(message: HeldMessage): void {
    this.#messages.delete(message.id);
    this.#leave(message, 'gone');
  }

  #leave(message: HeldMessage, state: HeldMessage['state']): void {
    if (message.state === 'in flight') this.#inFlight -= 1;
    if (message.state === 'delayed') this.#delayed -= 1;
    message.state = state;
  }

  #hide(message: HeldMessage, milliseconds: number): void {
    message.visibleAt = this.#options.clock.now() + Math.ceil(milliseconds);
    this.#showLater(message);
  }

  #showLater(message: HeldMessage): void {
    if (message.visibleAt <= this.#options.clock.now()) {
      this.#show(message);
      this.#serve();
      return;
    }
    this.#hidden.push({ at: message.visibleAt, order: this.#hides++, message });
    this.#wakeInTime();
  }

  #show(message: HeldMessage): void {
    this.#leave(message, 'visible');
    this.#visible.push(message);
  }

  /** Brings the queue up to this moment: what was hidden appears, and what is too old goes. */
  #refresh(): void {
    const now = this.#options.clock.now();
    for (let next = this.#hidden.first; next !== undefined && next.at <= now; next = this.#hidden.first) {
      this.#hidden.pop();
      const { message, at } = next;
      const isHidden = message.state === 'delayed' || message.state === 'in flight';
      if (isHidden && message.visibleAt === at) this.#show(message);
    }
    const { retentionMs = DEFAULT_RETENTION_MS } = this.#options;
    if (now - this.#oldestSentAt > retentionMs) this.#expire(now - retentionMs);
  }

  #expire(sentBefore: number): void {
    this.#oldestSentAt = Number.POSITIVE_INFINITY;
    for (const message of this.#messages.values()) {
      if (message.sentAt >= sentBefore) this.#oldestSentAt = Math.min(this.#oldestSentAt, message.sentAt);
      else {
        this.#forget(message);
        this.expired += 1;
      }
    }
  }

  /** Gives what is visible to those who wait, the one that has waited longest first. */
  #serve(): void {
    if (this.#isServing) return;
    this.#isServing = true;
    this.#serveAll();
    this.#isServing = false;
  }

  #serveAll(): void {
    for (const poller of this.#pollers) {
      const { max, visibilityMs = this.#options.visibilityMs, windowMs = 0, received } = poller;
      const messages = this.#receive(max - received.length, visibilityMs);
      if (messages.length === 0) return;
      const isFirst = received.length === 0;
      received.push(...messages);
      if (received.length >= max || windowMs <= 0) this.#endPoll(poller);
      else {
        // To the end of the line.
        this.#pollers.delete(poller);
        this.#pollers.add(poller);
        if (isFirst) {
          poller.cancelTimer();
          poller.cancelTimer = this.#options.clock.after(windowMs, () => this.#endPoll(poller));
        }
      }
    }
  }

  #endPoll(poller: Poller): void {
    if (!this.#pollers.delete(poller)) return;
    poller.cancelTimer();
    poller.resolve(poller.received);
  }

  /** While somebody waits, the next message that appears must be noticed. */
  #wakeInTime(): void {
    const next = this.#hidden.first;
    if (this.#pollers.size === 0 || next === undefined || next.at >= this.#wakesAt) return;
    const { clock } = this.#options;
    this.#cancelWake();
    this.#wakesAt = next.at;
    this.#cancelWake = clock.after(next.at - clock.now(), () => {
      this.#wakesAt = Number.POSITIVE_INFINITY;
      this.#refresh();
      this.#serve();
      this.#wakeInTime();
    });
  }

  #byReceipt(receipt: string): HeldMessage | undefined {
    const message = this.#messages.get(receipt.slice(0, receipt.indexOf('/')));
    return message?.receipt === receipt ? message : undefined;
  }
}

/** Places at the beginning that may stay empty. */
const MAX_GAP = 1_000;

/** First in, first out, without moving what waits. */
class Fifo<T> {
  #items: (T | undefined)[] = [];
  #first = 0;

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#first];
    if (item === undefined) return undefined;
    this.#items[this.#first] = undefined;
    this.#first += 1;
    if (this.#first === this.#items.length) this.#items.length = this.#first = 0;
    else if (this.#first > MAX_GAP && this.#first * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }
}
