import { type Check, DEPLOY_AGAIN, ok, wrong } from '../check.ts';
import type { Deployment } from '../deployment.ts';
import { admits, parsePolicy } from '../policy.ts';
import { rulesOf } from './event-rules.ts';
import { NO_BUCKET } from './uploads-arrive.ts';

/** Whether the queue's policy lets the one send that tells of uploads: S3 drops what it may not send, and tells nobody. */
export const queuePolicy: Check = {
  name: 'queue policy',
  needs: ['sqs:GetQueueAttributes', 'cloudformation:ListStackResources', 'events:DescribeRule'],
  run: async (deployment) => {
    const { Policy, QueueArn = '' } = await deployment.queue();
    const policy = parsePolicy(Policy);
    const senders = await sendersOf(deployment);
    const refused = senders.filter((sender) => !admits(policy, { ...sender, queueArn: QueueArn }));
    if (refused.length === 0) return ok(`lets ${senders[0]?.service} send`);
    const [{ service, sourceArn = 'the topic' }] = refused as [Sender];
    return wrong(`does not let ${service} send for ${sourceArn}: uploads are lost without a trace`, DEPLOY_AGAIN);
  },
};

interface Sender {
  readonly service: string;
  /** Absent: not known; anything that is admitted will do. */
  readonly sourceArn?: string;
}

async function sendersOf(deployment: Deployment): Promise<Sender[]> {
  const { bucketName } = deployment.ledger.resources;
  if (bucketName === NO_BUCKET) return [{ service: 'sns.amazonaws.com' }];
  const rules = await rulesOf(deployment);
  if (rules.length === 0) {
    const { QueueArn = '' } = await deployment.queue();
    const [, partition = 'aws'] = QueueArn.split(':');
    return [{ service: 's3.amazonaws.com', sourceArn: `arn:${partition}:s3:::${bucketName}` }];
  }
  return rules.map(({ Arn }) => ({ service: 'events.amazonaws.com', ...(Arn !== undefined && { sourceArn: Arn }) }));
}
