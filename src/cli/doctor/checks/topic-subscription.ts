import type { StackResourceDrift } from '@aws-sdk/client-cloudformation';
import { visibleText } from '../../../shared/text.ts';
import { DEPLOY_AGAIN, type Diagnosis, ok, wrong } from '../check.ts';
import type { Deployment } from '../deployment.ts';

/**
 * Whether the queue's subscription to the topic is there and as it was deployed: CloudFormation compares it, which asks SNS on the caller's
 * behalf. Which buckets send to the topic is the topic's own affair.
 *
 * Source: CloudFormation API reference, DetectStackResourceDrift.
 */
export async function topicSendsTo({ ledger, parts, queue }: Deployment): Promise<Diagnosis> {
  const { DetectStackResourceDriftCommand } = await import('@aws-sdk/client-cloudformation');
  const client = await ledger.clients.cloudformation();
  const { QueueArn } = await queue();
  for (const { logicalId } of await parts('AWS::SNS::Subscription')) {
    const command = new DetectStackResourceDriftCommand({ StackName: ledger.stackName, LogicalResourceId: logicalId });
    const { StackResourceDrift: drift } = await client.send(command);
    const expected = propertiesOf(drift);
    // Alarms have subscriptions as well: of people.
    if (drift !== undefined && expected.Endpoint === QueueArn)
      return diagnosisOf(drift, expected.TopicArn ?? 'the topic');
  }
  return wrong('the stack has no subscription of the queue to a topic', DEPLOY_AGAIN);
}

function propertiesOf(drift: StackResourceDrift | undefined): {
  readonly Endpoint?: string;
  readonly TopicArn?: string;
} {
  return JSON.parse(drift?.ExpectedProperties ?? '{}');
}

function diagnosisOf(
  { StackResourceDriftStatus: status, PropertyDifferences = [] }: StackResourceDrift,
  topic: string,
) {
  const name = visibleText(topic);
  if (status === 'IN_SYNC') return ok(`topic ${name} sends to the queue; buckets must send their events to it`);
  if (status === 'DELETED') {
    return wrong(
      `the queue is no longer subscribed to topic ${name}`,
      'subscribe it again: remove the setting sourceTopicArn, deploy, set it again and deploy',
    );
  }
  const changed = PropertyDifferences.map(({ PropertyPath = '' }) => PropertyPath.slice(1)).join(', ');
  return wrong(
    `the subscription to topic ${name} was changed by hand (${visibleText(changed) || status})`,
    'set it back: "aws cloudformation describe-stack-resource-drifts" shows both values',
  );
}
