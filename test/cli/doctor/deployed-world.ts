import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SESClient } from '@aws-sdk/client-ses';
import { SQSClient } from '@aws-sdk/client-sqs';
import { toZip } from '../../../infra/bundle/zip.ts';
import type { OpenLedger } from '../../../src/cli/connection.ts';
import type { LedgerResources } from '../../../src/cli/ledger-resources.ts';
import { DEFAULTS } from '../../../src/contract/defaults.ts';
import { digestTickInput } from '../../../src/contract/digest-tick.ts';
import { EMAIL_SETTINGS_FILE } from '../../../src/contract/email-settings.ts';
import { alertRule, digestSettings, emailSettings } from '../../builders/email-settings.ts';
import type { AwsStub } from '../aws-stub.ts';

const ACCOUNT = '111122223333';
export const QUEUE_ARN = `arn:aws:sqs:eu-west-1:${ACCOUNT}:uploads`;
export const LETTERS_ARN = `arn:aws:sqs:eu-west-1:${ACCOUNT}:letters`;
export const RULE_ARN = `arn:aws:events:eu-west-1:${ACCOUNT}:rule/Rule`;
export const SENDER = 'ledger@example.com';

export const ALL_EVENTS = DEFAULTS.events.map((event) => `s3:${event}`);

/** The ledger whose stack, on AWS, is `aws`. */
export function ledgerAt({ settings }: AwsStub, resources: Partial<LedgerResources> = {}): OpenLedger {
  return {
    name: 'stack Prod in eu-west-1',
    isLocal: false,
    stackName: 'Prod',
    resources: {
      region: 'eu-west-1',
      tableName: 'table',
      queueUrl: `${settings.endpoint}/${ACCOUNT}/uploads`,
      deadLetterQueueUrl: `${settings.endpoint}/${ACCOUNT}/letters`,
      bucketName: 'bucket',
      functionName: 'recorder',
      indexShards: 8,
      ...resources,
    },
    clients: {
      cloudformation: async () => new CloudFormationClient(settings),
      cloudwatch: async () => new CloudWatchClient(settings),
      dynamodb: async () => new DynamoDBClient(settings),
      eventbridge: async () => new EventBridgeClient(settings),
      lambda: async () => new LambdaClient(settings),
      s3: async () => new S3Client(settings),
      scheduler: async () => new SchedulerClient(settings),
      ses: async () => new SESClient(settings),
      sqs: async () => new SQSClient({ ...settings, useQueueUrlAsEndpoint: false }),
      destroy: () => undefined,
    },
  };
}

/** Resources of the stack, by type and physical id. */
export function stackHas(aws: AwsStub, resources: readonly (readonly [type: string, physicalId: string])[]): void {
  const members = resources.map(
    ([type, id]) =>
      `<member><LogicalResourceId>L${id}</LogicalResourceId><PhysicalResourceId>${id}</PhysicalResourceId><ResourceType>${type}</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus></member>`,
  );
  aws.answer('ListStackResources', `<StackResourceSummaries>${members.join('')}</StackResourceSummaries>`);
}

/** A policy that lets a service send for what has this ARN, if it comes over TLS. */
export function policyFor(service: string, sourceArn: string | readonly string[]): string {
  const deny = {
    Effect: 'Deny',
    Principal: { AWS: '*' },
    Action: 'sqs:*',
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
  const conditions = { ArnEquals: { 'aws:SourceArn': sourceArn }, StringEquals: { 'aws:SourceAccount': ACCOUNT } };
  const allow = { Effect: 'Allow', Principal: { Service: service }, Action: 'sqs:SendMessage', Condition: conditions };
  return JSON.stringify({ Statement: [deny, allow] });
}

/** Attributes of the two queues. @param change Over those of a healthy deployment; undefined takes one away. */
export function queuesAre(
  aws: AwsStub,
  change: {
    readonly uploads?: Record<string, string | undefined>;
    readonly letters?: Record<string, string>;
    readonly deliveries?: Record<string, string>;
  } = {},
): void {
  aws.answer('GetQueueAttributes', ({ QueueUrl }: { readonly QueueUrl: string }) => ({
    Attributes: QueueUrl.endsWith('/uploads')
      ? {
          QueueArn: QUEUE_ARN,
          Policy: policyFor('s3.amazonaws.com', 'arn:aws:s3:::bucket'),
          RedrivePolicy: JSON.stringify({ deadLetterTargetArn: LETTERS_ARN, maxReceiveCount: 468 }),
          VisibilityTimeout: '185',
          ...change.uploads,
        }
      : {
          QueueArn: LETTERS_ARN,
          RedriveAllowPolicy: JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [QUEUE_ARN] }),
          ApproximateNumberOfMessages: '0',
          ApproximateNumberOfMessagesNotVisible: '0',
          ...(QueueUrl.endsWith('/deliveries') ? change.deliveries : change.letters),
        },
  }));
}

export function bucketTells(aws: AwsStub, queueArn: string, ...events: readonly string[]): void {
  notificationIs(aws, events.length > 0 ? queueEntry('', events, queueArn) : '');
}

/** An entry of a bucket's notification configuration, as S3 answers it. */
export function queueEntry(prefix: string, events: readonly string[] = ALL_EVENTS, queueArn = QUEUE_ARN): string {
  const rule = `<FilterRule><Name>Prefix</Name><Value>${prefix}</Value></FilterRule>`;
  const filter = prefix === '' ? '' : `<Filter><S3Key>${rule}</S3Key></Filter>`;
  const types = events.map((event) => `<Event>${event}</Event>`).join('');
  return `<QueueConfiguration><Id>1</Id><Queue>${queueArn}</Queue>${types}${filter}</QueueConfiguration>`;
}

export function notificationIs(aws: AwsStub, xml: string): void {
  // At an endpoint of its own the bucket is in the path, on AWS in the host.
  for (const request of ['GET /bucket/?notification', 'GET /?notification']) aws.answer(request, configuration(xml));
}

export function configuration(entries: string): string {
  return `<NotificationConfiguration>${entries}</NotificationConfiguration>`;
}

export function mappingIs(aws: AwsStub, change: object = {}): void {
  const mapping = {
    UUID: 'uuid',
    State: 'Enabled',
    BatchSize: 100,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
  };
  aws.answer('GET /2015-03-31/event-source-mappings?EventSourceArn', {
    EventSourceMappings: [{ ...mapping, LastProcessingResult: 'OK', ...change }],
  });
}

/** What events add: the mapping of the table's stream. */
export function withEvents(aws: AwsStub, change: object = {}): void {
  stackHas(aws, [
    ['AWS::S3::Bucket', 'bucket'],
    ['AWS::CloudWatch::Alarm', 'alarm-1'],
    ['AWS::Lambda::EventSourceMapping', 'uuid'],
    ['AWS::Lambda::EventSourceMapping', 'stream-uuid'],
  ]);
  alarmsAre(aws, { AlarmName: 'alarm-1' });
  aws.answer('GET /2015-03-31/event-source-mappings/uuid', { UUID: 'uuid', EventSourceArn: QUEUE_ARN });
  aws.answer('GET /2015-03-31/event-source-mappings/stream-uuid', {
    UUID: 'stream-uuid',
    EventSourceArn: `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/table/stream/2026-11-22T10:15:30.000`,
    State: 'Enabled',
    BatchSize: 100,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    LastProcessingResult: 'OK',
    ...change,
  });
}

export function functionIs(aws: AwsStub, change: object = {}): void {
  const configuration = { FunctionName: 'recorder', State: 'Active', LastUpdateStatus: 'Successful' };
  aws.answer('GET /2015-03-31/functions/recorder', { Configuration: { ...configuration, ...change } });
}

/** A function whose code has these files beside it. */
export function functionHasFiles(aws: AwsStub, files: Readonly<Record<string, string>>): void {
  const Location = `data:application/zip;base64,${toZip(files).toString('base64')}`;
  const Environment = { Variables: { EMAIL_SETTINGS: EMAIL_SETTINGS_FILE } };
  aws.answer('GET /2015-03-31/functions/recorder', { Configuration: { Environment }, Code: { Location } });
}

export function tableIs(aws: AwsStub, change: object = {}, recovery = 'ENABLED'): void {
  const indexes = ['by_day', 'by_uploader'].map((IndexName) => ({ IndexName, IndexStatus: 'ACTIVE' }));
  const table = { TableStatus: 'ACTIVE', DeletionProtectionEnabled: true, GlobalSecondaryIndexes: indexes };
  aws.answer('DescribeTable', { Table: { ...table, ...change } });
  aws.answer('DescribeContinuousBackups', {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: recovery },
    },
  });
}

/** @param changes One an alarm, over one that is quiet and tells somebody. */
export function alarmsAre(aws: AwsStub, ...changes: readonly object[]): void {
  const quiet = {
    StateValue: 'OK',
    ActionsEnabled: true,
    AlarmActions: ['arn:aws:sns:eu-west-1:111122223333:on-call'],
  };
  aws.answer('DescribeAlarms', { MetricAlarms: changes.map((change) => ({ ...quiet, ...change })) });
}

export function scheduleIs(aws: AwsStub, change: object = {}): void {
  const Input = digestTickInput('daily');
  aws.answer('GET /schedules', { Schedules: [{ Name: 'daily', GroupName: 'group', Target: { Arn: QUEUE_ARN } }] });
  aws.answer('GET /schedules/daily?groupName', {
    Name: 'daily',
    State: 'ENABLED',
    Target: { Arn: QUEUE_ARN, RoleArn: 'role', Input },
    ...change,
  });
}

/** @param verified Addresses and domains. @param most Emails in 24 hours. */
export function sesIs(aws: AwsStub, verified: readonly string[], most: number, isEnabled = true): void {
  const entries = verified.map(
    (identity) =>
      `<entry><key>${identity}</key><value><VerificationStatus>Success</VerificationStatus></value></entry>`,
  );
  aws.answer(
    'GetIdentityVerificationAttributes',
    `<VerificationAttributes>${entries.join('')}</VerificationAttributes>`,
  );
  aws.answer('GetSendQuota', `<Max24HourSend>${most}</Max24HourSend>`);
  aws.answer('GetAccountSendingEnabled', `<Enabled>${isEnabled}</Enabled>`);
}

/** A deployment in which all is well: of a bucket with notifications, without email. */
export function healthy(aws: AwsStub): void {
  stackHas(aws, [
    ['AWS::S3::Bucket', 'bucket'],
    ['AWS::CloudWatch::Alarm', 'alarm-1'],
    ['AWS::CloudWatch::Alarm', 'alarm-2'],
  ]);
  queuesAre(aws);
  bucketTells(aws, QUEUE_ARN, ...ALL_EVENTS);
  mappingIs(aws);
  functionIs(aws);
  tableIs(aws);
  alarmsAre(aws, { AlarmName: 'alarm-1' }, { AlarmName: 'alarm-2' });
}

/** What email adds to it. */
export function withEmail(aws: AwsStub, sender = SENDER): void {
  stackHas(aws, [
    ['AWS::S3::Bucket', 'bucket'],
    ['AWS::CloudWatch::Alarm', 'alarm-1'],
    ['AWS::Scheduler::Schedule', 'daily'],
  ]);
  alarmsAre(aws, { AlarmName: 'alarm-1' });
  const alerts = [alertRule('big', { recipients: ['on-call@example.com'], minimumBytes: 1 })];
  functionHasFiles(aws, {
    'consumer.mjs': 'export {};',
    [EMAIL_SETTINGS_FILE]: JSON.stringify(emailSettings({ sender, digests: [digestSettings('daily')], alerts })),
  });
  scheduleIs(aws);
  sesIs(aws, ['example.com'], 50_000);
}

/** Two buckets of others, with entries for the queue, in place of the stack's own. */
export function withExistingBuckets(aws: AwsStub): void {
  stackHas(aws, [['AWS::CloudWatch::Alarm', 'alarm-1']]);
  alarmsAre(aws, { AlarmName: 'alarm-1' });
  functionIs(aws, { Environment: { Variables: { BUCKET_NAMES: 'bucket,second' } } });
  queuesAre(aws, {
    uploads: { Policy: policyFor('s3.amazonaws.com', ['arn:aws:s3:::bucket', 'arn:aws:s3:::second']) },
  });
  aws.answer('GET /second/?notification', configuration(queueEntry('')));
}

/** What EventBridge has in place of the bucket's notification. */
export function throughEventBridge(aws: AwsStub): void {
  stackHas(aws, [
    ['AWS::Events::Rule', 'Rule'],
    ['AWS::CloudWatch::Alarm', 'alarm-1'],
  ]);
  alarmsAre(aws, { AlarmName: 'alarm-1' });
  ruleIs(aws);
  aws.answer('ListTargetsByRule', { Targets: [{ Id: '1', Arn: QUEUE_ARN }] });
  notificationIs(aws, '<EventBridgeConfiguration/>');
  queuesAre(aws, { uploads: { Policy: policyFor('events.amazonaws.com', RULE_ARN) } });
}

export function ruleIs(aws: AwsStub, change: object = {}): void {
  const EventPattern = JSON.stringify({ source: ['aws.s3'], detail: { bucket: { name: ['bucket'] } } });
  aws.answer('DescribeRule', { Name: 'Rule', Arn: RULE_ARN, State: 'ENABLED', EventPattern, ...change });
}

/** What a topic has in its place. */
export function behindTopic(aws: AwsStub, status = 'IN_SYNC'): void {
  stackHas(aws, [
    ['AWS::SNS::Subscription', 'Subscription'],
    ['AWS::CloudWatch::Alarm', 'alarm-1'],
  ]);
  alarmsAre(aws, { AlarmName: 'alarm-1' });
  const topic = `arn:aws:sns:eu-west-1:${ACCOUNT}:uploads`;
  const properties = JSON.stringify({ Protocol: 'sqs', Endpoint: QUEUE_ARN, TopicArn: topic });
  const difference = '<member><PropertyPath>/RawMessageDelivery</PropertyPath></member>';
  aws.answer(
    'DetectStackResourceDrift',
    `<StackResourceDrift><StackResourceDriftStatus>${status}</StackResourceDriftStatus><ExpectedProperties>${properties}</ExpectedProperties><PropertyDifferences>${status === 'MODIFIED' ? difference : ''}</PropertyDifferences></StackResourceDrift>`,
  );
  queuesAre(aws, { uploads: { Policy: policyFor('sns.amazonaws.com', topic) } });
}

/** What the outputs of a stack with two webhooks say. */
export function deliveriesAt({ settings }: AwsStub): Partial<LedgerResources> {
  const webhooks = [
    { name: 'orders', rule: 'orders-rule' },
    { name: 'chat', rule: 'chat-rule' },
  ];
  return { deliveries: { queueUrl: `${settings.endpoint}/${ACCOUNT}/deliveries`, eventBus: 'Bus', webhooks } };
}

/** What webhooks add. @param rules Those that exist. */
export function withWebhooks(aws: AwsStub, rules: readonly string[] = ['orders-rule', 'chat-rule']): void {
  stackHas(aws, [
    ['AWS::S3::Bucket', 'bucket'],
    ['AWS::CloudWatch::Alarm', 'alarm-1'],
    ['AWS::Events::Connection', 'orders-connection'],
    ['AWS::Events::ApiDestination', 'orders-destination'],
    ...rules.map((rule) => ['AWS::Events::Rule', `Bus|${rule}`] as const),
  ]);
  alarmsAre(aws, { AlarmName: 'alarm-1' });
  aws.answer('DescribeConnection', { Name: 'orders-connection', ConnectionState: 'AUTHORIZED' });
  aws.answer('DescribeApiDestination', {
    Name: 'orders-destination',
    ApiDestinationState: 'ACTIVE',
    InvocationEndpoint: 'https://app.example.com/hooks',
  });
  webhookRuleIs(aws);
}

export function webhookRuleIs(aws: AwsStub, change: object = {}): void {
  const EventPattern = JSON.stringify({ source: ['upload-ledger'] });
  aws.answer('DescribeRule', { Name: 'orders-rule', EventBusName: 'Bus', State: 'ENABLED', EventPattern, ...change });
}
