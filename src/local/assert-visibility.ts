import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { UploadLedgerError } from '../shared/errors.ts';
import type { FunctionResource, QueueResource } from './template-resources.ts';

/**
 * Checks what Lambda checks of a queue when a mapping is made: that it hides a message for as long as the function may take.
 *
 * @param mapping Its logical id.
 * @param sqs A client with the function's own role: Lambda looks with it too.
 * @throws UploadLedgerError `visibility-too-short`
 */
export async function assertVisibility(
  mapping: string,
  queue: Pick<QueueResource, 'name' | 'url'>,
  { timeoutSeconds }: Pick<FunctionResource, 'timeoutSeconds'>,
  sqs: SQSClient,
): Promise<void> {
  const command = new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: ['VisibilityTimeout'] });
  const { Attributes } = await sqs.send(command);
  const visibilityTimeout = Number(Attributes?.VisibilityTimeout);
  if (visibilityTimeout >= timeoutSeconds) return;
  throw new UploadLedgerError(
    'visibility-too-short',
    `${mapping}: expected the queue ${queue.name} to hide messages for at least the function's ${timeoutSeconds} s; ` +
      `it does for ${visibilityTimeout} s. Lambda refuses such a mapping: raise the queue's visibility timeout.`,
  );
}
