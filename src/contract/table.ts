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
 * Whether an item with this partition key is a ledger record. The only rule for that: everything that scans the table
 * asks it.
 *
 * A record's partition key is `<bucket>/<key>`. What else the table holds has one of the prefixes below and no slash,
 * and none of the index attributes, so that both indexes hold records alone. The parser refuses bucket names that hold
 * a slash or a `#`.
 */
export function isLedgerKey(partitionKey: string): boolean {
  return partitionKey.includes('/');
}

const PREFIXES = { summary: 'summary#', digest: 'digest#', alerts: 'alerts#' } as const;

/** Patterns of all partition keys below, as IAM's conditions on leading keys take them. */
export const EMAIL_KEY_PATTERNS: readonly string[] = Object.values(PREFIXES).map((prefix) => `${prefix}*`);

/**
 * Partition key of the batch summaries of one UTC hour: `summary#2026-11-22T10Z`.
 *
 * @param time ISO 8601, UTC.
 */
export function summaryPartition(time: string): string {
  return `${PREFIXES.summary}${time.slice(0, 'yyyy-mm-ddThh'.length)}Z`;
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
  return `${PREFIXES.alerts}${time.slice(0, 'yyyy-mm-ddThh:mm'.length)}Z`;
}

/** Partition key of the events of one type that wait to be published: `event#AlertRaised`. */
export function eventPartition(type: string): string {
  return `event#${type}`;
}
