import { GetQueueAttributesCommand, PurgeQueueCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { UploadLedgerError } from '../shared/errors.ts';

/** A queue, and the client to reach it with. */
export interface QueueRef {
  readonly client: Pick<SQSClient, 'send'>;
  readonly url: string;
}

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

/**
 * Deletes everything in the dead-letter queue, also what somebody is looking at, and what arrives within the next minute.
 *
 * @throws `PurgeQueueInProgress` of the SDK within 60 seconds of another purge. Source: SQS API reference, PurgeQueue.
 */
export async function purgeDeadLetters({ client, url }: QueueRef): Promise<void> {
  await client.send(new PurgeQueueCommand({ QueueUrl: url }));
}
