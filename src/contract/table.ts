/** Names of the ledger table's keys and indexes, shared by the stack that makes them and the code that fills them. */
export const TABLE = {
  partitionKey: 's3_object',
  sortKey: 'upload_id',
  /** Attribute that DynamoDB's time to live reads, in epoch seconds. */
  timeToLive: 'expires_at',
  /** All uploads of a day in time order: `day_shard` (`2026-11-22#05`), sorted by `timestamp`. */
  byDay: { indexName: 'by_day', partitionKey: 'day_shard', sortKey: 'timestamp' },
  /** All uploads of an uploader in time order: `uploader_shard` (`alice#05`), sorted by `timestamp`. */
  byUploader: { indexName: 'by_uploader', partitionKey: 'uploader_shard', sortKey: 'timestamp' },
} as const;

/**
 * What else the ledger table holds, by the partition keys that keep it apart from the records.
 *
 * A record's partition key is `<bucket>/<key>` and so always holds a slash: no bucket's name does (the parser refuses
 * one), and the slash is ours. The keys below never hold one. The items carry none of the index attributes, so both
 * indexes hold records alone.
 */
const PREFIXES = { summary: 'summary#', digest: 'digest#', alerts: 'alerts#' } as const;

/** Patterns of all partition keys below, as IAM's conditions on leading keys take them. */
export const EMAIL_KEY_PATTERNS: readonly string[] = Object.values(PREFIXES).map((prefix) => `${prefix}*`);

/** Characters of an ISO 8601 UTC time up to its hour, and up to its minute. */
const HOUR = 'yyyy-mm-ddThh'.length;
const MINUTE = 'yyyy-mm-ddThh:mm'.length;

/**
 * Partition key of the batch summaries of one UTC hour: `summary#2026-11-22T10Z`.
 *
 * @param time ISO 8601, UTC.
 */
export function summaryPartition(time: string): string {
  return `${PREFIXES.summary}${time.slice(0, HOUR)}Z`;
}

/** Partition key of what is remembered about one digest. */
export function digestPartition(name: string): string {
  return `${PREFIXES.digest}${name}`;
}

/**
 * Partition key of the count of one UTC minute's alert emails: `alerts#2026-11-22T10:15Z`.
 *
 * @param time ISO 8601, UTC.
 */
export function alertsPartition(time: string): string {
  return `${PREFIXES.alerts}${time.slice(0, MINUTE)}Z`;
}

/** Whether an item with this partition key is a ledger record: what a scan of the table has to ask of every item. */
export function isLedgerKey(partitionKey: string): boolean {
  return partitionKey.includes('/');
}

export function isSummaryKey(partitionKey: string): boolean {
  return partitionKey.startsWith(PREFIXES.summary) && !isLedgerKey(partitionKey);
}
