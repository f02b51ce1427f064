import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { TABLE } from '../../../../../src/contract/table.ts';
import { toItem } from '../../../../../src/ledger/item.ts';
import type { LedgerRecord } from '../../../../../src/ledger/record.ts';
import { compareUtf8 } from '../sorted-list.ts';

export type Item = Record<string, AttributeValue>;

/** A place in the table. */
export interface TableKey {
  /** Of the partition key: orders the partitions, as in DynamoDB. */
  readonly hash: number;
  readonly partitionKey: string;
  readonly sortKey: string;
}

export function toTableKey(partitionKey: string, sortKey: string): TableKey {
  return { hash: hashOf(partitionKey), partitionKey, sortKey };
}

/** FNV-1a, in 31 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 1;
}

export function comparePartitions(a: TableKey, b: TableKey): number {
  return a.hash - b.hash || compareUtf8(a.partitionKey, b.partitionKey);
}

export function compareKeys(a: TableKey, b: TableKey): number {
  return comparePartitions(a, b) || compareUtf8(a.sortKey, b.sortKey);
}

/** What was put under a key, until something else is. */
export class StoredItem implements TableKey {
  readonly hash: number;
  readonly partitionKey: string;
  readonly sortKey: string;
  /** How many items were put before it. */
  readonly order: number;
  /** When the indexes show it: from the first time up to, and without, the second. Epoch milliseconds. */
  shownFrom: number;
  shownUntil = Number.POSITIVE_INFINITY;
  /** A ledger record stays as it came: as an item it would take three times the memory. */
  readonly #content: LedgerRecord | Item;

  constructor(content: LedgerRecord | Item, order: number, shownFrom: number) {
    this.#content = content;
    this.partitionKey = this.text(TABLE.partitionKey) ?? '';
    this.sortKey = this.text(TABLE.sortKey) ?? '';
    this.hash = hashOf(this.partitionKey);
    this.order = order;
    this.shownFrom = shownFrom;
  }

  get item(): Item {
    return isRecord(this.#content) ? toItem(this.#content) : this.#content;
  }

  /** The attribute, when it is a string. */
  text(attribute: string): string | undefined {
    if (!isRecord(this.#content)) return this.#content[attribute]?.S;
    const value: unknown = Reflect.get(this.#content, attribute);
    return typeof value === 'string' ? value : undefined;
  }

  hasSameContent(other: StoredItem): boolean {
    return JSON.stringify(inOrder(this.item)) === JSON.stringify(inOrder(other.item));
  }
}

function isRecord(content: LedgerRecord | Item): content is LedgerRecord {
  return typeof content.s3_object === 'string';
}

function inOrder(item: Item): [string, AttributeValue][] {
  return Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Bytes of the item. Source: DynamoDB developer guide, "DynamoDB item sizes and formats". */
export function sizeOf(item: Item): number {
  let bytes = 0;
  for (const [name, { S, N }] of Object.entries(item)) {
    bytes += Buffer.byteLength(name) + (S === undefined ? 0 : Buffer.byteLength(S));
    if (N !== undefined) bytes += Math.ceil(N.replace(/\D/g, '').length / 2) + 1;
  }
  return bytes;
}
