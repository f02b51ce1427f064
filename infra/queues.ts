import { Duration, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type IQueue, Queue, QueueEncryption, RedrivePermission } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { LIMITS } from '../src/contract/limits.ts';
import type { Configuration } from './settings/configuration.ts';

/** Characters of a queue's name. Source: SQS developer guide, "Queue quotas". */
export const QUEUE_NAME_CHARACTERS = 80;

const SECONDS_AN_HOUR = 3_600;

/**
 * Of a message in the uploads queue. Shorter than in the dead-letter queue, where the time of a message that SQS moved
 * runs on from when it was first sent: so each has four days there at least.
 *
 * Source: SQS developer guide, "Setting up dead-letter queue retention".
 */
const UPLOADS_RETENTION = Duration.days(10);
const DEAD_LETTERS_RETENTION = Duration.seconds(LIMITS.sqs.retentionSeconds);

/** The shortest time that a dead letter can have left when it arrives. */
export const SHORTEST_DEAD_LETTER = DEAD_LETTERS_RETENTION.minus(UPLOADS_RETENTION);

interface UploadQueueProps {
  readonly queueName: string;
  /** @default SQS's own */
  readonly encryptionKey: IKey | undefined;
  readonly deadLetterQueue: IQueue;
  /** Of the function that reads the queue. */
  readonly configuration: RetryTiming;
}

type Timing = Pick<Configuration, 'timeoutSeconds' | 'batchWindowSeconds'>;
type RetryTiming = Timing & Pick<Configuration, 'retryHours'>;

/**
 * The queue that absorbs bursts of S3 notifications.
 *
 * Encrypted with SQS's own key by default: S3 cannot send to a queue under the AWS-managed KMS key, and a key of our
 * own costs money.
 */
export class UploadQueue extends Queue {
  constructor(scope: Construct, id: string, props: UploadQueueProps) {
    super(scope, id, {
      queueName: props.queueName,
      ...queueEncryption(props.encryptionKey),
      enforceSSL: true,
      retentionPeriod: UPLOADS_RETENTION,
      visibilityTimeout: Duration.seconds(visibilityTimeoutSeconds(props.configuration)),
      deadLetterQueue: { queue: props.deadLetterQueue, maxReceiveCount: receivesFor(props.configuration) },
    });
  }
}

/**
 * Long enough for all attempts that Lambda makes before it returns a message: six times the function's timeout, plus
 * the batching window. At Lambda's longest timeout and window this is far below the 12 hours that SQS allows.
 *
 * Source: Lambda developer guide, "Creating and configuring an Amazon SQS event source mapping".
 */
export function visibilityTimeoutSeconds({ timeoutSeconds, batchWindowSeconds }: Timing): number {
  return LIMITS.lambda.visibilityTimeouts * timeoutSeconds + batchWindowSeconds;
}

/**
 * Receives after which a message has been tried for `retryHours`: it is received once in a visibility timeout, also when
 * the function's code does not load. More than SQS allows is an error of the configuration.
 */
export function receivesFor(configuration: RetryTiming): number {
  const receives = Math.ceil((configuration.retryHours * SECONDS_AN_HOUR) / visibilityTimeoutSeconds(configuration));
  return Math.max(LIMITS.sqs.receivesWithLambda, receives);
}

/** Longest time from one failure of a message to the next: until it is visible, its batch is full, and has failed. */
export function longestRetrySeconds(timing: Timing): number {
  return visibilityTimeoutSeconds(timing) + timing.batchWindowSeconds + timing.timeoutSeconds;
}

interface DeadLetterQueueProps {
  /** Name of the only queue that may use this one as its dead-letter queue. */
  readonly sourceQueueName: string;
  /** @default SQS's own */
  readonly encryptionKey: IKey | undefined;
}

/**
 * Messages that need a person: those that cannot be read, and those whose records could not be stored in `retryHours`.
 *
 * They are kept as long as SQS allows. For a message that SQS moved here, the time runs from when it was first sent.
 */
export class DeadLetterQueue extends Queue {
  constructor(scope: Construct, id: string, { sourceQueueName, encryptionKey }: DeadLetterQueueProps) {
    const sourceArn = Stack.of(scope).formatArn({ service: 'sqs', resource: sourceQueueName });
    super(scope, id, {
      ...queueEncryption(encryptionKey),
      enforceSSL: true,
      retentionPeriod: DEAD_LETTERS_RETENTION,
      redriveAllowPolicy: { sourceQueues: [Queue.fromQueueArn(scope, `${id}Source`, sourceArn)] },
    });
  }
}

/** Events that could not be delivered to a webhook. They wait for a person, as long as SQS allows. */
export class DeliveriesQueue extends Queue {
  constructor(scope: Construct, id: string, { encryptionKey }: Pick<DeadLetterQueueProps, 'encryptionKey'>) {
    super(scope, id, {
      ...queueEncryption(encryptionKey),
      enforceSSL: true,
      retentionPeriod: DEAD_LETTERS_RETENTION,
      redriveAllowPolicy: { redrivePermission: RedrivePermission.DENY_ALL },
    });
  }
}

/** Of every queue of the ledger. */
export function queueEncryption(key: IKey | undefined) {
  return key === undefined
    ? { encryption: QueueEncryption.SQS_MANAGED }
    : { encryption: QueueEncryption.KMS, encryptionMasterKey: key };
}
