import type { StackResourceDrift } from '@aws-sdk/client-cloudformation';
import type { DescribeRuleResponse, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { UNKNOWN_BUCKET } from '../../contract/outputs.ts';
import { visibleText } from '../../shared/text.ts';
import { ledgerEntry, missingEvents } from '../notifications/entries.ts';
import { type Check, type Diagnosis, MAKE_ANEW, ok, REVERT_BUCKET, REVERT_DRIFT, wrong } from './check.ts';
import type { Deployment, StackResource } from './deployment.ts';

/** Whether uploads reach the queue: by the bucket's notification, EventBridge rules, or the subscription of a topic. */
export const uploadsArrive: Check = {
  name: 'uploads arrive',
  needs: [
    'cloudformation:ListStackResources',
    's3:GetBucketNotification',
    'events:DescribeRule',
    'events:ListTargetsByRule',
    'cloudformation:DetectStackResourceDrift',
    'sns:GetSubscriptionAttributes',
    'lambda:GetFunction',
  ],
  run: async (deployment) => {
    if (deployment.ledger.resources.bucketName === UNKNOWN_BUCKET) return diagnoseTopic(deployment);
    const rules = await uploadRules(deployment);
    return rules.length > 0 ? diagnoseRules(deployment, rules) : diagnoseBuckets(deployment);
  },
};

/**
 * Whether the buckets' notification configurations tell the queue of all that is recorded. Whoever puts such a
 * configuration replaces all of it, so another stack or tool that uses the same bucket can cut the ledger off.
 */
async function diagnoseBuckets(deployment: Deployment): Promise<Diagnosis> {
  const { recorded } = deployment.ledger.resources;
  const [buckets, { QueueArn = '' }] = await Promise.all([deployment.buckets(), deployment.queue()]);
  const wanted = ledgerEntry(QueueArn, recorded);
  for (const bucket of buckets) {
    const missing = missingEvents(await notificationOf(bucket, deployment), wanted);
    const name = visibleText(bucket);
    const says =
      missing.length < (wanted.Events?.length ?? 0)
        ? `bucket ${name} does not notify the queue of ${typesText(missing)}`
        : `bucket ${name} sends nothing to the queue: its notification configuration was replaced or removed, or never written`;
    if (missing.length > 0) {
      return wrong(says, `${await wayBack(bucket, deployment)}; then "upload-ledger reconcile s3://${name} --repair"`);
    }
  }
  const names = buckets.map(visibleText).join(', ');
  if (!wanted.Events?.some((event) => event.startsWith('s3:ObjectCreated:'))) {
    return wrong(
      `bucket ${names} does not notify the queue of new objects: the stack records only ${typesText(wanted.Events)}`,
      'add ObjectCreated:* to the setting "events" in cdk.json, then "npx cdk deploy"',
    );
  }
  return ok(`bucket ${names} notifies the queue of ${typesText(wanted.Events)}`);
}

/** How a bucket's notifications come back. */
async function wayBack(bucket: string, { ledger, resources }: Deployment): Promise<string> {
  const own = await resources('AWS::S3::Bucket');
  if (!own.some(({ physicalId }) => physicalId === bucket)) {
    return `"upload-ledger attach s3://${visibleText(bucket)} --stack ${ledger.stackName}"`;
  }
  const custom = await resources('Custom::S3BucketNotifications');
  if (custom.length === 0) return REVERT_BUCKET;
  return 'change "events" in the stack, deploy, change it back and deploy: the resource of the CDK that writes the notifications only runs when they change';
}

function typesText(events: readonly string[] = []): string {
  return events.map((event) => event.replace(/^s3:/, '')).join(', ');
}

async function notificationOf(Bucket: string, { ledger }: Deployment) {
  const { GetBucketNotificationConfigurationCommand } = await import('@aws-sdk/client-s3');
  const client = await ledger.clients.s3();
  return client.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
}

/** The stack's EventBridge rules on S3's events. */
export async function uploadRules({ resources, ledger }: Deployment): Promise<readonly DescribeRuleResponse[]> {
  const named = await resources('AWS::Events::Rule');
  if (named.length === 0) return [];
  const client = await ledger.clients.eventbridge();
  const rules = await Promise.all(named.map((rule) => describeRule(rule, client)));
  return rules.filter(({ EventPattern = '' }) => EventPattern.includes('"aws.s3"'));
}

/** One of the stack's rules, as it is. */
export async function describeRule(
  { physicalId }: StackResource,
  client: EventBridgeClient,
): Promise<DescribeRuleResponse> {
  const { DescribeRuleCommand } = await import('@aws-sdk/client-eventbridge');
  // On a bus that is not the default one, the id is "bus|rule".
  const [name = '', bus] = physicalId.split('|').reverse();
  return client.send(new DescribeRuleCommand({ Name: name, ...(bus !== undefined && { EventBusName: bus }) }));
}

/**
 * Whether all rules are enabled and send to the queue, and the buckets that they name send their events to EventBridge.
 */
async function diagnoseRules(deployment: Deployment, rules: readonly DescribeRuleResponse[]): Promise<Diagnosis> {
  const { QueueArn = '' } = await deployment.queue();
  const disabled = rules.filter(({ State }) => State === 'DISABLED').map(({ Name }) => visibleText(Name ?? ''));
  if (disabled.length > 0) {
    return wrong(
      `EventBridge rule ${disabled.join(', ')} is disabled`,
      `enable it ("aws events enable-rule --name ${disabled[0]}"), then "upload-ledger reconcile" for what was missed`,
    );
  }
  const misdirected = await misdirectedRules(deployment, rules, QueueArn);
  if (misdirected.length > 0) {
    return wrong(`EventBridge rule ${misdirected.join(', ')} does not send to the queue`, REVERT_DRIFT);
  }
  const buckets = [...new Set(rules.flatMap(({ EventPattern }) => bucketsOf(EventPattern)))];
  const notifications = await Promise.all(buckets.map((bucket) => notificationOf(bucket, deployment)));
  const silent = buckets.filter((_, index) => notifications[index]?.EventBridgeConfiguration === undefined);
  if (silent.length > 0) {
    const own = await deployment.resources('AWS::S3::Bucket');
    const isOwn = silent.some((bucket) => own.some(({ physicalId }) => physicalId === bucket));
    return wrong(
      `bucket ${silent.map(visibleText).join(', ')} does not send its events to EventBridge`,
      isOwn
        ? REVERT_BUCKET
        : "switch it on in the bucket's properties (Event notifications, Amazon EventBridge), where all else of it stays",
    );
  }
  return ok(`bucket ${buckets.map(visibleText).join(', ')} notifies the queue through EventBridge`);
}

/** Names of the rules without the queue among their targets. */
async function misdirectedRules({ ledger }: Deployment, rules: readonly DescribeRuleResponse[], queueArn: string) {
  const { ListTargetsByRuleCommand } = await import('@aws-sdk/client-eventbridge');
  const client = await ledger.clients.eventbridge();
  const isMisdirected = async ({ Name, EventBusName }: DescribeRuleResponse) => {
    const command = new ListTargetsByRuleCommand({ Rule: Name, ...(EventBusName && { EventBusName }) });
    const { Targets = [] } = await client.send(command);
    return !Targets.some(({ Arn }) => Arn === queueArn);
  };
  const misdirected = await Promise.all(rules.map(isMisdirected));
  return rules.flatMap(({ Name = '' }, index) => (misdirected[index] ? [visibleText(Name)] : []));
}

/** The buckets that a rule's pattern names. */
function bucketsOf(pattern = '{}'): string[] {
  const { detail } = JSON.parse(pattern) as { detail?: { bucket?: { name?: string[] } } };
  return detail?.bucket?.name ?? [];
}

/**
 * Whether the queue's subscription to the topic is as it was deployed: CloudFormation compares it, with the caller's
 * permissions in SNS. Which buckets send to the topic is not checked.
 *
 * Source: CloudFormation API reference, DetectStackResourceDrift.
 */
async function diagnoseTopic({ ledger, resources, queue }: Deployment): Promise<Diagnosis> {
  const { DetectStackResourceDriftCommand } = await import('@aws-sdk/client-cloudformation');
  const client = await ledger.clients.cloudformation();
  const { QueueArn } = await queue();
  for (const { logicalId } of await resources('AWS::SNS::Subscription')) {
    const command = new DetectStackResourceDriftCommand({ StackName: ledger.stackName, LogicalResourceId: logicalId });
    const { StackResourceDrift: drift } = await client.send(command);
    const expected: { Endpoint?: string; TopicArn?: string } = JSON.parse(drift?.ExpectedProperties ?? '{}');
    // The alarms have subscriptions as well, of email addresses.
    if (drift !== undefined && expected.Endpoint === QueueArn)
      return diagnoseSubscription(drift, expected.TopicArn ?? 'the topic');
  }
  return wrong('the stack has no subscription of the queue to a topic', MAKE_ANEW);
}

function diagnoseSubscription(
  { StackResourceDriftStatus: status, PropertyDifferences = [] }: StackResourceDrift,
  topic: string,
) {
  const name = visibleText(topic);
  if (status === 'IN_SYNC') return ok(`topic ${name} sends to the queue; buckets must send their events to it`);
  if (status === 'DELETED') {
    return wrong(`the queue is no longer subscribed to topic ${name}`, MAKE_ANEW);
  }
  const changed = PropertyDifferences.map(({ PropertyPath = '' }) => PropertyPath.slice(1)).join(', ');
  return wrong(
    `the subscription to topic ${name} was changed by hand (${visibleText(changed) || status})`,
    REVERT_DRIFT,
  );
}
