import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import type { QueueRef } from './queue-ref.ts';

/**
 * Deletes everything in the dead-letter queue, also what somebody is looking at, and what arrives within the next minute.
 *
 * @throws `PurgeQueueInProgress` of the SDK within 60 seconds of another purge. Source: SQS API reference, PurgeQueue.
 */
export async function purgeDeadLetters({ client, url }: QueueRef): Promise<void> {
  await client.send(new PurgeQueueCommand({ QueueUrl: url }));
}
