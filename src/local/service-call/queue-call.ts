import type { IncomingHttpHeaders } from 'node:http';
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../clients.ts';
import { accessKeyIdOf } from '../service-server/principal.ts';
import type { ServiceCall } from './service-call.ts';

const TARGET = /^AmazonSQS\.(\w+?)(?:Batch)?$/;

/**
 * A call of SQS in the words of IAM, in which a batch call is the action of its entries; undefined for what nobody signed and
 * for what is no call of SQS.
 *
 * Source: SQS developer guide, "Amazon SQS API permissions: actions and resource reference".
 */
export function toQueueCall(headers: IncomingHttpHeaders, body: unknown): ServiceCall | undefined {
  const [, operation] = TARGET.exec(String(headers['x-amz-target'])) ?? [];
  const caller = accessKeyIdOf(headers, {});
  if (operation === undefined || caller === undefined) return undefined;
  const { QueueUrl: url = '', QueueName: name = url.split('/').at(-1) } = body as {
    QueueUrl?: string;
    QueueName?: string;
  };
  return {
    caller,
    action: `sqs:${operation}`,
    resources: [`arn:aws:sqs:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:${name}`],
    context: {},
  };
}
