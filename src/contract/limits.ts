/**
 * Limits set by AWS that the code keeps.
 *
 * Sources: DynamoDB "Service, account, and table quotas" and "BatchWriteItem"; SQS "Message quotas";
 * Lambda "Using Lambda with Amazon SQS"; EventBridge "Calculating PutEvents event entry size"; CloudWatch "Embedded
 * metric format specification".
 */
export const LIMITS = {
  dynamodb: {
    /** Puts in one BatchWriteItem call. */
    batchWriteItems: 25,
    /** Keys in one BatchGetItem call. */
    batchGetItems: 100,
    partitionKeyBytes: 2048,
    sortKeyBytes: 1024,
    /** Attribute names and values together, UTF-8. */
    itemBytes: 400 * 1024,
  },
  sqs: {
    /** Messages of one receive, and entries of one batch call (send, delete, change visibility). */
    batchEntries: 10,
    visibilityTimeoutSeconds: 12 * 60 * 60,
    retentionSeconds: 14 * 24 * 60 * 60,
    /** Largest `maxReceiveCount` of a redrive policy. */
    receives: 1_000,
    /** AWS's advice for a queue that Lambda reads: at least so many. */
    receivesWithLambda: 5,
    /** Body and attributes of a message together. */
    messageBytes: 1024 * 1024,
    messageAttributes: 10,
  },
  lambda: {
    /** Largest batch size of an event source mapping on a standard queue. */
    batchSize: 10_000,
    /** Largest batch size that needs no batching window. */
    batchSizeWithoutWindow: 10,
    batchWindowSeconds: 300,
    minimumConcurrency: 2,
    maximumConcurrency: 1000,
    timeoutSeconds: 900,
    memoryMb: { min: 128, max: 10_240 },
    /** Bytes of a synchronous invocation's payload. */
    payloadBytes: 6 * 1024 * 1024,
    /** AWS's rule for the queue: visibility timeout of at least this many function timeouts. */
    visibilityTimeouts: 6,
  },
  eventbridge: {
    /** Entries of one PutEvents call. */
    batchEntries: 10,
    /** Of all entries of one PutEvents call together: their JSON text, source and type. */
    callBytes: 256 * 1024,
  },
  cloudwatch: {
    /** Values of one metric in one EMF document. */
    metricValues: 100,
  },
} as const;
