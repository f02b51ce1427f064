import {
  DeleteMessageBatchCommand,
  type MessageAttributeValue,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
} from '@aws-sdk/client-sqs';
import { QUARANTINE_ATTRIBUTES } from '../contract/quarantine.ts';
import type { DeadLetter } from './dead-letter.ts';
import { DELIVERY_ERROR_ATTRIBUTES } from './dead-letter-message.ts';
import type { QueueRef } from './queues.ts';
import type { HeldMessages } from './receive.ts';

/** Bytes of one batch call that every Region takes. Source: SQS developer guide, "Message quotas". */
const MAX_CALL_BYTES = 256 * 1024;

/** Attributes that say why a message became a dead letter. */
const CAUSE_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...Object.values(QUARANTINE_ATTRIBUTES),
  ...DELIVERY_ERROR_ATTRIBUTES.flat(),
]);

/** What became of one move. */
interface Moved {
  /** Ids that the sent copies have, by the id of the dead letter. */
  readonly sent: ReadonlyMap<string, string>;
  /** How many were sent and are still in the dead-letter queue as well: moving them again does no harm. */
  readonly notDeleted: number;
  /** Refused by the uploads queue: they stay where they are. */
  readonly notSent: readonly { readonly id: string; readonly why: string }[];
}

interface MoveQueues {
  readonly from: QueueRef;
  readonly to: QueueRef;
  /** Holds the receipts. Messages that were deleted are forgotten. */
  readonly held: HeldMessages;
}

/**
 * Moves up to ten dead letters: sends copies, then deletes those that were sent. After a kill in between, a message is
 * in both queues and none is lost; its record has one key, however often it is stored.
 *
 * The copies do not carry the attributes that say why the message became a dead letter, which describe the past.
 */
export async function moveDeadLetters(
  deadLetters: readonly DeadLetter[],
  { from, to, held }: MoveQueues,
): Promise<Moved> {
  const sent = new Map<string, string>();
  const notSent: { id: string; why: string }[] = [];
  for (const call of splitBySize(deadLetters)) {
    const { Successful = [], Failed = [] } = await to.client.send(
      new SendMessageBatchCommand({ QueueUrl: to.url, Entries: call.map(toEntry) }),
    );
    for (const { Id, MessageId = '' } of Successful) sent.set(call[Number(Id)]?.id ?? '', MessageId);
    for (const { Id, Code, Message } of Failed) {
      notSent.push({ id: call[Number(Id)]?.id ?? '', why: Message ?? Code ?? 'no reason given' });
    }
  }
  const notDeleted = await deleteMessages([...sent.keys()], from, held);
  return { sent, notDeleted, notSent };
}

/** @returns How many were not deleted. */
export async function deleteMessages(
  ids: readonly string[],
  { client, url }: QueueRef,
  held: HeldMessages,
): Promise<number> {
  if (ids.length === 0) return 0;
  const Entries = ids.map((id, index) => ({ Id: String(index), ReceiptHandle: held.receiptOf(id) ?? '' }));
  const { Successful = [] } = await client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
  for (const { Id } of Successful) held.forget(ids[Number(Id)] ?? '');
  return ids.length - Successful.length;
}

/** Splits the messages into calls that SQS takes by their size. */
function splitBySize(deadLetters: readonly DeadLetter[]): DeadLetter[][] {
  const calls: DeadLetter[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const deadLetter of deadLetters) {
    const size = sizeOf(deadLetter);
    if (bytes + size > MAX_CALL_BYTES) {
      calls.push([]);
      bytes = 0;
    }
    calls.at(-1)?.push(deadLetter);
    bytes += size;
  }
  return calls;
}

/** As SQS counts: body, and name, type and value of each attribute. */
function sizeOf({ body, attributes }: DeadLetter): number {
  return Object.entries(attributes).reduce(
    (sum, [name, { DataType = '', StringValue = '', BinaryValue }]) =>
      sum + Buffer.byteLength(name + DataType + StringValue) + (BinaryValue?.length ?? 0),
    Buffer.byteLength(body),
  );
}

function toEntry({ body, attributes }: DeadLetter, index: number): SendMessageBatchRequestEntry {
  const kept = Object.entries(attributes).filter(([name]) => !CAUSE_ATTRIBUTES.has(name));
  const MessageAttributes = Object.fromEntries(kept.map(([name, value]) => [name, toSendable(value)]));
  return { Id: String(index), MessageBody: body, ...(kept.length > 0 && { MessageAttributes }) };
}

/** SQS refuses the empty lists that some received attributes carry. */
function toSendable({ DataType, StringValue, BinaryValue }: MessageAttributeValue): MessageAttributeValue {
  return {
    DataType,
    ...(StringValue !== undefined && { StringValue }),
    ...(BinaryValue !== undefined && { BinaryValue }),
  };
}

/** Some ten megabytes. */
const MAX_REMEMBERED = 100_000;

/** Remembers what a redrive has sent, to recognise a message that comes back. Forgets the oldest of too many. */
export class SentMessages {
  /** Id of the dead letter by the id of its sent copy. */
  readonly #origins = new Map<string, string>();
  readonly #sent = new Set<string>();

  /** @param sent Ids of the sent copies by the ids of the dead letters. */
  add(sent: ReadonlyMap<string, string>): void {
    for (const [id, copy] of sent) {
      this.#origins.set(copy, id);
      this.#sent.add(id);
    }
    for (const [copy, id] of this.#origins) {
      if (this.#origins.size <= MAX_REMEMBERED) break;
      this.#origins.delete(copy);
      this.#sent.delete(id);
    }
  }

  /** Whether the dead letter of this id was sent. */
  has(id: string): boolean {
    return this.#sent.has(id);
  }

  /**
   * The id of the dead letter that was sent and came back as this one; undefined when it is another. A copy that is
   * quarantined again names the sent message; one that SQS moves after its last receive keeps the sent message's id.
   */
  originOf({ id, originalMessageId }: DeadLetter): string | undefined {
    return (
      this.#origins.get(id) ?? (originalMessageId === undefined ? undefined : this.#origins.get(originalMessageId))
    );
  }
}
