import { Duration, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { DEFAULTS } from '../src/contract/defaults.ts';
import { LIMITS } from '../src/contract/limits.ts';

/** Characters of a queue's name. Source: SQS developer guide, "Queue quotas". */
export const QUEUE_NAME_CHARACTERS = 80;

export interface UploadQueueProps {
  readonly queueName: string;
  /** @default SQS's own */
  readonly encryptionKey: IKey | undefined;
  readonly deadLetterQueue: IQueue;
  /** Timeout of the function that reads the queue. */
  readonly timeoutSeconds: number;
  /** Longest that a message waits for its batch to fill. */
  readonly batchWindowSeconds: number;
}

type Invocations = Pick<UploadQueueProps, 'timeoutSeconds' | 'batchWindowSeconds'>;

/**
 * The queue that absorbs bursts of S3 notifications.
 *
 * Encrypted by SQS with its own key unless another is given: S3 cannot write to a queue under the AWS-managed KMS key, and a
 * key of our own is paid for.
 */
export class UploadQueue extends Queue {
  constructor(scope: Construct, id: string, props: UploadQueueProps) {
    super(scope, id, {
      queueName: props.queueName,
      ...queueEncryption(props.encryptionKey),
      enforceSSL: true,
      retentionPeriod: Duration.seconds(LIMITS.sqs.retentionSeconds),
      visibilityTimeout: Duration.seconds(visibilityTimeoutSeconds(props)),
      deadLetterQueue: { queue: props.deadLetterQueue, maxReceiveCount: DEFAULTS.maxReceiveCount },
    });
  }
}

/**
 * Long enough for every attempt that Lambda makes before it gives a message back: six times the function's timeout, plus the
 * batching window. At Lambda's longest timeout and window that is well under the 12 hours that SQS allows.
 *
 * Source: Lambda developer guide, "Creating and configuring an Amazon SQS event source mapping".
 */
function visibilityTimeoutSeconds({ timeoutSeconds, batchWindowSeconds }: Invocations): number {
  return LIMITS.lambda.visibilityTimeouts * timeoutSeconds + batchWindowSeconds;
}

/** Longest time in seconds from one failure of a message to its next: until it is seen again, its batch is full, and has failed. */
export function longestRetrySeconds({ timeoutSeconds, batchWindowSeconds }: Invocations): number {
  return visibilityTimeoutSeconds({ timeoutSeconds, batchWindowSeconds }) + batchWindowSeconds + timeoutSeconds;
}

export interface DeadLetterQueueProps {
  /** Name of the only queue that may use this one as its dead-letter queue. */
  readonly sourceQueueName: string;
  /** @default SQS's own */
  readonly encryptionKey: IKey | undefined;
}

/**
 * Where messages wait for somebody: those that cannot be read, and those whose records could not be stored.
 *
 * Kept as long as SQS keeps anything. The clock of a message that SQS moved here runs since it was first sent.
 */
export class DeadLetterQueue extends Queue {
  constructor(scope: Construct, id: string, { sourceQueueName, encryptionKey }: DeadLetterQueueProps) {
    const sourceArn = Stack.of(scope).formatArn({ service: 'sqs', resource: sourceQueueName });
    super(scope, id, {
      ...queueEncryption(encryptionKey),
      enforceSSL: true,
      retentionPeriod: Duration.seconds(LIMITS.sqs.retentionSeconds),
      redriveAllowPolicy: { sourceQueues: [Queue.fromQueueArn(scope, `${id}Source`, sourceArn)] },
    });
  }
}

/** Under the key that is given, or under SQS's own. */
export function queueEncryption(key: IKey | undefined) {
  return key === undefined
    ? { encryption: QueueEncryption.SQS_MANAGED }
    : { encryption: QueueEncryption.KMS, encryptionMasterKey: key };
}
