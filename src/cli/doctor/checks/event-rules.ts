import type { DescribeRuleResponse, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { visibleText } from '../../../shared/text.ts';
import { DEPLOY_AGAIN, type Diagnosis, ok, wrong } from '../check.ts';
import type { Deployment, StackPart } from '../deployment.ts';

/** The stack's EventBridge rules on S3's events. */
export async function rulesOf({ parts, ledger }: Deployment): Promise<readonly DescribeRuleResponse[]> {
  const named = await parts('AWS::Events::Rule');
  if (named.length === 0) return [];
  const client = await ledger.clients.eventbridge();
  const rules = await Promise.all(named.map((part) => ruleOf(part, client)));
  return rules.filter(({ EventPattern = '' }) => EventPattern.includes('"aws.s3"'));
}

/** @returns a rule that is there, or its name alone. */
async function ruleOf({ physicalId }: StackPart, client: EventBridgeClient): Promise<DescribeRuleResponse> {
  const { DescribeRuleCommand } = await import('@aws-sdk/client-eventbridge');
  // On a bus that is not the default one, the id is "bus|rule".
  const [name = '', bus] = physicalId.split('|').reverse();
  return client.send(new DescribeRuleCommand({ Name: name, ...(bus !== undefined && { EventBusName: bus }) }));
}

/** Whether all rules are enabled and send to the queue, and the buckets that they name send their events to EventBridge. */
export async function rulesSendTo(deployment: Deployment, rules: readonly DescribeRuleResponse[]): Promise<Diagnosis> {
  const { QueueArn = '' } = await deployment.queue();
  const disabled = rules.filter(({ State }) => State === 'DISABLED').map(({ Name }) => visibleText(Name ?? ''));
  if (disabled.length > 0) {
    return wrong(
      `EventBridge rule ${disabled.join(', ')} is disabled`,
      `enable it ("aws events enable-rule --name ${disabled[0]}"), then "upload-ledger reconcile" for what was missed`,
    );
  }
  const astray = await rulesAstray(deployment, rules, QueueArn);
  if (astray.length > 0) {
    return wrong(`EventBridge rule ${astray.join(', ')} does not send to the queue`, DEPLOY_AGAIN);
  }
  const buckets = [...new Set(rules.flatMap(({ EventPattern }) => bucketsOf(EventPattern)))];
  const silent = await silentOf(deployment, buckets);
  if (silent.length > 0) {
    const names = silent.map(visibleText).join(', ');
    return wrong(
      `bucket ${names} does not send its events to EventBridge`,
      `switch it on in the bucket's properties (Event notifications, Amazon EventBridge)`,
    );
  }
  return ok(`bucket ${buckets.map(visibleText).join(', ')} tells the queue through EventBridge`);
}

async function rulesAstray({ ledger }: Deployment, rules: readonly DescribeRuleResponse[], queueArn: string) {
  const { ListTargetsByRuleCommand } = await import('@aws-sdk/client-eventbridge');
  const client = await ledger.clients.eventbridge();
  const isAstray = async ({ Name, EventBusName }: DescribeRuleResponse) => {
    const command = new ListTargetsByRuleCommand({ Rule: Name, ...(EventBusName && { EventBusName }) });
    const { Targets = [] } = await client.send(command);
    return !Targets.some(({ Arn }) => Arn === queueArn);
  };
  const astray = await Promise.all(rules.map(isAstray));
  return rules.flatMap(({ Name = '' }, index) => (astray[index] ? [visibleText(Name)] : []));
}

/** The buckets that a rule's pattern names. */
function bucketsOf(pattern = '{}'): string[] {
  const { detail } = JSON.parse(pattern) as { detail?: { bucket?: { name?: string[] } } };
  return detail?.bucket?.name ?? [];
}

async function silentOf({ ledger }: Deployment, buckets: readonly string[]): Promise<string[]> {
  const { GetBucketNotificationConfigurationCommand } = await import('@aws-sdk/client-s3');
  const client = await ledger.clients.s3();
  const answers = await Promise.all(
    buckets.map((Bucket) => client.send(new GetBucketNotificationConfigurationCommand({ Bucket }))),
  );
  return buckets.filter((_, index) => answers[index]?.EventBridgeConfiguration === undefined);
}
