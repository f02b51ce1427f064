import { describe, expect, it } from 'vitest';
import { NotificationConfigurations } from '../../../src/local/s3/notification-configurations.ts';
import { notificationConfiguration, toNotifications } from '../../../src/local/template/connections.ts';
import type { LocalResources } from '../../../src/local/template/resources.ts';
import { BUCKET, type Declared, QUEUE, read } from './template-fixture.ts';

const queue = { Type: QUEUE, Properties: { QueueName: 'uploads' } };
const arn = { 'Fn::GetAtt': ['Uploads', 'Arn'] };

function bucket(eventBridge: boolean) {
  const NotificationConfiguration = eventBridge ? { EventBridgeConfiguration: { EventBridgeEnabled: true } } : {};
  return { Type: BUCKET, Properties: { BucketName: 'invoices', NotificationConfiguration } };
}

function rule(detail: unknown, overrides: Record<string, unknown> = {}) {
  const EventPattern = { source: ['aws.s3'], detail };
  return { Type: 'AWS::Events::Rule', Properties: { EventPattern, Targets: [{ Id: 'T', Arn: arn }], ...overrides } };
}

/** The buckets' configurations as the template has them. */
function configured({ buckets }: LocalResources): NotificationConfigurations {
  const configurations = new NotificationConfigurations();
  for (const bucket of buckets) configurations.set(bucket.name, notificationConfiguration(bucket));
  return configurations;
}

const named = { bucket: { name: ['invoices'] } };

describe('a rule of the event bus', () => {
  it('becomes a notification of the bucket that it names', () => {
    const resources = read({ resources: { Uploads: queue, Bucket: bucket(true), Rule: rule(named) } });
    expect(toNotifications(resources, configured(resources))).toMatchObject([
      {
        bucket: 'invoices',
        envelope: 'event-bridge',
        pattern: { detail: named },
        queueUrl: expect.stringMatching(/uploads$/),
      },
    ]);
  });

  it('sends nothing when it is disabled', () => {
    const off = rule(named, { State: 'DISABLED' });
    const resources = read({ resources: { Uploads: queue, Bucket: bucket(true), Rule: off } });
    expect(toNotifications(resources, configured(resources))).toEqual([]);
  });

  it.each([
    ['an operator that is not known', { object: { key: [{ cidr: '10.0.0.0/8' }] }, ...named }, true, /does not know/],
    ['a bucket that is not declared', { bucket: { name: ['receipts'] } }, true, /listens to no bucket/],
    ['a bucket that sends nothing to EventBridge', named, false, /listens to no bucket/],
  ])('is refused for %s', (_, detail, eventBridge, message) => {
    const resources = { Uploads: queue, Bucket: bucket(eventBridge), Rule: rule(detail) };
    expect(() => read({ resources })).toThrow(message);
  });

  it('is refused for a target that is no queue of the template', () => {
    const elsewhere = rule(named, { Targets: [{ Id: 'T', Arn: 'arn:aws:sqs:eu-west-1:123456789012:other' }] });
    expect(() => read({ resources: { Uploads: queue, Bucket: bucket(true), Rule: elsewhere } })).toThrow(/other/);
  });
});

const SCHEDULE = 'AWS::Scheduler::Schedule';
const target = (parts: object = {}) => ({
  Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
  RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
  Input: '{"time":"<aws.scheduler.scheduled-time>"}',
  RetryPolicy: { MaximumRetryAttempts: 1 },
  DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] } },
  ...parts,
});

function schedules(properties: object, resources: Readonly<Record<string, Declared>> = {}) {
  const Properties = {
    ScheduleExpression: 'rate(15 minutes)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    GroupName: { Ref: 'Group' },
    Target: target(),
    ...properties,
  };
  return read({
    resources: {
      Queue: { Type: QUEUE },
      Role: { Type: 'AWS::IAM::Role' },
      Group: { Type: 'AWS::Scheduler::ScheduleGroup' },
      Daily: { Type: SCHEDULE, Properties },
      ...resources,
    },
  }).schedules;
}

describe('a schedule of the template', () => {
  it('is read with its time, its zone, its queue and its message', () => {
    const properties = {
      Name: 'daily',
      ScheduleExpression: 'cron(0 8 * * ? *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      State: 'DISABLED',
    };
    expect(schedules(properties)).toEqual([
      {
        logicalId: 'Daily',
        name: 'daily',
        expression: {
          kind: 'cron',
          fields: { minutes: '0', hours: '8', dayOfMonth: '*', month: '*', dayOfWeek: '?', year: '*' },
        },
        timeZone: 'Europe/Berlin',
        isEnabled: false,
        queueArn: 'arn:aws:sqs:eu-west-1:123456789012:stack-queue',
        input: '{"time":"<aws.scheduler.scheduled-time>"}',
      },
    ]);
  });

  it('is enabled, in UTC and called by its logical id unless it says otherwise', () => {
    expect(schedules({})).toMatchObject([{ name: 'Daily', timeZone: 'UTC', isEnabled: true }]);
  });

  it.each([
    ['an expression that cannot be read', { ScheduleExpression: 'at(2026-11-22T08:00:00)' }, 'expected a schedule'],
    ['a time window', { FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 5 } }, 'FlexibleTimeWindow'],
    ['a beginning', { StartDate: '2026-11-22T08:00:00Z' }, 'does not know the property StartDate'],
    ['a target that is no plain message', { Target: target({ EcsParameters: {} }) }, 'EcsParameters'],
    ['a queue of others', { Target: target({ Arn: 'arn:aws:sqs:eu-west-1:123456789012:x' }) }, 'does not declare'],
  ])('is refused with %s', (_, properties, fault) => {
    expect(() => schedules(properties)).toThrow(fault);
  });
});
