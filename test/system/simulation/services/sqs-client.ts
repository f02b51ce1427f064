import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  type MessageAttributeValue,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { LIMITS } from '../../../../src/contract/limits.ts';
import { MINUTE_MS, SECOND_MS } from '../../../../src/shared/time.ts';
import { MoveTasks } from './move-tasks.ts';
import { ClientRetries, type Life } from './process-life.ts';
import { connectionReset } from './sdk-retries.ts';
import type { SimulatedMessage, SimulatedQueue } from './simulated-sqs.ts';
import { refusal } from './sqs-errors.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What happens to one try of a call. */
export type SqsFault = 'refused' | 'answer-lost';

export interface SqsOptions {
  readonly clock: VirtualClock;
  /** Their names are their URLs. */
  readonly queues: readonly SimulatedQueue[];
  /** Decides about each try. @default never */
  readonly fault?: (operation: string) => SqsFault | undefined;
}

/** Milliseconds of one call. */
const LATENCY_MS = 5;
/** Bytes of one message, and of all messages of one call. Source: SQS developer guide, "Message quotas". */
const MAX_BYTES = 1024 * 1024;

/** SQS as its client sees it. */
export class SimulatedSqs {
  readonly #options: SqsOptions;
  readonly #moveTasks: MoveTasks;
  readonly #purgedAt = new Map<SimulatedQueue, number>();

  constructor(options: SqsOptions) {
    this.#options = options;
    this.#moveTasks = new MoveTasks(options);
  }

  /** @param life Of the process that calls. @default it lives forever, and its client is new */
  connect(life?: Life): Pick<SQSClient, 'send'> {
    const { sqs: retries } = life?.retries ?? new ClientRetries(this.#options.clock);
    const isAlive = () => life?.hasEnded !== true;
    const send = (command: Command, { abortSignal: signal }: { readonly abortSignal?: AbortSignal } = {}) => {
      const tries = () => retries.run(() => this.#try(command, signal), { signal, isAlive });
      return life === undefined ? tries() : life.call(tries);
    };
    return { send } as unknown as Pick<SQSClient, 'send'>;
  }

  async #try(command: Command, signal: AbortSignal | undefined): Promise<object> {
    const { clock, fault: decide } = this.#options;
    const fault = decide?.(command.constructor.name.replace(/Command$/, ''));
    const done = clock.sleep(LATENCY_MS / 2).then(() => {
      if (fault === 'refused') throw refusal('ServiceUnavailable', 503);
      return this.#answer(command);
    });
    done.catch(() => undefined);
    await clock.sleep(LATENCY_MS, signal);
    const answer = await done;
    if (fault === 'answer-lost') throw connectionReset();
    return answer;
  }

  #answer(command: Command): object | Promise<object> {
    if (command instanceof StartMessageMoveTaskCommand) return this.#moveTasks.start(command.input);
    if (command instanceof ListMessageMoveTasksCommand) return this.#moveTasks.list(command.input);
    const queue = this.#options.queues.find(({ name }) => name === command.input.QueueUrl);
    if (queue === undefined) throw refusal('QueueDoesNotExist');
    if (command instanceof SendMessageCommand) return { MessageId: send(queue, command.input) };
    if (command instanceof SendMessageBatchCommand) return sendBatch(queue, command.input.Entries);
    if (command instanceof ReceiveMessageCommand) return receive(queue, command.input);
    if (command instanceof DeleteMessageBatchCommand) {
      // A receipt that is not the last one deletes nothing, and SQS does not say so.
      return batch(command.input.Entries, ({ ReceiptHandle = '' }) => {
        queue.delete(ReceiptHandle);
        return {};
      });
    }
    if (command instanceof ChangeMessageVisibilityBatchCommand) {
      return batch(command.input.Entries, ({ ReceiptHandle = '', VisibilityTimeout = 0 }) =>
        queue.changeVisibility(ReceiptHandle, VisibilityTimeout * SECOND_MS) ? {} : 'MessageNotInflight',
      );
    }
    if (command instanceof GetQueueAttributesCommand) return attributesOf(queue, command.input.AttributeNames);
    if (command instanceof PurgeQueueCommand) return this.#purge(queue);
    throw new TypeError(`The simulated SQS knows no ${command.constructor.name}.`);
  }

  #purge(queue: SimulatedQueue): object {
    const now = this.#options.clock.now();
    if (now - (this.#purgedAt.get(queue) ?? Number.NEGATIVE_INFINITY) < MINUTE_MS)
      throw refusal('PurgeQueueInProgress');
    this.#purgedAt.set(queue, now);
    queue.purge();
    return {};
  }
}

interface Command {
  readonly input: { readonly QueueUrl?: string | undefined };
}

interface Sendable {
  readonly MessageBody?: string | undefined;
  readonly MessageAttributes?: Record<string, MessageAttributeValue> | undefined;
  readonly DelaySeconds?: number | undefined;
}

function send(queue: SimulatedQueue, message: Sendable): string {
  if (sizeOf(message) > MAX_BYTES) throw refusal('InvalidParameterValue');
  const { MessageBody = '', MessageAttributes = {}, DelaySeconds = 0 } = message;
  return queue.send(MessageBody, { delayMs: DelaySeconds * SECOND_MS, attributes: MessageAttributes });
}

function sendBatch(queue: SimulatedQueue, entries: readonly (Sendable & Entry)[] = []): object {
  const bytes = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  if (bytes > MAX_BYTES) throw refusal('BatchRequestTooLong');
  return batch(entries, (entry) => ({ MessageId: send(queue, entry) }));
}

/** As SQS counts: body, and name, type and value of each attribute. */
function sizeOf({ MessageBody = '', MessageAttributes = {} }: Sendable): number {
  return Object.entries(MessageAttributes).reduce(
    (sum, [name, { DataType = '', StringValue = '', BinaryValue }]) =>
      sum + Buffer.byteLength(name + DataType + StringValue) + (BinaryValue?.length ?? 0),
    Buffer.byteLength(MessageBody),
  );
}

interface Entry {
  readonly Id: string | undefined;
}

/** @param act Gives what to tell of a success, or the code of a failure. */
function batch<T extends Entry>(entries: readonly T[] = [], act: (entry: T) => object | string): object {
  if (entries.length === 0) throw refusal('EmptyBatchRequest');
  if (entries.length > LIMITS.sqs.batchEntries) throw refusal('TooManyEntriesInBatchRequest');
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) throw refusal('BatchEntryIdsNotDistinct');
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    const outcome = act(entry);
    if (typeof outcome === 'string') Failed.push({ Id: entry.Id, Code: outcome, Message: outcome, SenderFault: true });
    else Successful.push({ Id: entry.Id, ...outcome });
  }
  return { Successful, Failed };
}

/**
 * When too many messages are in flight, a call that waits gets nothing, and one that does not wait gets an error. Source: SQS
 * developer guide, "Amazon SQS standard queue quotas".
 */
async function receive(queue: SimulatedQueue, input: ReceiveMessageCommandInput): Promise<object> {
  const { MaxNumberOfMessages: max = 1, VisibilityTimeout, WaitTimeSeconds = 0 } = input;
  if (max < 1 || max > LIMITS.sqs.batchEntries) throw refusal('InvalidParameterValue');
  if (WaitTimeSeconds === 0 && queue.isFull) throw refusal('OverLimit');
  const visibilityMs = VisibilityTimeout === undefined ? undefined : VisibilityTimeout * SECOND_MS;
  const messages = await queue.poll({ max, waitMs: WaitTimeSeconds * SECOND_MS, visibilityMs });
  return messages.length === 0 ? {} : { Messages: messages.map((message) => toReceived(message, input)) };
}

function toReceived(
  { id, receipt, body, attributes, sentAt, receives, firstReceivedAt = sentAt, movedFrom }: SimulatedMessage,
  { MessageAttributeNames = [], MessageSystemAttributeNames = [] }: ReceiveMessageCommandInput,
): object {
  const isNamed = (names: readonly string[]) => (entry: [string, unknown]) =>
    names.includes('All') || names.includes(entry[0]);
  const system: [string, string][] = [
    ['SentTimestamp', String(sentAt)],
    ['ApproximateReceiveCount', String(receives)],
    ['ApproximateFirstReceiveTimestamp', String(firstReceivedAt)],
    ['SenderId', 'AIDAEXAMPLE'],
  ];
  if (movedFrom !== undefined) system.push(['DeadLetterQueueSourceArn', movedFrom]);
  const chosen = Object.entries(attributes).filter(isNamed(MessageAttributeNames));
  const chosenSystem = system.filter(isNamed(MessageSystemAttributeNames));
  return {
    MessageId: id,
    ReceiptHandle: receipt,
    Body: body,
    ...(chosen.length > 0 && { MessageAttributes: Object.fromEntries(chosen) }),
    ...(chosenSystem.length > 0 && { Attributes: Object.fromEntries(chosenSystem) }),
  };
}

function attributesOf(queue: SimulatedQueue, names: readonly string[] = []): object {
  const { arn, size, inFlight, delayed } = queue;
  const all: [string, string][] = [
    ['QueueArn', arn],
    ['ApproximateNumberOfMessages', String(size - inFlight - delayed)],
    ['ApproximateNumberOfMessagesNotVisible', String(inFlight)],
    ['ApproximateNumberOfMessagesDelayed', String(delayed)],
  ];
  const chosen = all.filter(([name]) => names.includes('All') || names.includes(name));
  return chosen.length === 0 ? {} : { Attributes: Object.fromEntries(chosen) };
}
