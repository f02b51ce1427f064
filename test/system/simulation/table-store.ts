import { TABLE } from '../../../src/contract/table.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { compareUtf8, SortedList } from './sorted-list.ts';
import { compareKeys, comparePartitions, type Item, StoredItem, type TableKey } from './stored-item.ts';

export type IndexSchema = typeof TABLE.byDay | typeof TABLE.byUploader;

const INDEXES: readonly IndexSchema[] = [TABLE.byDay, TABLE.byUploader];

/** @throws TypeError when there is no such index. */
export function indexNamed(name: string): IndexSchema {
  const schema = INDEXES.find(({ indexName }) => indexName === name);
  if (schema === undefined) throw new TypeError(`The simulated table has no index ${name}.`);
  return schema;
}

/** Which items to read, and in which order. */
export interface ReadOptions {
  readonly isForward: boolean;
  /** Where to go on: the item at this place is left out. */
  readonly after?: TableKey | undefined;
  /** Called for each item, until it says false. */
  readonly take: (stored: StoredItem) => boolean;
}

/** The items of a table with the ledger's two indexes, which show what was put and deleted some time later. */
export class TableStore implements Iterable<StoredItem> {
  readonly #items = new SortedList<StoredItem>(compareKeys);
  readonly #indexes = new Map(INDEXES.map((schema) => [schema, new SortedList<StoredItem>(compareInIndex(schema))]));
  #puts = 0;

  [Symbol.iterator](): Iterator<StoredItem> {
    return this.#items[Symbol.iterator]();
  }

  find(key: TableKey): StoredItem | undefined {
    return this.#items.find((stored) => compareKeys(stored, key));
  }

  /** @param shownFrom When the indexes show it. They show the changes of one item in their order, and an equal one changes nothing. */
  put(content: LedgerRecord | Item, shownFrom: number): void {
    const stored = new StoredItem(content, this.#puts++, shownFrom);
    const before = this.find(stored);
    if (before?.hasSameContent(stored)) return;
    if (before !== undefined) {
      stored.shownFrom = Math.max(shownFrom, before.shownFrom);
      before.shownUntil = stored.shownFrom;
      this.#items.delete(before);
    }
    this.#items.add(stored);
    for (const [{ partitionKey, sortKey }, index] of this.#indexes) {
      if (stored.text(partitionKey) !== undefined && stored.text(sortKey) !== undefined) index.add(stored);
    }
  }

  delete(key: TableKey, shownUntil: number): StoredItem | undefined {
    const stored = this.find(key);
    if (stored === undefined) return undefined;
    stored.shownUntil = Math.max(shownUntil, stored.shownFrom);
    this.#items.delete(stored);
    return stored;
  }

  /** Reads the partition of a key. */
  readPartition(partition: TableKey, { isForward, after, take }: ReadOptions): void {
    const position = (stored: StoredItem) =>
      comparePartitions(stored, partition) || (after === undefined ? 0 : compareUtf8(stored.sortKey, after.sortKey));
    for (const stored of walk(this.#items, { position, isForward, isAfter: after !== undefined })) {
      if (comparePartitions(stored, partition) !== 0 || !take(stored)) return;
    }
  }

  /** Reads the whole table, partition after partition. */
  scan({ after, take }: Pick<ReadOptions, 'after' | 'take'>): void {
    const position = (stored: StoredItem) => (after === undefined ? 0 : compareKeys(stored, after));
    for (const stored of walk(this.#items, { position, isForward: true, isAfter: after !== undefined })) {
      if (!take(stored)) return;
    }
  }

  /** Reads a partition of an index as it is shown at this moment, and forgets what it will never show again. */
  readIndex(schema: IndexSchema, partition: string, now: number, options: IndexReadOptions): void {
    const index = this.#indexes.get(schema);
    if (index === undefined) return;
    const { isForward, after, take } = options;
    const position = (stored: StoredItem) =>
      compareUtf8(stored.text(schema.partitionKey) ?? '', partition) ||
      (after === undefined
        ? 0
        : compareUtf8(stored.text(schema.sortKey) ?? '', after.indexSort) || compareKeys(stored, after));
    const outdated: StoredItem[] = [];
    for (const stored of walk(index, { position, isForward, isAfter: after !== undefined })) {
      if (stored.text(schema.partitionKey) !== partition) break;
      if (stored.shownUntil <= now) outdated.push(stored);
      else if (stored.shownFrom <= now && !take(stored)) break;
    }
    for (const stored of outdated) index.delete(stored);
  }
}

interface IndexReadOptions extends ReadOptions {
  readonly after?: (TableKey & { readonly indexSort: string }) | undefined;
}

/** In an index, an item and what replaces it can have the same place for a while. */
function compareInIndex({ partitionKey, sortKey }: IndexSchema): (a: StoredItem, b: StoredItem) => number {
  return (a, b) =>
    compareUtf8(a.text(partitionKey) ?? '', b.text(partitionKey) ?? '') ||
    compareUtf8(a.text(sortKey) ?? '', b.text(sortKey) ?? '') ||
    compareKeys(a, b) ||
    a.order - b.order;
}

interface WalkOptions {
  /** Where an item is, compared with the place to begin at. */
  readonly position: (stored: StoredItem) => number;
  readonly isForward: boolean;
  /** Whether to leave out what is at that place. */
  readonly isAfter: boolean;
}

function walk(list: SortedList<StoredItem>, { position, isForward, isAfter }: WalkOptions): Generator<StoredItem> {
  // Those at the place itself are read when they are not to be left out, in either direction.
  const isBefore = (stored: StoredItem) => (isForward === isAfter ? position(stored) <= 0 : position(stored) < 0);
  return isForward ? list.ascending(isBefore) : list.descending(isBefore);
}
