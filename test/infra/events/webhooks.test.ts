import { Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import { webhookPattern } from '../../../infra/events/webhook-pattern.ts';
import { Webhooks } from '../../../infra/events/webhooks.ts';
import { UploadLedger } from '../../../infra/upload-ledger.ts';
import type { WebhookProps } from '../../../infra/webhook-props.ts';
import { type BodyFormat, WEBHOOK_FORMATS } from '../../../src/contract/events.ts';
import { toRecordEvent } from '../../../src/events/event.ts';
import { toEntry } from '../../../src/events/publish.ts';
import { toLedgerRecord } from '../../../src/ledger/record.ts';
import { EVENT_PATTERN, matchesEventPattern } from '../../../src/local/events/event-pattern.ts';
import { upload } from '../../builders/upload.ts';
import { temporaryApp } from '../synthesized.ts';

const ORDERS: WebhookProps = { name: 'orders', url: 'https://app.example.com/hooks', secretName: 'ledger/orders' };
const SLACK: WebhookProps = { name: 'chat', format: 'slack', channel: 'C0123456789', secretName: 'ledger/slack' };
const TEAMS: WebhookProps = {
  name: 'desk',
  format: 'teams',
  url: 'https://prod-1.westeurope.logic.azure.com:443/workflows/1/triggers/manual/paths/invoke?sv=1.0',
  secretName: 'ledger/teams',
};

const TABLE_ARN = 'arn:aws:dynamodb:eu-west-1:111122223333:table/uploads';

function templateOf(webhooks: readonly WebhookProps[], busName = 'uploads'): Template {
  const stack = new Stack(temporaryApp(), 'Test');
  const bus = EventBus.fromEventBusName(stack, 'Bus', busName);
  new Webhooks(stack, 'Webhooks', {
    webhooks,
    alertTopic: undefined,
    bus,
    tableArn: TABLE_ARN,
    encryptionKey: undefined,
    ledger: 'Test',
  });
  return Template.fromStack(stack);
}

describe('the bus of the ledger', () => {
  it('can be given an archive, where the ledger has made it', () => {
    const stack = new Stack(temporaryApp(), 'Test');
    const ledger = new UploadLedger(stack, 'Uploads', { webhooks: [ORDERS] });
    ledger.eventBus?.archive('Archive', { eventPattern: { source: ['upload-ledger'] }, retention: Duration.days(30) });
    Template.fromStack(stack).hasResourceProperties('AWS::Events::Archive', {
      EventPattern: { source: ['upload-ledger'] },
      RetentionDays: 30,
      SourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('UploadsEventBus'), 'Arn'] },
    });
  });

  it('is no other one that is given, and none without events', () => {
    const stack = new Stack(temporaryApp(), 'Test');
    expect(new UploadLedger(stack, 'Given', { recordedEventsBus: 'default' }).eventBus).toBeUndefined();
    expect(new UploadLedger(stack, 'None').eventBus).toBeUndefined();
  });
});

describe('a webhook', () => {
  it('gets the finished body of its format, for 24 hours at most, and then the queue of failed deliveries', () => {
    const template = templateOf([ORDERS]);
    template.hasResourceProperties('AWS::Events::Rule', {
      EventBusName: 'uploads',
      Targets: [
        {
          InputPath: '$.detail.bodies.json',
          RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
          DeadLetterConfig: { Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('Deliveries'), 'Arn'] } },
          InputTransformer: Match.absent(),
        },
      ],
    });
    template.hasResourceProperties('AWS::SQS::Queue', {
      MessageRetentionPeriod: 1_209_600,
      SqsManagedSseEnabled: true,
      RedriveAllowPolicy: { redrivePermission: 'denyAll' },
    });
  });

  it('has its secret as the header Authorization, by a reference that only the deployment resolves', () => {
    templateOf([ORDERS]).hasResourceProperties('AWS::Events::Connection', {
      AuthorizationType: 'API_KEY',
      AuthParameters: {
        ApiKeyAuthParameters: {
          ApiKeyName: 'Authorization',
          ApiKeyValue: '{{resolve:secretsmanager:ledger/orders:SecretString:::}}',
        },
        InvocationHttpParameters: Match.absent(),
      },
    });
  });

  it('in Slack posts to its channel, one message a second', () => {
    const template = templateOf([SLACK]);
    template.hasResourceProperties('AWS::Events::Connection', {
      AuthParameters: {
        ApiKeyAuthParameters: { ApiKeyName: 'Authorization' },
        InvocationHttpParameters: {
          BodyParameters: [{ Key: 'channel', Value: 'C0123456789', IsValueSecret: false }],
        },
      },
    });
    template.hasResourceProperties('AWS::Events::ApiDestination', {
      HttpMethod: 'POST',
      InvocationEndpoint: 'https://slack.com/api/chat.postMessage',
      InvocationRateLimitPerSecond: 1,
    });
    template.hasResourceProperties('AWS::Events::Rule', { Targets: [{ InputPath: '$.detail.bodies.slack' }] });
  });

  it('in Teams has its signature as a secret parameter, and no header Authorization', () => {
    const template = templateOf([TEAMS]);
    template.hasResourceProperties('AWS::Events::Connection', {
      AuthParameters: {
        ApiKeyAuthParameters: { ApiKeyName: 'X-Webhook', ApiKeyValue: 'desk' },
        InvocationHttpParameters: {
          QueryStringParameters: [
            { Key: 'sig', Value: '{{resolve:secretsmanager:ledger/teams:SecretString:::}}', IsValueSecret: true },
          ],
        },
      },
    });
    template.hasResourceProperties('AWS::Events::ApiDestination', {
      InvocationEndpoint: TEAMS.url,
      InvocationRateLimitPerSecond: 4,
    });
  });

  it.each(['uploads', 'default'])(
    'on the bus %s is admitted to the queue of failed deliveries before it exists',
    (bus) => {
      const template = templateOf([ORDERS, SLACK], bus);
      const [policyId = ''] = Object.keys(template.findResources('AWS::SQS::QueuePolicy'));
      const policy = JSON.stringify(template.findResources('AWS::SQS::QueuePolicy'));
      for (const rule of Object.values(template.findResources('AWS::Events::Rule'))) {
        expect(rule.DependsOn).toContain(policyId);
        // The rule's name is the end of its ARN in the policy.
        const [, [start, ...rest]] = rule.Properties.Name['Fn::Join'];
        const onBus = bus === 'default' ? '' : `${bus}/`;
        expect(policy).toContain(`:rule/${onBus}${start}`);
        expect(policy).toContain(JSON.stringify(rest[0]));
        expect(start.length + 36).toBeLessThanOrEqual(64);
      }
    },
  );

  it.each(['Role', 'Deliveries', 'Webhook', 'Alert', 'AlertTopic', 'Default', 'Resource', 'Policy'])(
    'can be named %s, as a part of the stack is',
    (name) => {
      const template = templateOf([{ ...ORDERS, name }]);
      template.resourceCountIs('AWS::Events::Rule', 1);
      template.hasResourceProperties('AWS::Events::ApiDestination', { Description: `Endpoint of the webhook ${name}` });
    },
  );

  it('lets EventBridge call the endpoints of its own stack, for this account', () => {
    const template = templateOf([ORDERS, SLACK]);
    const destinations = Object.keys(template.findResources('AWS::Events::ApiDestination'));
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          {
            Action: 'events:InvokeApiDestination',
            Resource: destinations.map((id) => ({ 'Fn::GetAtt': [id, 'Arn'] })),
          },
        ],
      },
    });
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [{ Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } } }],
      },
    });
  });
});

describe('the topic of alerts', () => {
  const withTopic = (makeTopic: (stack: Stack) => ITopic) => {
    const stack = new Stack(temporaryApp(), 'Test');
    const bus = EventBus.fromEventBusName(stack, 'Bus', 'uploads');
    const alertTopic = makeTopic(stack);
    const shared = { bus, tableArn: TABLE_ARN, encryptionKey: undefined, ledger: 'Test' };
    const made = new Webhooks(stack, 'Webhooks', { webhooks: [], alertTopic, ...shared });
    return { template: Template.fromStack(stack), listed: made.listed };
  };
  const ARN = 'arn:aws:sns:eu-west-1:111122223333:alerts';

  it('gets alerts in the form of the chat, by a rule that the command line knows', () => {
    const { template, listed } = withTopic((stack) => Topic.fromTopicArn(stack, 'Topic', ARN));
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['upload-ledger'],
        resources: [TABLE_ARN],
        $or: [
          { 'detail-type': ['AlertRaised'], detail: { bodies: { chat: { version: [{ exists: true }] } } } },
          { detail: { redeliver_to: ['sns:alerts'] } },
        ],
      },
      Targets: [
        {
          Arn: ARN,
          InputPath: '$.detail.bodies.chat',
          RoleArn: Match.anyValue(),
          DeadLetterConfig: Match.anyValue(),
          RetryPolicy: { MaximumEventAgeInSeconds: 86_400 },
        },
      ],
    });
    expect(listed.map(({ name }) => name)).toEqual(['sns:alerts']);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [{ Action: 'sns:Publish', Effect: 'Allow', Resource: ARN }] },
    });
    template.resourceCountIs('AWS::Events::Connection', 0);
  });

  it('under a key lets EventBridge use the key', () => {
    const { template } = withTopic((stack) => new Topic(stack, 'Topic', { masterKey: new Key(stack, 'Key') }));
    const [policy] = Object.values(template.findResources('AWS::IAM::Policy'));
    const actions = policy?.Properties.PolicyDocument.Statement.flatMap(({ Action }: { Action: string[] }) => Action);
    expect(actions).toEqual(expect.arrayContaining(['sns:Publish', 'kms:Decrypt', 'kms:GenerateDataKey*']));
  });
});

describe('webhookPattern', () => {
  it('chooses records by everything that is given', () => {
    const conditions = { prefix: 'in/', category: 'image', uploader: 'alice' };
    const bodies = { json: { version: [{ exists: true }] } };
    expect(webhookPattern({ ...ORDERS, events: ['UploadRecorded'], ...conditions }, TABLE_ARN)).toEqual({
      source: ['upload-ledger'],
      resources: [TABLE_ARN],
      $or: [
        {
          'detail-type': ['UploadRecorded'],
          detail: {
            record: { s3_key: [{ prefix: 'in/' }], category: ['image'], uploader: ['alice'] },
            bodies,
            redeliver_to: [{ exists: false }],
          },
        },
        { detail: { bodies, redeliver_to: ['orders'] } },
      ],
    });
  });

  it('matches keys by prefix and suffix together, with an asterisk as itself', () => {
    const [asked] = webhookPattern({ ...ORDERS, prefix: 'a*', suffix: '.pdf' }, TABLE_ARN).$or;
    expect(asked).toMatchObject({ detail: { record: { s3_key: [{ wildcard: 'a\\**.pdf' }] } } });
  });

  it('asks for records of all kinds, and nothing else, where nothing is given', () => {
    const [asked] = webhookPattern(ORDERS, TABLE_ARN).$or;
    expect(asked).toMatchObject({ 'detail-type': ['UploadRecorded', 'DeleteRecorded', 'RestoreRecorded'] });
    expect(asked?.detail).not.toHaveProperty('record');
  });

  const uploaded = toRecordEvent(
    toLedgerRecord(upload({ key: 'in/a.pdf' }), { indexShards: 8, source: 'notification' }),
  );
  const onBus = (formats: readonly BodyFormat[], mark: object = {}) => {
    const { Source, DetailType, Resources, Detail } = toEntry(uploaded, {
      eventBus: 'uploads',
      tableArn: TABLE_ARN,
      formats,
    });
    const detail = { ...JSON.parse(Detail), ...mark };
    return { source: Source, 'detail-type': DetailType, resources: Resources, detail };
  };
  const takes = (webhook: WebhookProps, event: object) =>
    matchesEventPattern(EVENT_PATTERN.parse(webhookPattern(webhook, TABLE_ARN)), event);

  it.each([ORDERS, SLACK, TEAMS])('takes events that have the body of its format, and no others: $name', (webhook) => {
    const { name, format = 'json' } = webhook;
    const others = WEBHOOK_FORMATS.filter((one) => one !== format);
    expect(takes(webhook, onBus(WEBHOOK_FORMATS))).toBe(true);
    expect(takes(webhook, onBus(others))).toBe(false);
    expect(takes(webhook, onBus([]))).toBe(false);
    expect(takes(webhook, onBus([format], { redeliver_to: name }))).toBe(true);
    expect(takes(webhook, onBus(others, { redeliver_to: name }))).toBe(false);
  });

  it('takes what is sent again to it whatever it asks for by now, and nothing that is sent again to another', () => {
    const narrowed: WebhookProps = { ...ORDERS, events: ['DeleteRecorded'], prefix: 'out/', category: 'image' };
    expect(takes(narrowed, onBus(['json']))).toBe(false);
    expect(takes(narrowed, onBus(['json'], { redeliver_to: 'orders' }))).toBe(true);
    expect(takes(narrowed, onBus(['json'], { redeliver_to: 'chat' }))).toBe(false);
    expect(takes(ORDERS, onBus(['json'], { redeliver_to: 'chat' }))).toBe(false);
  });
});
