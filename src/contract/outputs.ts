/** Names of the stack's outputs, by which the command line finds what was deployed. */
export const OUTPUTS = {
  bucketName: 'BucketName',
  tableName: 'TableName',
  queueUrl: 'QueueUrl',
  deadLetterQueueUrl: 'DeadLetterQueueUrl',
  functionName: 'FunctionName',
} as const;
