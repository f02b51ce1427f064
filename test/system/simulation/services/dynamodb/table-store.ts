import type { LedgerRecord } from '../../../../../src/ledger/record.ts';
import { compareUtf8, SortedList, walk } from '../sorted-list.ts';
import { compareKeys, comparePartitions, type Item, StoredItem, type TableKey } from './stored-item.ts';
import { INDEXES, type IndexReadOptions, type IndexSchema, TableIndex } from './table-index.ts';

/** Which items to read, and in which order. */
export interface ReadOptions {
  readonly isForward: boolean;
  /** Where to go on: the item at this place is left out. */
  readonly after?: TableKey | undefined;
  /** Called for each item, until it says false. */
  readonly take: (stored: StoredItem) => boolean;
}

/** Of one item: what was put, or what was deleted. */
export interface Change {
  readonly kind: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly stored: StoredItem;
}

/** The items of a table with the ledger's two indexes, which show what was put and deleted some time later. */
export class TableStore implements Iterable<StoredItem> {
  readonly #items = new SortedList<StoredItem>(compareKeys);
  readonly #indexes = new Map(INDEXES.map((schema) => [schema, new TableIndex(schema)]));
  #puts = 0;

  [Symbol.iterator](): Iterator<StoredItem> {
    return this.#items[Symbol.iterator]();
  }

  find(key: TableKey): StoredItem | undefined {
    return this.#items.find((stored) => compareKeys(stored, key));
  }

  /**
   * @param shownFrom When the indexes show it. They show the changes of one item in their order, and an equal one changes nothing.
   * @returns The change in the table's stream; undefined: there is none.
   */
  put(content: LedgerRecord | Item, shownFrom: number): Change | undefined {
    const stored = new StoredItem(content, this.#puts++, shownFrom);
    const before = this.find(stored);
    if (before?.hasSameContent(stored)) return undefined;
    if (before !== undefined) {
      stored.shownFrom = Math.max(shownFrom, before.shownFrom);
      before.shownUntil = stored.shownFrom;
      this.#items.delete(before);
    }
    this.#items.add(stored);
    for (const index of this.#indexes.values()) index.add(stored);
    return { kind: before === undefined ? 'INSERT' : 'MODIFY', stored };
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

  readIndex(schema: IndexSchema, partition: string, now: number, options: IndexReadOptions): void {
    this.#indexes.get(schema)?.read(partition, now, options);
  }
}
