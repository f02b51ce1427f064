import type { DynamoDBRecord } from 'aws-lambda';
import { HOUR_MS } from '../../../../../src/shared/time.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import type { Item, StoredItem, TableKey } from './stored-item.ts';
import type { Change } from './table-store.ts';

/** A change of the table, and its place in the stream. */
export interface StreamRecord {
  readonly shardId: string;
  readonly sequenceNumber: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly kind: Change['kind'];
  readonly stored: StoredItem;
  /** Its attributes: to make them takes longer than all else that is done with them. */
  readonly item: Item;
}

/** How long a record can be read. Source: DynamoDB developer guide, "Change data capture for DynamoDB Streams". */
const RETENTION_MS = 24 * HOUR_MS;
/** As many as a new table on demand has partitions. */
const SHARDS = 4;
/** Sequence numbers have 21 to 40 digits. Source: DynamoDB Streams API reference, `StreamRecord`. */
const FIRST_SEQUENCE_NUMBER = 100_000_000_000_000_000_000n;

/** The stream of a table: all changes, those of one partition key in their order. */
export class SimulatedStream {
  readonly arn = 'arn:aws:dynamodb:eu-west-1:111122223333:table/ledger/stream/2026-03-01T00:00:00.000';
  readonly shards: readonly StreamShard[];
  readonly #clock: Pick<VirtualClock, 'now'>;
  #written = 0n;

  constructor(clock: Pick<VirtualClock, 'now'>) {
    this.#clock = clock;
    this.shards = Array.from({ length: SHARDS }, (_, at) => new StreamShard(`shardId-${at}`, clock));
  }

  append({ kind, stored }: Change): StreamRecord {
    this.#written += 1n;
    const shard = this.#shardOf(stored);
    const sequenceNumber = String(FIRST_SEQUENCE_NUMBER + this.#written);
    const record = { shardId: shard.id, sequenceNumber, at: this.#clock.now(), kind, stored, item: stored.item };
    shard.append(record);
    return record;
  }

  #shardOf({ hash }: TableKey): StreamShard {
    return this.shards[hash % SHARDS] as StreamShard;
  }
}

/** Changes of some of the partition keys, with the one reader that they have. */
export class StreamShard {
  readonly id: string;
  readonly #clock: Pick<VirtualClock, 'now'>;
  /** What was not read yet. */
  #records: StreamRecord[] = [];
  #arrival = Promise.withResolvers<void>();

  constructor(id: string, clock: Pick<VirtualClock, 'now'>) {
    this.id = id;
    this.#clock = clock;
  }

  get size(): number {
    return this.#records.length;
  }

  append(record: StreamRecord): void {
    this.#records.push(record);
    this.#arrival.resolve();
  }

  /** Resolves when there is something to read, or when {@link wake} is called. */
  async arrival(): Promise<void> {
    if (this.#records.length > 0) return;
    this.#arrival = Promise.withResolvers();
    await this.#arrival.promise;
  }

  wake(): void {
    this.#arrival.resolve();
  }

  /** Reads the next records. Those that were not read in time are gone. */
  read(max: number): readonly StreamRecord[] {
    const oldest = this.#clock.now() - RETENTION_MS;
    this.#records = this.#records.filter(({ at }) => at >= oldest);
    return this.#records.splice(0, max);
  }
}

/** The types of both packages are the same for texts and numbers. */
type Image = NonNullable<NonNullable<DynamoDBRecord['dynamodb']>['Keys']>;

/** As Lambda hands it to a function, with the view `NEW_IMAGE`. */
export function toLambdaRecord({ sequenceNumber, at, kind, item }: StreamRecord, arn: string): DynamoDBRecord {
  const { s3_object, upload_id } = item;
  const Keys = { s3_object, upload_id } as Image;
  return {
    eventID: sequenceNumber,
    eventName: kind,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'eu-west-1',
    eventSourceARN: arn,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(at / 1000),
      Keys,
      ...(kind !== 'REMOVE' && { NewImage: item as Image }),
      SequenceNumber: sequenceNumber,
      StreamViewType: 'NEW_IMAGE',
    },
  };
}
