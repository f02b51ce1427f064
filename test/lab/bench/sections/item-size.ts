import type { StoredItem } from '../stub/protocol.ts';

const UNIT = 1_024;

/**
 * Write units of putting an item into the base table: 1 KB each. Source: DynamoDB developer guide, "DynamoDB item
 * sizes and formats".
 */
export function writeUnitsOf(item: StoredItem): number {
  return Math.ceil(itemBytes(item) / UNIT);
}

/** Bytes that DynamoDB counts for an item in its JSON. */
export function itemBytes(item: StoredItem): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);
}

/** A number takes a byte for two digits and one more; lists and maps take 3 bytes, and one for each member. */
function valueBytes(value: unknown): number {
  const [[type, content] = ['', '']] = Object.entries(value as Record<string, unknown>);
  switch (type) {
    case 'N':
      return Math.ceil(String(content).length / 2) + 1;
    case 'L':
      return 3 + (content as unknown[]).reduce<number>((sum, member) => sum + 1 + valueBytes(member), 0);
    case 'M':
      return 3 + itemBytes(content as StoredItem) + Object.keys(content as object).length;
    default:
      return Buffer.byteLength(String(content));
  }
}
