import type { LedgerRecord } from './ledger-record.ts';

/** An attribute value in DynamoDB's JSON: the two types that a ledger record needs. */
export type RecordAttribute = { readonly S: string } | { readonly N: string };

/** A ledger record as DynamoDB takes it: the `Item` of a put. */
export type RecordItem = Record<string, RecordAttribute>;

/**
 * The item of `record`: strings as `S`, numbers as `N`. Written by hand because the general marshaller would stand on
 * the function's start path, and looks for types that no record has.
 */
export function toItem(record: LedgerRecord): RecordItem {
  const item: RecordItem = {};
  let name: keyof LedgerRecord;
  for (name in record) {
    const value = record[name];
    if (value !== undefined) item[name] = typeof value === 'number' ? { N: String(value) } : { S: value };
  }
  return item;
}
