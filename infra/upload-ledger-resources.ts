import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';

/** What an `UploadLedger` can be given of the program that it stands in, in place of a setting that names it. */
export interface UploadLedgerResources {
  /**
   * Buckets to record, in place of one of the ledger's own. They are heard through EventBridge and not changed: call
   * `enableEventBridgeNotification()` on those that do not send their events there.
   * @default `existingBuckets`, or a bucket of its own
   */
  readonly buckets?: readonly IBucket[];

  /** Topic that buckets send their events to. @default `sourceTopicArn`, or none */
  readonly topic?: ITopic;

  /**
   * Key for table and queues. Its policy is extended to admit whoever sends to the queue: a key whose policy cannot be
   * (imported, or managed by AWS) is refused, because S3 could not use it.
   * @default `customerKey`, or none: the table under DynamoDB's own key, the queues under SQS's
   */
  readonly encryptionKey?: IKey;

  /** Topic that alarms are sent to. @default `alarmTopicArn`, or one for `alarmEmails`, or none */
  readonly alarmTopic?: ITopic;

  /** Bus that gets an `UploadRecorded` event for each new record. @default `recordedEventsBus`, or none */
  readonly recordedEvents?: IEventBus;
}
