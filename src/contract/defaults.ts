/** Defaults of the deployment, behind the configuration, the construct's props and the documentation alike. */
export const DEFAULTS = {
  batchSize: 100,
  batchWindowSeconds: 5,
  maximumConcurrency: 10,
  /** Receives before a message goes to the dead-letter queue. AWS advises at least 5 with Lambda. */
  maxReceiveCount: 5,
  memoryMb: 512,
  timeoutSeconds: 30,
  indexShards: 8,
  logLevel: 'INFO',
  logRetentionDays: 90,
} as const;
