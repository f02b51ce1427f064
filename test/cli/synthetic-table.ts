import type { DynamoDBClient, QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { TABLE } from '../../src/contract/table.ts';
import { toItem } from '../../src/ledger/item.ts';
import type { Item, ReaderTable } from '../../src/ledger/read/query.ts';
import type { LedgerRecord } from '../../src/ledger/record.ts';
import { DAY_MS } from '../../src/shared/time.ts';
import { ledgerRecord } from '../ledger/records.ts';

const SHARDS = 8;
const DAYS = 10;
const NEWEST_DAY = Date.parse('2026-11-22T00:00:00Z');

/** A table that makes its items when they are asked for. */
export interface SyntheticTable extends ReaderTable {
  /** Called before each query is answered. */
  onQuery: () => void;
}

/** Items of a page at most, when nothing else is said. */
const PAGE = 1000;

/**
 * `count` records over the last ten days and eight shards, answered as DynamoDB answers a Query of the index by day,
 * newest first. It stands in for a table that would take minutes to fill, and holds nothing itself: what a test
 * measures is the reader.
 *
 * @param page Items of a page at most. DynamoDB's pages end at 1 MB.
 */
export function syntheticTable(count: number, page = PAGE): SyntheticTable {
  const perPartition = Math.floor(count / DAYS / SHARDS);
  const table: SyntheticTable = {
    client: { send: (async ({ input }: { input: QueryCommandInput }) => answer(input)) as DynamoDBClient['send'] },
    tableName: 'synthetic',
    indexShards: SHARDS,
    onQuery: () => undefined,
  };
  const answer = (input: QueryCommandInput) => {
    table.onQuery();
    return pageOf(input, perPartition, page);
  };
  return table;
}

function pageOf(
  { IndexName, Limit = PAGE, ExpressionAttributeValues, ExclusiveStartKey }: QueryCommandInput,
  most: number,
  page: number,
) {
  if (IndexName !== TABLE.byDay.indexName) throw new Error(`not made for queries of ${IndexName}`);
  const [day = '', shard = ''] = (ExpressionAttributeValues?.[':partition']?.S ?? '').split('#');
  const count = Date.parse(day) > NEWEST_DAY - DAYS * DAY_MS && Date.parse(day) <= NEWEST_DAY ? most : 0;
  const start = Number(ExclusiveStartKey?.position?.N ?? 0);
  const end = Math.min(start + Math.min(Limit, page), count);
  const positions = Array.from({ length: Math.max(0, end - start) }, (_, index) => start + index);
  const last: { LastEvaluatedKey?: Item } = end < count ? { LastEvaluatedKey: { position: { N: String(end) } } } : {};
  return { Items: positions.map((position) => toItem(recordAt(day, Number(shard), position, count))), ...last };
}

/** Newest first: position 0 is at the end of the morning, so that it lies before the time of the tests. */
function recordAt(day: string, shard: number, position: number, count: number): LedgerRecord {
  const time = Date.parse(day) + Math.floor((DAY_MS / 2) * (1 - (position + shard / SHARDS + 0.01) / count));
  const name = `${shard}-${position}`;
  return ledgerRecord({
    s3_object: `uploads-bucket/${day}/${name}.jpg`,
    s3_key: `${day}/${name}.jpg`,
    filename: `${name}.jpg`,
    timestamp: new Date(time).toISOString(),
    uploader: `user-${position % 5000}`,
    filesize: 1000,
  });
}
