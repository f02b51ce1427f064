import { isDeepStrictEqual } from 'node:util';
import { LOCAL_REGION } from '../identity.ts';
import type { StreamView, TableKey } from '../template/resources.ts';

/** Attributes in DynamoDB's JSON. */
export type ItemImage = Readonly<Record<string, unknown>>;

/** A table whose changes are followed. */
export interface StreamedTable extends TableKey {
  readonly name: string;
  readonly streamArn: string;
  readonly view: StreamView;
}

/** A record of a table's stream, as Lambda hands it to a function. */
export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: '1.1';
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly eventSourceARN: string;
  readonly dynamodb: {
    /** Epoch seconds. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: ItemImage;
    readonly NewImage?: ItemImage;
    readonly OldImage?: ItemImage;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: StreamView;
  };
}

/** An item before and after a write. Absent: it was not there. */
interface ItemChange {
  readonly before: ItemImage | undefined;
  readonly after: ItemImage | undefined;
}

/** Sequence numbers have 21 to 40 digits. Source: DynamoDB Streams API reference, `StreamRecord`. */
const FIRST_SEQUENCE_NUMBER = 100_000_000_000_000_000_000n;

/**
 * The stream of a table: finds the changes in the writes that pass the table server, and tells its readers of each.
 *
 * A write that changes nothing has no record (DynamoDB developer guide, "Change data capture for DynamoDB Streams").
 * The emulator has no streams, so each item that a call writes is read before and after it, one writing call at a time.
 */
export class TableStream {
  readonly table: StreamedTable;
  readonly #now: () => number;
  readonly #readers: ((record: StreamRecord) => void)[] = [];
  #sequenceNumber = FIRST_SEQUENCE_NUMBER;
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(table: StreamedTable, now: () => number) {
    this.table = table;
    this.#now = now;
  }

  onRecord(reader: (record: StreamRecord) => void): void {
    this.#readers.push(reader);
  }

  /**
   * Carries out a call that writes these items, and tells of what it changed before it settles.
   *
   * @param read Reads the items of these keys that are there, in any order.
   */
  async follow(
    keys: readonly ItemImage[],
    read: () => Promise<readonly ItemImage[]>,
    write: () => Promise<void>,
  ): Promise<void> {
    const previous = this.#lastWrite;
    const turn = Promise.withResolvers<void>();
    this.#lastWrite = turn.promise;
    await previous;
    try {
      const before = await read();
      await write();
      const after = await read();
      for (const key of keys) this.#tell(key, { before: ofKey(key, before), after: ofKey(key, after) });
    } finally {
      turn.resolve();
    }
  }

  #tell(key: ItemImage, change: ItemChange): void {
    if (isDeepStrictEqual(change.before, change.after)) return;
    this.#sequenceNumber += 1n;
    const record = this.#toRecord(key, change, String(this.#sequenceNumber));
    for (const reader of this.#readers) reader(record);
  }

  #toRecord(key: ItemImage, { before, after }: ItemChange, sequenceNumber: string): StreamRecord {
    const { view, streamArn } = this.table;
    const hasNew = after !== undefined && (view === 'NEW_IMAGE' || view === 'NEW_AND_OLD_IMAGES');
    const hasOld = before !== undefined && (view === 'OLD_IMAGE' || view === 'NEW_AND_OLD_IMAGES');
    const images = { ...(hasNew && { NewImage: after }), ...(hasOld && { OldImage: before }) };
    return {
      eventID: BigInt(sequenceNumber).toString(16).padStart(32, '0'),
      eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: LOCAL_REGION,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(this.#now() / 1000),
        Keys: key,
        ...images,
        SequenceNumber: sequenceNumber,
        SizeBytes: Buffer.byteLength(JSON.stringify({ key, ...images })),
        StreamViewType: view,
      },
      eventSourceARN: streamArn,
    };
  }
}

function ofKey(key: ItemImage, items: readonly ItemImage[]): ItemImage | undefined {
  return items.find((item) => Object.entries(key).every(([name, value]) => isDeepStrictEqual(item[name], value)));
}

/** A request that writes items, as far as it names them. */
interface WritingCall {
  readonly TableName?: string;
  readonly Key?: ItemImage;
  readonly Item?: ItemImage;
  readonly RequestItems?: Readonly<
    Record<
      string,
      readonly { readonly PutRequest?: { Item: ItemImage }; readonly DeleteRequest?: { Key: ItemImage } }[]
    >
  >;
}

/** The keys of the items of one table that a call writes; none of a call that DynamoDB will refuse. */
export function writtenKeys({ name, partitionKey, sortKey }: StreamedTable, body: string): ItemImage[] {
  const call = parseCall(body);
  const single = call.TableName === name ? [call.Key ?? call.Item] : [];
  const batched = (call.RequestItems?.[name] ?? []).map(
    ({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key,
  );
  const names = sortKey === undefined ? [partitionKey] : [partitionKey, sortKey];
  return [...single, ...batched].flatMap((item) => {
    const key = names.map((attribute) => [attribute, item?.[attribute]]);
    return key.some(([, value]) => value === undefined) ? [] : [Object.fromEntries(key)];
  });
}

function parseCall(body: string): WritingCall {
  try {
    return Object(JSON.parse(body));
  } catch {
    return {};
  }
}
