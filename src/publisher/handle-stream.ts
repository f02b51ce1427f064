import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { isLedgerKey, TABLE } from '../contract/table.ts';
import { type LedgerEvent, toRecordEvent } from '../events/event.ts';
import { fromOutboxItem } from '../events/outbox.ts';
import { type EventTarget, type PutEvents, publish, toEntry } from '../events/publish.ts';
import { fromItem } from '../ledger/item.ts';
import type { Clock } from '../shared/clock.ts';
import { errorText } from '../shared/errors.ts';

interface StreamOptions {
  readonly target: EventTarget;
  readonly putEvents: PutEvents;
  readonly clock: Clock;
  readonly log: (level: 'info' | 'warn' | 'error', message: string, facts: Readonly<Record<string, unknown>>) => void;
}

/** Milliseconds kept back for the log and the answer. */
const RESERVE_MS = 2_000;

/**
 * Milliseconds for the calls of one invocation. Shorter failures are over by then; during longer ones Lambda waits
 * between two tries, which costs nothing.
 */
const PUBLISHING_MS = 10_000;

/** An event with the stream record that it was made of. */
interface StreamedEvent {
  readonly event: LedgerEvent;
  readonly sequenceNumber: string;
}

/** Announced events that the execution environment remembers: far more than come back at a time. */
const MAX_REMEMBERED = 1_000;

/**
 * Publishes the events of a batch of the table's stream, and names the first record whose event is not on the bus: Lambda
 * tries that one and all behind it again, until they are too old.
 *
 * Only an item that is new is announced. DynamoDB writes no stream record when an equal item is put again (a duplicate, a
 * retry, a redrive); an item that is changed or removed is the same upload as before.
 */
export class StreamHandler {
  readonly #options: StreamOptions;
  /** Sequence numbers of events on the bus that come again, because they were in one call with an event that failed. */
  readonly #announced = new Set<string>();

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  /** @param remainingMilliseconds Until the invocation is killed. */
  async handle({ Records }: DynamoDBStreamEvent, remainingMilliseconds: number): Promise<DynamoDBBatchResponse> {
    const { target, putEvents, clock, log } = this.#options;
    const events = Records.flatMap((record) => toStreamedEvent(record, log)).filter(
      ({ sequenceNumber }) => !this.#announced.has(sequenceNumber),
    );
    const deadline = clock.now() + Math.min(PUBLISHING_MS, remainingMilliseconds - RESERVE_MS);
    const entries = events.map(({ event }) => toEntry(event, target));
    const published = await publish(entries, { putEvents, clock, deadline });
    const { failedAt, error, refused } = published;
    for (const { at, reason } of refused) {
      const { id } = events[at]?.event.detail ?? {};
      log('error', 'Event left out, because EventBridge can never take it', { id, reason });
    }
    const facts = { received: Records.length, events: events.length, refused: refused.length };
    if (failedAt === undefined) {
      log('info', 'Events published', facts);
      return { batchItemFailures: [] };
    }
    this.#remember(published.publishedBehind.flatMap((at) => events[at]?.sequenceNumber ?? []));
    const waiting = events.length - failedAt - published.publishedBehind.length;
    log('warn', 'Events not published, they are tried again', { ...facts, waiting, reason: errorText(error) });
    return { batchItemFailures: [{ itemIdentifier: events[failedAt]?.sequenceNumber ?? '' }] };
  }

  #remember(sequenceNumbers: readonly string[]): void {
    if (this.#announced.size > MAX_REMEMBERED) this.#announced.clear();
    for (const sequenceNumber of sequenceNumbers) this.#announced.add(sequenceNumber);
  }
}

function toStreamedEvent({ eventName, dynamodb }: DynamoDBRecord, log: StreamOptions['log']): StreamedEvent[] {
  const { NewImage, SequenceNumber: sequenceNumber = '' } = dynamodb ?? {};
  if (eventName !== 'INSERT' || NewImage === undefined) return [];
  try {
    // Lambda gives the image in DynamoDB's JSON: both packages have the same types for texts and numbers.
    const event = toEvent(NewImage as Readonly<Record<string, AttributeValue>>);
    return event === undefined ? [] : [{ event, sequenceNumber }];
  } catch (error) {
    log('warn', 'Item of the table is not a ledger record, so it has no event', { reason: errorText(error) });
    return [];
  }
}

function toEvent(item: Readonly<Record<string, AttributeValue>>): LedgerEvent | undefined {
  return isLedgerKey(item[TABLE.partitionKey]?.S ?? '') ? toRecordEvent(fromItem(item)) : fromOutboxItem(item);
}
