/** Defaults of the deployment, behind the configuration, the construct's props and the documentation alike. */
export const DEFAULTS = {
  stackName: 'UploadLedger',
  /** Event types that the bucket sends, without the `s3:` prefix: all that the ledger records. */
  events: ['ObjectCreated:*', 'ObjectRemoved:*', 'LifecycleExpiration:*', 'ObjectRestore:Completed'],
  /** How a bucket of the ledger's own reports uploads. */
  delivery: 'notification',
  /** How existing buckets report them: nothing in their configuration has to be replaced for it. */
  existingDelivery: 'eventbridge',
  batchSize: 100,
  batchWindowSeconds: 5,
  maximumConcurrency: 10,
  /**
   * Hours for which a message that fails is tried again, before it goes to the dead-letter queue: longer than an outage
   * of a service lasts.
   */
  retryHours: 24,
  memoryMb: 512,
  timeoutSeconds: 30,
  indexShards: 8,
  logLevel: 'INFO',
  /** Alert emails that the stack sends in a minute at most; SES's sandbox takes one email a second. */
  alertsPerMinute: 10,
  sesSandbox: false,
  logRetentionDays: 90,
  /** Options that cost money, and are of use to some. */
  uploaderMetadata: false,
  metricsByCategory: true,
  dashboard: true,
  tracing: false,
  contributorInsights: false,
  customerKey: false,
  /** Whether records that backfill and reconcile write are announced. */
  announceBackfill: true,
  /** Age of the oldest waiting message past which the alarm is raised. */
  oldestMessageMinutes: 15,
  /** What becomes of the bucket, the table and the logs when the stack is deleted. */
  removalPolicy: 'retain',
} as const;
