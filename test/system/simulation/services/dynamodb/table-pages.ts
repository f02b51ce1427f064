import type { QueryCommandInput, ScanCommandInput } from '@aws-sdk/client-dynamodb';
import { TABLE } from '../../../../../src/contract/table.ts';
import {
  type Condition,
  Placeholders,
  parseCondition,
  parseKeyCondition,
  parseProjection,
  pick,
} from './expressions.ts';
import { type Item, type StoredItem, sizeOf, toTableKey } from './stored-item.ts';
import { invalid } from './table-errors.ts';
import { type IndexSchema, indexNamed } from './table-index.ts';
import type { TableStore } from './table-store.ts';

/** Bytes of items that DynamoDB reads for one page, filtered ones included. */
const PAGE_BYTES = 1024 * 1024;

export interface Page {
  readonly Items: readonly Item[];
  readonly Count: number;
  readonly ScannedCount: number;
  readonly LastEvaluatedKey?: Item;
}

type PageInput = Pick<QueryCommandInput, 'Limit' | 'FilterExpression' | 'ProjectionExpression'>;

/** Collects what a page shows. Like DynamoDB, it counts items before it filters them. */
class PageReader {
  readonly #items: Item[] = [];
  readonly #limit: number;
  readonly #filter: Condition | undefined;
  readonly #project: (item: Item) => Item;
  #bytes = 0;
  #scanned = 0;
  #last: StoredItem | undefined;
  #isFull = false;

  constructor({ Limit, FilterExpression, ProjectionExpression }: PageInput, placeholders: Placeholders) {
    this.#limit = Limit ?? Number.POSITIVE_INFINITY;
    this.#filter = FilterExpression === undefined ? undefined : parseCondition(FilterExpression, placeholders);
    const isWhole = ProjectionExpression === undefined;
    this.#project = isWhole ? (item) => item : parseProjection(ProjectionExpression, placeholders);
  }

  /** @returns Whether there is room for more. */
  take(stored: StoredItem): boolean {
    const { item } = stored;
    this.#scanned += 1;
    this.#bytes += sizeOf(item);
    this.#last = stored;
    if (this.#filter?.(item) !== false) this.#items.push(this.#project(item));
    this.#isFull = this.#scanned >= this.#limit || this.#bytes >= PAGE_BYTES;
    return !this.#isFull;
  }

  /** A full page names its last item, also when nothing comes after it. */
  toPage(keyAttributes: readonly string[]): Page {
    const last = this.#isFull ? this.#last?.item : undefined;
    return {
      Items: this.#items,
      Count: this.#items.length,
      ScannedCount: this.#scanned,
      ...(last !== undefined && { LastEvaluatedKey: pick(last, keyAttributes) }),
    };
  }
}

export function queryPage(store: TableStore, input: QueryCommandInput, now: number): Page {
  const placeholders = new Placeholders(input);
  const index = input.IndexName === undefined ? undefined : indexNamed(input.IndexName);
  if (index !== undefined && input.ConsistentRead) throw invalid('no consistent reads of an index');
  const { partitionKey } = index ?? TABLE;
  const { partition, isWanted } = parseKeyCondition(input.KeyConditionExpression ?? '', placeholders, partitionKey);
  const reader = new PageReader(input, placeholders);
  placeholders.checkUse();
  let hasBegun = false;
  const take = (stored: StoredItem) => {
    // The sort keys that a condition admits are next to each other.
    if (!isWanted(stored.item)) return !hasBegun;
    hasBegun = true;
    return reader.take(stored);
  };
  const isForward = input.ScanIndexForward !== false;
  const start = input.ExclusiveStartKey as Item | undefined;
  if (index === undefined) {
    store.readPartition(toTableKey(partition, ''), { isForward, after: start && keyOf(start), take });
    return reader.toPage(TABLE_KEYS);
  }
  store.readIndex(index, partition, now, { isForward, after: start && indexKeyOf(start, index), take });
  return reader.toPage([...TABLE_KEYS, index.partitionKey, index.sortKey]);
}

export function scanPage(store: TableStore, input: ScanCommandInput): Page {
  const placeholders = new Placeholders(input);
  const reader = new PageReader(input, placeholders);
  placeholders.checkUse();
  const start = input.ExclusiveStartKey as Item | undefined;
  store.scan({ after: start && keyOf(start), take: (stored) => reader.take(stored) });
  return reader.toPage(TABLE_KEYS);
}

const TABLE_KEYS: readonly string[] = [TABLE.partitionKey, TABLE.sortKey];

export function keyOf(item: Item) {
  return toTableKey(item[TABLE.partitionKey]?.S ?? '', item[TABLE.sortKey]?.S ?? '');
}

function indexKeyOf(item: Item, { sortKey }: IndexSchema) {
  return { ...keyOf(item), indexSort: item[sortKey]?.S ?? '' };
}
