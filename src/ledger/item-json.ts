import type { LedgerRecord } from './ledger-record.ts';

/**
 * What `JSON.stringify(toItem(record))` gives, in half the time: the attributes' names need no escaping, and no object is built on
 * the way.
 */
export function toItemJson(record: LedgerRecord): string {
  let json = '';
  let name: keyof LedgerRecord;
  for (name in record) {
    const value = record[name];
    if (value === undefined) continue;
    const attribute = typeof value === 'number' ? `{"N":"${value}"}` : `{"S":${JSON.stringify(value)}}`;
    json += `${json === '' ? '' : ','}"${name}":${attribute}`;
  }
  return `{${json}}`;
}
