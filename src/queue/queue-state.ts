import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { UploadLedgerError } from '../shared/errors.ts';
import type { QueueRef } from './queue-ref.ts';

/** How many messages a queue holds. SQS's figures are approximate: they are right about a minute after the last change. */
export interface QueueState {
  readonly arn: string;
  /** Ready to be received. */
  readonly visible: number;
  /** Received by somebody, and neither deleted nor given back yet. */
  readonly hidden: number;
  /** Not yet to be received. */
  readonly delayed: number;
}

/** @throws UploadLedgerError `no-queue-state` when the answer says nothing, and the SDK's errors. */
export async function queueState({ client, url }: QueueRef): Promise<QueueState> {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: [
        'QueueArn',
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
      ],
    }),
  );
  const arn = Attributes.QueueArn;
  if (arn === undefined) throw new UploadLedgerError('no-queue-state', `SQS tells nothing about the queue ${url}`);
  return {
    arn,
    visible: Number(Attributes.ApproximateNumberOfMessages ?? 0),
    hidden: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
    delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed ?? 0),
  };
}
