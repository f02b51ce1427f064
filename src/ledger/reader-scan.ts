import { ScanCommand } from '@aws-sdk/client-dynamodb';
import type { LedgerRecord } from './ledger-record.ts';
import { type Item, pagesOf } from './reader-pages.ts';
import { type ReaderTable, toRecords } from './reader-query.ts';

/**
 * Every ledger record, in no order. Reads the whole table: for proofs on small tables, not for look-ups.
 *
 * The table also holds the pipeline's own items (batch summaries, watermarks, counters). Their partition keys have a `#` before any
 * slash, where a record's has a bucket's name, which never holds one.
 */
export async function* scanRecords(table: ReaderTable, signal?: AbortSignal): AsyncGenerator<LedgerRecord> {
  const options = signal === undefined ? {} : { abortSignal: signal };
  const pages = pagesOf(({ startKey }) => {
    const command = new ScanCommand({ TableName: table.tableName, ...(startKey && { ExclusiveStartKey: startKey }) });
    return table.client.send(command, options);
  });
  for await (const page of pages) yield* toRecords(page.filter(isRecord), table);
}

function isRecord(item: Item): boolean {
  const [bucket = ''] = (item.s3_object?.S ?? '').split('/', 1);
  return !bucket.includes('#');
}
