import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { UploadLedgerError } from '../shared/errors.ts';
import type { QueueResource } from './template-resources.ts';

/**
 * Makes the queues, and then sets their attributes: a queue and its dead-letter queue point at each other, so that both must
 * be there first.
 */
export async function provisionQueues(queues: readonly QueueResource[], sqs: SQSClient): Promise<void> {
  await Promise.all(queues.map(({ name }) => sqs.send(new CreateQueueCommand({ QueueName: name }))));
  await Promise.all(queues.map((queue) => setAttributes(queue, sqs)));
}

async function setAttributes(queue: QueueResource, sqs: SQSClient): Promise<void> {
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes: attributesOf(queue) }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: ['QueueArn'] }),
  );
  // Redrive and notifications go by ARN: under another account or Region nothing would ever arrive.
  if (Attributes?.QueueArn !== queue.arn) {
    throw new UploadLedgerError(
      'other-queue',
      `Expected the emulator to make the queue ${queue.arn}, it made ${Attributes?.QueueArn}. ` +
        `Read the template for the emulator's own account and Region.`,
    );
  }
}

function attributesOf(queue: QueueResource): Record<string, string> {
  const { redrive, redriveAllowedFrom: allowed } = queue;
  return {
    VisibilityTimeout: String(queue.visibilityTimeoutSeconds),
    MessageRetentionPeriod: String(queue.retentionSeconds),
    ...(redrive && {
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: redrive.deadLetterQueueArn,
        maxReceiveCount: redrive.maxReceiveCount,
      }),
    }),
    ...(allowed && {
      RedriveAllowPolicy: JSON.stringify(
        allowed.length > 0
          ? { redrivePermission: 'byQueue', sourceQueueArns: allowed }
          : { redrivePermission: 'denyAll' },
      ),
    }),
  };
}
