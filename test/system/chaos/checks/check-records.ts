import { isDeepStrictEqual } from 'node:util';
import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { itemKey } from '../model.ts';
import type { ModelItem } from '../model-record.ts';
import type { Violation } from '../violation.ts';

/** Every item of the table, as DynamoDB holds it. */
export async function readItems(client: DynamoDBClient, tableName: string): Promise<readonly ModelItem[]> {
  const items: ModelItem[] = [];
  for await (const page of paginateScan({ client }, { TableName: tableName, ConsistentRead: true })) {
    items.push(...((page.Items ?? []) as ModelItem[]));
  }
  return items;
}

/** Records have a slash in their partition key; what else the table holds has none. */
export function isRecord(item: ModelItem): boolean {
  return textOf(item, 's3_object').includes('/');
}

/** Holds the ledger against the model, attribute by attribute. */
export function checkRecords(model: ReadonlyMap<string, ModelItem>, items: readonly ModelItem[]): readonly Violation[] {
  const violations: Violation[] = [];
  const found = new Map(items.filter(isRecord).map((item) => [itemKey(item), item]));
  for (const [key, wanted] of model) {
    const object = textOf(wanted, 's3_object');
    const item = found.get(key);
    if (item === undefined) violations.push({ object, what: `has no record ${textOf(wanted, 'upload_id')}` });
    else if (!isDeepStrictEqual({ ...item }, { ...wanted }))
      violations.push({ object, what: difference(wanted, item) });
  }
  for (const [key, item] of found) {
    if (model.has(key)) continue;
    violations.push({ object: textOf(item, 's3_object'), what: `has a record too many: ${JSON.stringify(item)}` });
  }
  return violations;
}

function difference(wanted: ModelItem, found: ModelItem): string {
  const names = new Set([...Object.keys(wanted), ...Object.keys(found)]);
  const different = [...names].filter((name) => !isDeepStrictEqual(wanted[name], found[name]));
  const told = different.map((name) => {
    return `${name} is ${JSON.stringify(found[name])}, must be ${JSON.stringify(wanted[name])}`;
  });
  return told.join('; ');
}

/** Of an attribute that is a text; empty without it. */
export function textOf(item: ModelItem, name: string): string {
  const value = item[name];
  return value !== undefined && 'S' in value ? value.S : '';
}
