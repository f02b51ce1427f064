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
