/** Names of the stack's outputs, by which the command line finds what was deployed. */
export const OUTPUTS = {
  bucketName: 'BucketName',
  tableName: 'TableName',
  queueUrl: 'QueueUrl',
  deadLetterQueueUrl: 'DeadLetterQueueUrl',
  functionName: 'FunctionName',
  /** Number of shards of both indexes: readers ask each of them. */
  indexShards: 'IndexShards',
  /** Which part of a key names the uploader. Only stacks with a key template have it. */
  uploaderKeyTemplate: 'UploaderKeyTemplate',
  /** Days after which records expire. Only stacks with a retention have it. */
  retentionDays: 'RetentionDays',
  /** Digests and their time zones, see `toDigestList`. Only stacks with digests have it. */
  digests: 'Digests',
} as const;
