import { Duration, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { LIMITS } from '../src/contract/limits.ts';
import { queueEncryption } from './queue-encryption.ts';

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
