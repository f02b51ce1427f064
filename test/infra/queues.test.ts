import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { synthesized } from './synthesized.ts';

const QUEUE = 'AWS::SQS::Queue';
const FOURTEEN_DAYS = 1_209_600;
const template = synthesized();

/** Logical ids of the uploads queue and of the dead-letter queue. */
function ids() {
  const [source = ''] = Object.keys(template.findResources(QUEUE, { Properties: { RedrivePolicy: Match.anyValue() } }));
  const [deadLetters = ''] = Object.keys(
    template.findResources(QUEUE, { Properties: { RedriveAllowPolicy: Match.anyValue() } }),
  );
  return { source, deadLetters };
}

/** Statements of a queue's policy. */
function statements(queue: string): { Effect: string; [key: string]: unknown }[] {
  const [policy] = Object.values(
    template.findResources('AWS::SQS::QueuePolicy', { Properties: { Queues: [{ Ref: queue }] } }),
  );
  return policy?.Properties.PolicyDocument.Statement;
}

describe('the queues', () => {
  it('are encrypted by SQS', () => {
    template.resourceCountIs(QUEUE, 2);
    template.allResourcesProperties(QUEUE, {
      SqsManagedSseEnabled: true,
      KmsMasterKeyId: Match.absent(),
    });
  });

  it('keep dead letters as long as SQS allows, and longer than what they were', () => {
    const dead = { RedriveAllowPolicy: Match.anyValue(), MessageRetentionPeriod: FOURTEEN_DAYS };
    template.hasResourceProperties(QUEUE, dead);
    template.hasResourceProperties(QUEUE, { RedrivePolicy: Match.anyValue(), MessageRetentionPeriod: 10 * 24 * 3600 });
  });

  it('refuse requests without TLS', () => {
    for (const queue of Object.values(ids())) {
      expect(statements(queue)[0]).toMatchObject({
        Effect: 'Deny',
        Action: 'sqs:*',
        Principal: { AWS: '*' },
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      });
    }
  });
});

describe('the uploads queue', () => {
  it('has a visibility timeout of six function timeouts and the batching window', () => {
    template.hasResourceProperties(QUEUE, { VisibilityTimeout: 6 * 30 + 5 });
    synthesized({ timeoutSeconds: 100, batchWindowSeconds: 20 }).hasResourceProperties(QUEUE, {
      VisibilityTimeout: 620,
    });
  });

  it('sends a message to the dead-letter queue when it has failed for a day', () => {
    const { deadLetters } = ids();
    const maxReceiveCount = Math.ceil((24 * 3600) / 185);
    template.hasResourceProperties(QUEUE, {
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': [deadLetters, 'Arn'] }, maxReceiveCount },
    });
  });

  it.each([
    ['the other hours that are set', { retryHours: 3 }, 59],
    ['the longer visibility timeout of a slower function', { timeoutSeconds: 100, batchWindowSeconds: 20 }, 140],
    ['all that SQS allows', { retryHours: 51 }, 993],
    ['five receives at least, as AWS advises', { retryHours: 1, timeoutSeconds: 900, batchWindowSeconds: 300 }, 5],
  ])('receives it as often as that takes: %s', (_, settings, maxReceiveCount) => {
    synthesized(settings).hasResourceProperties(QUEUE, { RedrivePolicy: Match.objectLike({ maxReceiveCount }) });
  });

  it('admits only S3, for this bucket and account', () => {
    const { source } = ids();
    const allowed = statements(source).filter(({ Effect }) => Effect === 'Allow');
    const bucketArn = [
      'arn:',
      { Ref: 'AWS::Partition' },
      ':s3:::uploadledger-uploads-',
      { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] },
    ];
    expect(allowed).toEqual([
      {
        Effect: 'Allow',
        Action: 'sqs:SendMessage',
        Principal: { Service: 's3.amazonaws.com' },
        Resource: { 'Fn::GetAtt': [source, 'Arn'] },
        Condition: {
          ArnEquals: { 'aws:SourceArn': { 'Fn::Join': ['', bucketArn] } },
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
        },
      },
    ]);
  });
});

describe('the dead-letter queue', () => {
  it('serves only the uploads queue', () => {
    const { source } = ids();
    const name = template.toJSON().Resources[source].Properties.QueueName['Fn::Join'][1];
    const [own, guid] = name;
    template.hasResourceProperties(QUEUE, {
      RedriveAllowPolicy: {
        redrivePermission: 'byQueue',
        sourceQueueArns: [
          {
            'Fn::Join': [
              '',
              [
                'arn:',
                { Ref: 'AWS::Partition' },
                ':sqs:',
                { Ref: 'AWS::Region' },
                ':',
                { Ref: 'AWS::AccountId' },
                `:${own}`,
                guid,
              ],
            ],
          },
        ],
      },
    });
  });

  it('admits no other service or account', () => {
    expect(statements(ids().deadLetters).filter(({ Effect }) => Effect === 'Allow')).toEqual([]);
  });
});
