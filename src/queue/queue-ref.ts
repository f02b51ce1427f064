import type { SQSClient } from '@aws-sdk/client-sqs';

/** A queue, and the client to reach it with. */
export interface QueueRef {
  readonly client: Pick<SQSClient, 'send'>;
  readonly url: string;
}
