/** Names of the stack's outputs, by which the command line finds what was deployed. */
export const OUTPUTS = {
  bucketName: 'BucketName',
  tableName: 'TableName',
  queueUrl: 'QueueUrl',
  deadLetterQueueUrl: 'DeadLetterQueueUrl',
  functionName: 'FunctionName',
  /** Number of shards of both indexes: readers ask each of them. */
  indexShards: 'IndexShards',
  /** Digests and their time zones, see `toDigestList`. Only stacks with digests have it. */
  digests: 'Digests',
} as const;
