import { Duration, Stack } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { LIMITS } from '../src/contract/limits.ts';

export interface DeadLetterQueueProps {
  /** Name of the only queue that may use this one as its dead-letter queue. */
  readonly sourceQueueName: string;
}

/**
 * Where messages wait for somebody: those that cannot be read, and those whose records could not be stored.
 *
 * Kept as long as SQS keeps anything. The clock of a message that SQS moved here runs since it was first sent.
 */
export class DeadLetterQueue extends Queue {
  constructor(scope: Construct, id: string, { sourceQueueName }: DeadLetterQueueProps) {
    const sourceArn = Stack.of(scope).formatArn({ service: 'sqs', resource: sourceQueueName });
    super(scope, id, {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.seconds(LIMITS.sqs.retentionSeconds),
      redriveAllowPolicy: { sourceQueues: [Queue.fromQueueArn(scope, `${id}Source`, sourceArn)] },
    });
  }
}
