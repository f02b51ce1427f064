import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type MessageAttributeValue,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { VirtualClock } from './virtual-clock.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface SimulatedMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
  /** Epoch milliseconds; kept when SQS moves the message to a dead-letter queue. */
  readonly sentAt: number;
  /** Whether SQS itself moved it here from another queue. */
  readonly isMoved: boolean;
  receives: number;
  visibleAt: number;
  /** Of the last receive: an older one deletes nothing. */
  receipt: string;
}

export interface QueueOptions {
  readonly clock: VirtualClock;
  readonly visibilityMs: number;
  readonly retentionMs?: number;
  /** Receives after which SQS moves a message to the dead-letter queue at the next receive. */
  readonly maxReceiveCount?: number;
  readonly deadLetters?: SimulatedQueue;
  /** Source: SQS developer guide, "Message quotas". @default 120,000 */
  readonly maxInFlight?: number;
}

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
  readonly #messages = new Map<string, SimulatedMessage>();
  /** Ids that can be visible, oldest first. */
  #ready: string[] = [];
  #readyAt = 0;
  #hidden = new Set<string>();
  #made = 0;
  #wake: (() => void) | undefined;

  constructor(name: string, options: QueueOptions) {
    this.name = name;
    this.#options = options;
  }

  get size(): number {
    return this.#messages.size;
  }

  get inFlight(): number {
    return this.#hidden.size;
  }

  /** Every message, hidden ones too. */
  all(): SimulatedMessage[] {
    return [...this.#messages.values()];
  }

  send(
    body: string,
    { delayMs = 0, attributes = {} }: { delayMs?: number; attributes?: SimulatedMessage['attributes'] } = {},
  ): string {
    const now = this.#options.clock.now();
    this.#made += 1;
    const id = `${this.name}-${this.#made}`;
    this.#add({
      id,
      body,
      attributes,
      sentAt: now,
      isMoved: false,
      receives: 0,
      visibleAt: now + delayMs,
      receipt: '',
    });
    return id;
  }

  /** Up to `max` messages that are visible, hidden from now on. */
  receive(max: number, visibilityMs = this.#options.visibilityMs): SimulatedMessage[] {
    const { clock, maxReceiveCount = Number.POSITIVE_INFINITY, maxInFlight = 120_000 } = this.#options;
    const now = clock.now();
    const received: SimulatedMessage[] = [];
    while (received.length < max && this.#hidden.size < maxInFlight) {
      const message = this.#takeReady();
      if (message === undefined) break;
      if (this.#isExpired(message, now)) {
        this.#messages.delete(message.id);
        this.expired += 1;
      } else if (message.receives >= maxReceiveCount) this.#moveToDeadLetters(message);
      else {
        message.receives += 1;
        message.receipt = `${message.id}/${message.receives}`;
        this.#hide(message, visibilityMs);
        received.push(message);
      }
    }
    return received;
  }

  /** @returns Whether the receipt was the last one. */
  delete(receipt: string): boolean {
    const message = this.#byReceipt(receipt);
    if (message === undefined) return false;
    this.#messages.delete(message.id);
    this.#hidden.delete(message.id);
    return true;
  }

  changeVisibility(receipt: string, visibilityMs: number): boolean {
    const message = this.#byReceipt(receipt);
    if (message === undefined || !this.#hidden.has(message.id)) return false;
    this.#hide(message, visibilityMs);
    return true;
  }

  purge(): void {
    this.#messages.clear();
    this.#hidden.clear();
    this.#ready = [];
  }

  /** Resolves when a message is visible, or after so many milliseconds. */
  async arrival(waitMs: number): Promise<void> {
    if (this.#hasReady()) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(waitMs, done);
      const before = this.#wake;
      function done(): void {
        cancel();
        resolve();
      }
      this.#wake = () => {
        before?.();
        done();
      };
    });
  }

  /** The port of the stages that read and move dead letters. */
  static client(queues: readonly SimulatedQueue[], clock: VirtualClock): Pick<SQSClient, 'send'> {
    const byUrl = new Map(queues.map((queue) => [queue.name, queue]));
    const send = async (command: { readonly input: { readonly QueueUrl?: string } }) => {
      const queue = byUrl.get(command.input.QueueUrl ?? '');
      if (queue === undefined) throw new TypeError(`There is no queue ${command.input.QueueUrl}.`);
      await clock.sleep(5);
      return answer(queue, command);
    };
    return { send } as unknown as Pick<SQSClient, 'send'>;
  }

  #add(message: SimulatedMessage): void {
    this.#messages.set(message.id, message);
    this.peak = Math.max(this.peak, this.#messages.size);
    this.#showAt(message);
  }

  #hide(message: SimulatedMessage, milliseconds: number): void {
    message.visibleAt = this.#options.clock.now() + milliseconds;
    this.#hidden.add(message.id);
    this.#showAt(message);
  }

  #showAt(message: SimulatedMessage): void {
    const { clock } = this.#options;
    const { id, visibleAt } = message;
    if (visibleAt <= clock.now()) this.#show(id);
    else
      clock.after(visibleAt - clock.now(), () => {
        if (message.visibleAt === visibleAt && this.#messages.get(id) === message) this.#show(id);
      });
  }

  #show(id: string): void {
    this.#hidden.delete(id);
    this.#ready.push(id);
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #takeReady(): SimulatedMessage | undefined {
    while (this.#readyAt < this.#ready.length) {
      const message = this.#messages.get(this.#ready[this.#readyAt++] ?? '');
      if (this.#readyAt > 10_000) {
        this.#ready = this.#ready.slice(this.#readyAt);
        this.#readyAt = 0;
      }
      if (message !== undefined && message.visibleAt <= this.#options.clock.now()) return message;
    }
    return undefined;
  }

  #hasReady(): boolean {
    while (this.#readyAt < this.#ready.length && !this.#messages.has(this.#ready[this.#readyAt] ?? ''))
      this.#readyAt += 1;
    return this.#readyAt < this.#ready.length;
  }

  #isExpired({ sentAt }: SimulatedMessage, now: number): boolean {
    return now - sentAt > (this.#options.retentionMs ?? 4 * DAY_MS);
  }

  /** A dead letter keeps its id and the time at which it was first sent. */
  #moveToDeadLetters(message: SimulatedMessage): void {
    this.#messages.delete(message.id);
    this.moved += 1;
    this.#options.deadLetters?.take(message);
  }

  /** A message that SQS moves here from another queue. */
  take(message: SimulatedMessage): void {
    this.#add({ ...message, isMoved: true, receives: 0, visibleAt: this.#options.clock.now(), receipt: '' });
  }

  #byReceipt(receipt: string): SimulatedMessage | undefined {
    const message = this.#messages.get(receipt.split('/', 1)[0] ?? '');
    return message?.receipt === receipt ? message : undefined;
  }
}

function answer(queue: SimulatedQueue, command: { readonly input: object }): object {
  if (command instanceof SendMessageCommand) {
    const { MessageBody = '', MessageAttributes = {}, DelaySeconds = 0 } = command.input;
    return { MessageId: queue.send(MessageBody, { delayMs: DelaySeconds * 1000, attributes: MessageAttributes }) };
  }
  if (command instanceof SendMessageBatchCommand) {
    const Successful = (command.input.Entries ?? []).map(({ Id, MessageBody = '', MessageAttributes = {} }) => ({
      Id,
      MessageId: queue.send(MessageBody, { attributes: MessageAttributes }),
    }));
    return { Successful, Failed: [] };
  }
  if (command instanceof ReceiveMessageCommand) {
    const { MaxNumberOfMessages = 1, VisibilityTimeout } = command.input;
    const hiddenMs = VisibilityTimeout === undefined ? undefined : VisibilityTimeout * 1000;
    return { Messages: queue.receive(MaxNumberOfMessages, hiddenMs).map((message) => toReceived(message)) };
  }
  if (command instanceof DeleteMessageBatchCommand) {
    const entries = command.input.Entries ?? [];
    const done = entries.filter(({ ReceiptHandle = '' }) => queue.delete(ReceiptHandle));
    return toBatchAnswer(entries, done);
  }
  if (command instanceof ChangeMessageVisibilityBatchCommand) {
    const entries = command.input.Entries ?? [];
    const done = entries.filter(({ ReceiptHandle = '', VisibilityTimeout = 0 }) =>
      queue.changeVisibility(ReceiptHandle, VisibilityTimeout * 1000),
    );
    return toBatchAnswer(entries, done);
  }
  if (command instanceof GetQueueAttributesCommand) {
    const counts = {
      ApproximateNumberOfMessages: String(queue.size - queue.inFlight),
      ApproximateNumberOfMessagesNotVisible: String(queue.inFlight),
    };
    return { Attributes: counts };
  }
  if (command instanceof PurgeQueueCommand) {
    queue.purge();
    return {};
  }
  throw new TypeError(`The simulated queue knows no ${command.constructor.name}.`);
}

function toReceived({ id, receipt, body, attributes, sentAt, receives, isMoved }: SimulatedMessage) {
  return {
    MessageId: id,
    ReceiptHandle: receipt,
    Body: body,
    MessageAttributes: attributes,
    Attributes: {
      SentTimestamp: String(sentAt),
      ApproximateReceiveCount: String(receives),
      ...(isMoved && { DeadLetterQueueSourceArn: 'arn:aws:sqs:eu-west-1:111122223333:uploads' }),
    },
  };
}

function toBatchAnswer(entries: readonly { readonly Id: string | undefined }[], done: readonly object[]) {
  const [Successful, Failed] = [true, false].map((wanted) =>
    entries.filter((entry) => done.includes(entry) === wanted).map(({ Id }) => ({ Id })),
  );
  return { Successful, Failed };
}
