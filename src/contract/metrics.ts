/** CloudWatch names, shared by the consumer that emits, the stack that draws and alarms, and the local metric sink. */
export const METRIC_NAMESPACE = 'UploadLedger';

/** `service` is on every metric and tells ledgers of one account apart: the stack gives the function its value. */
export const METRIC_DIMENSIONS = { service: 'service', bucket: 'bucket', category: 'category' } as const;

/** Value of the dimension `category` where metrics are not told apart by it. */
export const ALL_CATEGORIES = '(all)';

/**
 * Emitted for each upload, with dimensions service, bucket and category, at the upload's own minute. Deletes,
 * expirations and restores are no uploads.
 */
export const UPLOAD_METRICS = {
  /** Count of uploads stored; a collapsed duplicate is not counted again within its batch. */
  uploadsRecorded: 'UploadsRecorded',
  /** Bytes of each stored upload. */
  uploadBytes: 'UploadBytes',
  /** Milliseconds from the event's time to its record being stored. */
  recordingDelay: 'RecordingDelay',
} as const;

/** Emitted once a batch, with dimension service only, at the time of the batch. */
export const BATCH_METRICS = {
  messagesReceived: 'MessagesReceived',
  /** Records stored, of whatever kind: the sum of {@link RECORD_METRICS}. */
  recordsStored: 'RecordsStored',
  /** Messages reported back to SQS as failed. */
  messagesFailed: 'MessagesFailed',
  messagesQuarantined: 'MessagesQuarantined',
  /** Puts of a key that the same batch had already put. */
  duplicatesCollapsed: 'DuplicatesCollapsed',
  /** Puts that DynamoDB returned unprocessed and that were sent again. */
  unprocessedRetries: 'UnprocessedRetries',
  testEvents: 'TestEvents',
  /** Event records of a type that the ledger does not store. */
  eventsIgnored: 'EventsIgnored',
} as const;

/**
 * Records stored, by what happened. Emitted only when there is something to count, with dimension service only, at the
 * time of the batch.
 */
export const RECORD_METRICS = {
  uploads: 'UploadsStored',
  /** Deletes that somebody asked for: of objects, of versions, and delete markers. */
  deletes: 'DeletesStored',
  /** Deletes by a lifecycle rule. */
  expirations: 'ExpirationsStored',
  restores: 'RestoresStored',
} as const;

/** Emitted only when there is something to count, with dimension service only, at the time of the batch. */
export const EMAIL_METRICS = {
  digestsSent: 'DigestsSent',
  /** Tries to send a digest that failed; the tick comes back and tries again. */
  digestsFailed: 'DigestsFailed',
  alertsSent: 'AlertsSent',
  /** Tries to send an alert that failed; it is tried again for an hour, then named in the next digest. */
  alertsFailed: 'AlertsFailed',
  /** Alert emails that the bound on alert emails a minute held back. */
  alertsHeldBack: 'AlertsHeldBack',
} as const;

/**
 * Emitted with dimension service only, at the time of the batch, when a message of the batch comes back or was received
 * before.
 */
export const RETRY_METRICS = {
  /**
   * Seconds since the oldest of these messages was sent. SQS's own `ApproximateAgeOfOldestMessage` leaves out what was
   * received three times or more, so during an outage only this one tells how long uploads have waited. Not emitted
   * while the function itself does not run.
   */
  oldestRetriedMessageAge: 'OldestRetriedMessageAge',
} as const;
