import { describe, expect, it } from 'vitest';
import { toNotifications } from '../../src/local/local-notifications.ts';
import { BUCKET, QUEUE, read } from './template-fixture.ts';

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

const named = { bucket: { name: ['invoices'] } };

describe('a rule of the event bus', () => {
  it('becomes a notification of the bucket that it names', () => {
    const resources = read({ resources: { Uploads: queue, Bucket: bucket(true), Rule: rule(named) } });
    expect(toNotifications(resources)).toMatchObject([
      {
        bucket: 'invoices',
        envelope: 'event-bridge',
        pattern: { detail: named },
        queueUrl: expect.stringMatching(/uploads$/),
      },
    ]);
  });

  it('that is switched off tells nobody', () => {
    const off = rule(named, { State: 'DISABLED' });
    expect(toNotifications(read({ resources: { Uploads: queue, Bucket: bucket(true), Rule: off } }))).toEqual([]);
  });

  it.each([
    ['an operator that is not known', { object: { key: [{ 'anything-but': 'x' }] }, ...named }, true, /does not know/],
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
