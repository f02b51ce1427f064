/** Names of the environment variables through which the stack configures the consumer. */
export const ENVIRONMENT = {
  /** Physical name of the ledger table. Required. */
  tableName: 'LEDGER_TABLE_NAME',
  /** URL of the dead-letter queue that unreadable messages are moved to. Required. */
  deadLetterQueueUrl: 'DEAD_LETTER_QUEUE_URL',
  /** Number of shards of both indexes, a whole number of 1 or more. Required. */
  indexShards: 'INDEX_SHARDS',
  /** What metrics and log lines call this ledger; also read by Powertools. Required. */
  serviceName: 'POWERTOOLS_SERVICE_NAME',
  /**
   * Names of the buckets whose uploads are recorded, separated by commas: the values of the metrics' dimension. Absent
   * behind a topic, whose buckets the stack does not know.
   */
  bucketNames: 'BUCKET_NAMES',
  /** Key template that names the uploader, such as `uploads/{uploader}/{*}`. Optional. */
  uploaderKeyTemplate: 'UPLOADER_KEY_TEMPLATE',
  /** `true`: the uploader is looked up in the object's metadata. Absent: it is not. */
  uploaderMetadata: 'UPLOADER_METADATA',
  /** Days after the event when a record expires, a whole number of 1 or more. Absent: records are kept for ever. */
  retentionDays: 'RETENTION_DAYS',
  /** Address that digests and alerts come from. Absent: neither is configured, and no batch summaries are stored. */
  emailSender: 'EMAIL_SENDER',
  /** JSON array of alert rules. Optional; needs the sender. */
  alertRules: 'ALERT_RULES',
  /** Alert emails that the stack sends in a minute at most, a whole number of 1 or more. Required with alert rules. */
  alertsPerMinute: 'ALERTS_PER_MINUTE',
} as const;
