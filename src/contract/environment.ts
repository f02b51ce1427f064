/** Names of the environment variables through which the stack configures its functions: the consumer, and the publisher. */
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
  /** `false`: metrics of uploads are not told apart by category. Absent: they are. */
  metricsByCategory: 'METRICS_BY_CATEGORY',
  /** Key template that names the uploader, such as `uploads/{uploader}/{*}`. Optional. */
  uploaderKeyTemplate: 'UPLOADER_KEY_TEMPLATE',
  /** `true`: the uploader is looked up in the object's metadata. Absent: it is not. */
  uploaderMetadata: 'UPLOADER_METADATA',
  /** Days after the event when a record expires, a whole number of 1 or more. Absent: records are kept for ever. */
  retentionDays: 'RETENTION_DAYS',
  /**
   * File of the email settings, in the function's directory. Absent: neither digests nor alerts are configured, and no
   * batch summaries are stored.
   */
  emailSettings: 'EMAIL_SETTINGS',
  /** URL of the uploads queue, where alerts wait that could not be sent. Required with email settings. */
  queueUrl: 'UPLOADS_QUEUE_URL',
  /**
   * `true`: the end of a digest's window is what its tick says. Only the local stack sets it: there, the sender of a
   * tick knows that nothing else is being recorded.
   */
  ticksSetEnd: 'TICKS_SET_END',
  /** `true`: alerts and digests are events as well. Absent: they are not. */
  announcesEmails: 'ANNOUNCES_EMAILS',
  /** Name or ARN of the event bus. Required by the publisher. */
  eventBus: 'EVENT_BUS',
  /** ARN of the ledger table, as events name it. Required by the publisher. */
  tableArn: 'LEDGER_TABLE_ARN',
  /** Formats of the bodies that events have, separated by commas. Absent: neither webhooks nor a topic get any. */
  bodyFormats: 'BODY_FORMATS',
} as const;
