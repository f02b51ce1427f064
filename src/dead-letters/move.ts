import {
  DeleteMessageBatchCommand,
  type MessageAttributeValue,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
} from '@aws-sdk/client-sqs';
import { QUARANTINE_ATTRIBUTES } from '../contract/quarantine.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { QueueRef } from './queues.ts';
import type { DeadLettersHeld } from './receive.ts';

/** Bytes of one batch call that every Region has taken at all times. Source: SQS developer guide, "Message quotas". */
const CALL_BYTES = 256 * 1024;

const OURS: ReadonlySet<string> = new Set(Object.values(QUARANTINE_ATTRIBUTES));

/** What became of one move. */
export interface Moved {
  /** Ids that the sent copies have, by the id of the dead letter. */
  readonly sent: ReadonlyMap<string, string>;
  /** Sent, and still in the dead-letter queue as well: moving them again does no harm. */
  readonly notDeleted: number;
  /** Refused by the uploads queue: they stay where they are. */
  readonly notSent: readonly { readonly id: string; readonly why: string }[];
}

export interface MoveQueues {
  readonly from: QueueRef;
  readonly to: QueueRef;
  /** Holds the letters' receipts. Those that were deleted are forgotten. */
  readonly held: DeadLettersHeld;
}

/**
 * Moves up to ten dead letters: sends copies, then deletes those that were sent. Killed in between, a message stands in both queues and
 * none is lost; its record has one key, however often it is stored.
 *
 * The copies do not carry what quarantine wrote about them: that is of the past.
 */
export async function moveLetters(letters: readonly DeadLetter[], { from, to, held }: MoveQueues): Promise<Moved> {
  const sent = new Map<string, string>();
  const notSent: { id: string; why: string }[] = [];
  for (const call of callsOf(letters)) {
    const { Successful = [], Failed = [] } = await to.client.send(
      new SendMessageBatchCommand({ QueueUrl: to.url, Entries: call.map(toEntry) }),
    );
    for (const { Id, MessageId = '' } of Successful) sent.set(call[Number(Id)]?.id ?? '', MessageId);
    for (const { Id, Code, Message } of Failed) {
      notSent.push({ id: call[Number(Id)]?.id ?? '', why: Message ?? Code ?? 'no reason given' });
    }
  }
  const notDeleted = await deleteLetters([...sent.keys()], from, held);
  return { sent, notDeleted, notSent };
}

async function deleteLetters(ids: readonly string[], { client, url }: QueueRef, held: DeadLettersHeld) {
  if (ids.length === 0) return 0;
  const Entries = ids.map((id, index) => ({ Id: String(index), ReceiptHandle: held.receiptOf(id) ?? '' }));
  const { Successful = [] } = await client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
  for (const { Id } of Successful) held.forget(ids[Number(Id)] ?? '');
  return ids.length - Successful.length;
}

/** Cuts the letters into calls that SQS takes by their size. */
function callsOf(letters: readonly DeadLetter[]): DeadLetter[][] {
  const calls: DeadLetter[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const letter of letters) {
    const size = sizeOf(letter);
    if (bytes + size > CALL_BYTES) {
      calls.push([]);
      bytes = 0;
    }
    calls.at(-1)?.push(letter);
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
  const kept = Object.entries(attributes).filter(([name]) => !OURS.has(name));
  const MessageAttributes = Object.fromEntries(kept.map(([name, value]) => [name, toSend(value)]));
  return { Id: String(index), MessageBody: body, ...(kept.length > 0 && { MessageAttributes }) };
}

/** SQS refuses the empty lists that some answers carry. */
function toSend({ DataType, StringValue, BinaryValue }: MessageAttributeValue): MessageAttributeValue {
  return {
    DataType,
    ...(StringValue !== undefined && { StringValue }),
    ...(BinaryValue !== undefined && { BinaryValue }),
  };
}

/** Ids remembered at most: some ten megabytes. */
const MOST_REMEMBERED = 100_000;

/** Remembers what a redrive has sent, so that it knows a message that comes back. Forgets the oldest where there are too many. */
export class SentLetters {
  /** Id of the dead letter by the id of its sent copy. */
  readonly #origins = new Map<string, string>();
  readonly #letters = new Set<string>();

  /** @param sent Ids of the sent copies by the ids of the dead letters. */
  add(sent: ReadonlyMap<string, string>): void {
    for (const [letter, copy] of sent) {
      this.#origins.set(copy, letter);
      this.#letters.add(letter);
    }
    for (const [copy, letter] of this.#origins) {
      if (this.#origins.size <= MOST_REMEMBERED) break;
      this.#origins.delete(copy);
      this.#letters.delete(letter);
    }
  }

  /** Whether the dead letter of this id was sent. */
  has(id: string): boolean {
    return this.#letters.has(id);
  }

  /**
   * The id of the dead letter that was sent and has come back as `letter`; undefined when it is another. What is quarantined again names
   * the copy; what SQS moves after the last receive keeps its id.
   */
  originOf({ id, originalMessageId }: DeadLetter): string | undefined {
    return (
      this.#origins.get(id) ?? (originalMessageId === undefined ? undefined : this.#origins.get(originalMessageId))
    );
  }
}
