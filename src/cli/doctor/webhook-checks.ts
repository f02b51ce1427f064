import type { DescribeConnectionResponse, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { formatNumberOf } from '../../shared/format.ts';
import { visibleText } from '../../shared/text.ts';
import { type Check, type Diagnosis, MAKE_ANEW, note, ok, REVERT_DRIFT, wrong } from './check.ts';
import type { Deployment } from './deployment.ts';
import { describeRule } from './source-checks.ts';

/** Whether EventBridge can call the webhooks: their connections, endpoints and rules. The endpoints are not called. */
export const webhooksReady: Check = {
  name: 'webhooks',
  needs: [
    'cloudformation:ListStackResources',
    'events:DescribeConnection',
    'events:DescribeApiDestination',
    'events:DescribeRule',
  ],
  run: async (deployment) => {
    const { deliveries } = deployment.ledger.resources;
    if (deliveries === undefined) return undefined;
    const client = await deployment.ledger.clients.eventbridge();
    const found =
      (await connectionsFault(deployment, client)) ??
      (await endpointsFault(deployment, client)) ??
      (await rulesFault(deployment, client));
    const names = deliveries.webhooks.map(({ name }) => visibleText(name)).join(', ');
    return found ?? ok(`${formatNumberOf(deliveries.webhooks.length, 'webhook')}: ${names}`);
  },
};

/** States in which a connection has its secret, and those in which it will have. */
const CONNECTED = ['AUTHORIZED'];
const CONNECTING = ['CREATING', 'UPDATING', 'AUTHORIZING'];

async function connectionsFault(deployment: Deployment, client: EventBridgeClient): Promise<Diagnosis | undefined> {
  const { DescribeConnectionCommand } = await import('@aws-sdk/client-eventbridge');
  const made = await deployment.resources('AWS::Events::Connection');
  const connections = await Promise.all(
    made.map(({ physicalId: Name }) => client.send(new DescribeConnectionCommand({ Name }))),
  );
  const stateOf = ({ ConnectionState }: DescribeConnectionResponse): string => ConnectionState ?? 'in an unknown state';
  const broken = connections.find((one) => ![...CONNECTED, ...CONNECTING].includes(stateOf(one)));
  if (broken !== undefined) {
    const reason = broken.StateReason === undefined ? '' : ` (${visibleText(broken.StateReason)})`;
    return wrong(
      `the connection ${visibleText(broken.Name ?? '')} is ${stateOf(broken)}${reason}: its webhook gets no events`,
      'see "Replace the secret of a webhook" in docs/runbook.md',
    );
  }
  const waiting = connections.find((one) => CONNECTING.includes(stateOf(one)));
  return (
    waiting && note(`the connection ${visibleText(waiting.Name ?? '')} is ${stateOf(waiting)}`, 'ask again in a minute')
  );
}

async function endpointsFault(deployment: Deployment, client: EventBridgeClient): Promise<Diagnosis | undefined> {
  const { DescribeApiDestinationCommand } = await import('@aws-sdk/client-eventbridge');
  const made = await deployment.resources('AWS::Events::ApiDestination');
  const endpoints = await Promise.all(
    made.map(({ physicalId: Name }) => client.send(new DescribeApiDestinationCommand({ Name }))),
  );
  const inactive = endpoints.find(({ ApiDestinationState }) => ApiDestinationState !== 'ACTIVE');
  if (inactive === undefined) return undefined;
  const { Name = '', InvocationEndpoint = '', ApiDestinationState = 'in an unknown state' } = inactive;
  const says = `the API destination ${Name} (${InvocationEndpoint}) is ${ApiDestinationState}: its webhook gets no events`;
  return wrong(visibleText(says), `its connection was deleted or replaced by hand; ${REVERT_DRIFT}`);
}

async function rulesFault(
  { ledger, resources }: Deployment,
  client: EventBridgeClient,
): Promise<Diagnosis | undefined> {
  const { webhooks = [] } = ledger.resources.deliveries ?? {};
  const made = await resources('AWS::Events::Rule');
  for (const { name, rule } of webhooks) {
    const resource = made.find(({ physicalId }) => physicalId.split('|').at(-1) === rule);
    if (resource === undefined) return wrong(`the webhook ${visibleText(name)} has no rule`, MAKE_ANEW);
    const { State, EventBusName = 'default' } = await describeRule(resource, client);
    if (State === 'DISABLED') {
      return wrong(
        `the rule of the webhook ${visibleText(name)} is disabled: it gets no events, and those of this time are lost to it`,
        `enable it: "aws events enable-rule --name ${visibleText(rule)} --event-bus-name ${visibleText(EventBusName)}"`,
      );
    }
  }
  return undefined;
}

/** Whether everything was delivered. The counts are approximate, as SQS gives them. */
export const deliveriesCheck: Check = {
  name: 'deliveries',
  needs: ['sqs:GetQueueAttributes'],
  run: async ({ deliveries }) => {
    const attributes = await deliveries();
    if (attributes === undefined) return undefined;
    const { ApproximateNumberOfMessages: waiting, ApproximateNumberOfMessagesNotVisible: inFlight } = attributes;
    const count = Number(waiting ?? 0) + Number(inFlight ?? 0);
    if (count === 0) return ok('none failed');
    return wrong(
      `${formatNumberOf(count, 'delivery', 'deliveries')} to webhooks failed; SQS deletes each 14 days after`,
      'see why with "upload-ledger dlq list --queue deliveries"; "dlq redrive --queue deliveries" sends them again',
    );
  },
};
