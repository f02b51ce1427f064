import { TABLE } from '../../../../../src/contract/table.ts';
import { compareUtf8, SortedList, type WalkOptions, walk } from '../sorted-list.ts';
import { compareKeys, type StoredItem, type TableKey } from './stored-item.ts';

export type IndexSchema = typeof TABLE.byDay | typeof TABLE.byUploader;

export const INDEXES: readonly IndexSchema[] = [TABLE.byDay, TABLE.byUploader];

/** @throws TypeError when there is no such index. */
export function indexNamed(name: string): IndexSchema {
  const schema = INDEXES.find(({ indexName }) => indexName === name);
  if (schema === undefined) throw new TypeError(`The simulated table has no index ${name}.`);
  return schema;
}

/** A place in a partition of an index. */
export interface IndexKey extends TableKey {
  readonly indexSort: string;
}

export interface IndexReadOptions {
  readonly isForward: boolean;
  /** Where to go on: the item at this place is left out. */
  readonly after?: IndexKey | undefined;
  /** Called for each item, until it says false. */
  readonly take: (stored: StoredItem) => boolean;
}

/** A secondary index: it shows each item for as long as the item says. */
export class TableIndex {
  readonly #schema: IndexSchema;
  readonly #partitions = new Map<string, SortedList<StoredItem>>();

  constructor(schema: IndexSchema) {
    this.#schema = schema;
  }

  /** Adds the item if it has the attributes of this index. */
  add(stored: StoredItem): void {
    const { partitionKey, sortKey } = this.#schema;
    const partition = stored.text(partitionKey);
    if (partition === undefined || stored.text(sortKey) === undefined) return;
    const known = this.#partitions.get(partition);
    const list = known ?? new SortedList<StoredItem>(this.#compare);
    if (known === undefined) this.#partitions.set(partition, list);
    list.add(stored);
  }

  /** Reads a partition as it is shown at this moment, and forgets what it will never show again. */
  read(partition: string, now: number, { isForward, after, take }: IndexReadOptions): void {
    const list = this.#partitions.get(partition);
    if (list === undefined) return;
    const position = (stored: StoredItem) =>
      after === undefined ? 0 : compareUtf8(this.#sortOf(stored), after.indexSort) || compareKeys(stored, after);
    const options: WalkOptions<StoredItem> = { position, isForward, isAfter: after !== undefined };
    const outdated: StoredItem[] = [];
    for (const stored of walk(list, options)) {
      if (stored.shownUntil <= now) outdated.push(stored);
      else if (stored.shownFrom <= now && !take(stored)) break;
    }
    for (const stored of outdated) list.delete(stored);
  }

  /** An item and what replaces it can have the same place for a while. */
  readonly #compare = (a: StoredItem, b: StoredItem): number =>
    compareUtf8(this.#sortOf(a), this.#sortOf(b)) || compareKeys(a, b) || a.order - b.order;

  #sortOf(stored: StoredItem): string {
    return stored.text(this.#schema.sortKey) ?? '';
  }
}
