import { Aws, Duration, SecretValue, Stack } from 'aws-cdk-lib';
import { CfnApiDestination, CfnConnection, CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { CfnQueuePolicy, Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ALERT_TOPIC, type BodyFormat, type WebhookFormat } from '../../src/contract/events.ts';
import type { ListedWebhook } from '../../src/contract/outputs.ts';
import { admitSender } from '../encryption-key.ts';
import { physicalName } from '../names.ts';
import { DeliveriesQueue } from '../queues.ts';
import type { WebhookProps } from '../webhook-props.ts';
import type { Bus } from './event-publisher.ts';
import { alertPattern, webhookPattern } from './webhook-pattern.ts';

/** Source: EventBridge API reference, `PutRule`, `Name`. */
const RULE_NAME_CHARACTERS = 64;

/**
 * How long EventBridge tries what an endpoint does not accept, and how often: its defaults, and the most that it allows.
 *
 * Source: EventBridge User Guide, "Retry policy and using dead-letter queues".
 */
const RETRIES = { maximumEventAgeInSeconds: Duration.hours(24).toSeconds(), maximumRetryAttempts: 185 } as const;

interface WebhooksProps {
  readonly webhooks: readonly WebhookProps[];
  /** Gets alerts. @default none */
  readonly alertTopic: ITopic | undefined;
  readonly bus: Bus;
  /** Of the ledger. */
  readonly tableArn: string;
  /** Of the queue of failed deliveries. @default SQS's own */
  readonly encryptionKey: IKey | undefined;
  /** Path of the ledger, for errors. */
  readonly ledger: string;
}

/**
 * Webhooks: for each a rule on the bus, a connection with its secret, and an API destination. For the topic of alerts a
 * rule. What could not be delivered within 24 hours, or was refused for good, waits in a queue of its own, with the reason
 * in its attributes.
 */
export class Webhooks extends Construct {
  /** The deliveries that failed. */
  readonly deliveries: Queue;
  readonly bus: Bus;
  /** Of the webhooks and the topic, with the names of their rules. */
  readonly listed: readonly ListedWebhook[];
  readonly ruleArns: readonly string[];

  constructor(scope: Construct, id: string, props: WebhooksProps) {
    super(scope, id);
    const { webhooks, alertTopic, bus, tableArn, encryptionKey, ledger } = props;
    this.bus = bus;
    this.deliveries = new DeliveriesQueue(this, 'Deliveries', { encryptionKey });
    if (encryptionKey !== undefined) admitSender(encryptionKey, 'events.amazonaws.com', ledger);
    // Source: EventBridge User Guide, "Cross-service confused deputy prevention".
    const conditions = { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } };
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('events.amazonaws.com', { conditions }) });
    const shared = { bus, role, deliveries: this.deliveries };
    // A scope of their own: people choose the names.
    const named = new Construct(this, 'Webhook');
    const made = webhooks.map((webhook) => new Webhook(named, webhook.name, { ...shared, webhook, tableArn }));
    const destinations = made.map(({ destination }) => destination.attrArn);
    if (destinations.length > 0)
      role.addToPolicy(new PolicyStatement({ actions: ['events:InvokeApiDestination'], resources: destinations }));
    const rules: { name: string; rule: DeliveryRule; format: BodyFormat }[] = made.map(({ node, rule, format }) => ({
      name: node.id,
      rule,
      format,
    }));
    if (alertTopic !== undefined) {
      // With the key of the topic, where the app knows it.
      alertTopic.grantPublish(role);
      const target = { id: 'Topic', arn: alertTopic.topicArn, format: 'chat' } as const;
      const eventPattern = alertPattern(tableArn);
      const description = 'Alerts for a topic';
      const scope = new Construct(this, 'AlertTopic');
      const rule = deliveryRule(scope, { ...shared, description, eventPattern, target });
      rules.push({ name: ALERT_TOPIC, rule, format: target.format });
    }
    this.listed = rules.map(({ name, rule, format }) => ({ name, rule: rule.ruleName, format }));
    this.ruleArns = rules.map(({ rule }) => rule.ruleArn);
    this.deliveries.addToResourcePolicy(this.#admission());
    const policy = this.deliveries.node.findChild('Policy').node.defaultChild as CfnQueuePolicy;
    // EventBridge does not try again what a queue refuses.
    for (const { rule } of rules) rule.resource.addResourceDependency(policy);
  }

  /** Source: EventBridge User Guide, "Using resource-based policies", Amazon SQS permissions. */
  #admission(): PolicyStatement {
    return new PolicyStatement({
      principals: [new ServicePrincipal('events.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [this.deliveries.queueArn],
      conditions: { ArnEquals: { 'aws:SourceArn': this.ruleArns } },
    });
  }
}

interface OneWebhookProps extends Shared {
  readonly webhook: WebhookProps;
  readonly tableArn: string;
}

class Webhook extends Construct {
  readonly rule: DeliveryRule;
  readonly format: WebhookFormat;
  readonly destination: CfnApiDestination;

  constructor(scope: Construct, id: string, { webhook, tableArn, ...shared }: OneWebhookProps) {
    super(scope, id);
    const { format = 'json', url = SLACK_URL, ratePerSecond = RATES[format] } = webhook;
    this.format = format;
    const connection = new CfnConnection(this, 'Connection', {
      description: `Secret of the webhook ${webhook.name}`,
      authorizationType: 'API_KEY',
      authParameters: authParameters(webhook),
    });
    this.destination = new CfnApiDestination(this, 'Destination', {
      description: `Endpoint of the webhook ${webhook.name}`,
      connectionArn: connection.attrArn,
      httpMethod: 'POST',
      invocationEndpoint: url,
      invocationRateLimitPerSecond: ratePerSecond,
    });
    this.rule = deliveryRule(this, {
      ...shared,
      description: `Events for the webhook ${webhook.name}`,
      eventPattern: webhookPattern(webhook, tableArn),
      target: { id: 'Webhook', arn: this.destination.attrArn, format },
    });
  }
}

/** What all rules share. */
interface Shared {
  readonly bus: Bus;
  /** That EventBridge takes to deliver. */
  readonly role: Role;
  readonly deliveries: Queue;
}

interface DeliveryRuleProps extends Shared {
  readonly description: string;
  readonly eventPattern: object;
  readonly target: { readonly id: string; readonly arn: string; readonly format: BodyFormat };
}

interface DeliveryRule {
  readonly resource: CfnRule;
  readonly ruleName: string;
  /** Known before the rule exists: the queue's policy has it. */
  readonly ruleArn: string;
}

function deliveryRule(scope: Construct, props: DeliveryRuleProps): DeliveryRule {
  const { bus, role, deliveries, description, eventPattern, target } = props;
  const name = physicalName(scope, RULE_NAME_CHARACTERS);
  const resource = new CfnRule(scope, 'Rule', {
    name,
    description,
    eventBusName: bus.eventBusName,
    eventPattern,
    targets: [
      {
        id: target.id,
        arn: target.arn,
        roleArn: role.roleArn,
        // A finished body: an input transformer would have to escape what people choose.
        inputPath: `$.detail.bodies.${target.format}`,
        retryPolicy: RETRIES,
        deadLetterConfig: { arn: deliveries.queueArn },
      },
    ],
  });
  const resourceName = bus.eventBusName === 'default' ? name : `${bus.eventBusName}/${name}`;
  const ruleArn = Stack.of(scope).formatArn({ service: 'events', resource: 'rule', resourceName });
  return { resource, ruleName: name, ruleArn };
}

/** Source: Slack API, "Methods", `chat.postMessage`. */
const SLACK_URL = 'https://slack.com/api/chat.postMessage';

/**
 * Requests a second. Sources: EventBridge's default; Slack API, "Rate limits", one message a second in a channel;
 * Microsoft Teams, "Create Incoming Webhooks", rate limiting.
 */
const RATES: Readonly<Record<WebhookFormat, number>> = { json: 300, slack: 1, teams: 4 };

/**
 * A connection always has an authorization. That of Teams is a parameter of its address, and its endpoint takes no
 * header `Authorization` beside it, so its connection has a header that says nothing.
 */
function authParameters({ name, format, channel, secretName }: WebhookProps): CfnConnection.AuthParametersProperty {
  // A dynamic reference: the secret is not in the template.
  const secret = SecretValue.secretsManager(secretName).unsafeUnwrap();
  if (format === 'teams') {
    return {
      apiKeyAuthParameters: { apiKeyName: 'X-Webhook', apiKeyValue: name },
      invocationHttpParameters: { queryStringParameters: [{ key: 'sig', value: secret, isValueSecret: true }] },
    };
  }
  return {
    apiKeyAuthParameters: { apiKeyName: 'Authorization', apiKeyValue: secret },
    ...(channel !== undefined && {
      invocationHttpParameters: { bodyParameters: [{ key: 'channel', value: channel, isValueSecret: false }] },
    }),
  };
}
