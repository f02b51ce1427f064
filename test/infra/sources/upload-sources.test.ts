import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { GraphWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { AccountPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import { UploadLedger } from '../../../infra/upload-ledger.ts';
import type { UploadLedgerProps } from '../../../infra/upload-ledger-props.ts';
import { appWithoutBundles, synthesized } from '../synthesized.ts';

/** A stack with a ledger that is given what `resources` makes in it. */
function withResources(resources: (stack: Stack) => UploadLedgerProps): { ledger: UploadLedger; stack: Stack } {
  const stack = new Stack(appWithoutBundles(), 'Theirs');
  return { stack, ledger: new UploadLedger(stack, 'Uploads', resources(stack)) };
}

const RULE = 'AWS::Events::Rule';
const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:uploads';

describe('existing buckets', () => {
  const template = synthesized({ source: { buckets: ['invoices', 'receipts'] }, prefix: 'in/' });

  it('are recorded through one rule, and not changed by the stack', () => {
    template.resourceCountIs(RULE, 1);
    template.hasResourceProperties(RULE, {
      EventPattern: { detail: { bucket: { name: ['invoices', 'receipts'] }, object: { key: [{ prefix: 'in/' }] } } },
    });
    const changed = JSON.stringify(template.toJSON().Resources);
    expect(changed).not.toMatch(/s3:Put|PutBucketNotification|AWS::S3/);
  });

  it('have their undeliverable events sent to the dead-letter queue', () => {
    const [rule] = Object.values(template.findResources(RULE));
    const [target] = rule?.Properties.Targets ?? [];
    expect(JSON.stringify(target.DeadLetterConfig)).toContain('UploadsDeadLetterQueue');
    const policies = Object.values(template.findResources('AWS::SQS::QueuePolicy'));
    expect(policies.filter((policy) => JSON.stringify(policy).includes('events.amazonaws.com'))).toHaveLength(2);
  });

  it('can be constructs of the same program', () => {
    const { ledger, stack } = withResources((scope) => ({
      source: { buckets: [new Bucket(scope, 'One') as IBucket, Bucket.fromBucketName(scope, 'Two', 'two')] },
    }));
    expect(ledger.buckets).toHaveLength(2);
    expect(ledger.bucket).toBeUndefined();
    const theirs = Template.fromStack(stack);
    theirs.resourceCountIs('AWS::S3::Bucket', 1);
    theirs.hasResourceProperties(RULE, {
      EventPattern: { detail: { bucket: { name: [{ Ref: Match.stringLikeRegexp('^One') }, 'two'] } } },
    });
  });
});

describe('a bucket of its own', () => {
  it('sends its events either to EventBridge or to the queue', () => {
    const template = synthesized({ source: { delivery: 'eventbridge' } });
    template.hasResourceProperties('AWS::S3::Bucket', {
      NotificationConfiguration: {
        EventBridgeConfiguration: { EventBridgeEnabled: true },
        QueueConfigurations: Match.absent(),
      },
    });
    expect(JSON.stringify(template.findResources('AWS::SQS::QueuePolicy'))).not.toContain('s3.amazonaws.com');
  });
});

describe('a topic', () => {
  it('has a raw subscription with a dead-letter queue', () => {
    const { stack } = withResources((scope) => ({ source: { topic: new Topic(scope, 'Theirs') } }));
    Template.fromStack(stack).hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'sqs',
      RawMessageDelivery: true,
      RedrivePolicy: Match.anyValue(),
    });
  });

  it('has no filter, because its owner decides what arrives', () => {
    const template = synthesized({ source: { topic: TOPIC } });
    template.hasResourceProperties('AWS::SNS::Subscription', { FilterPolicy: Match.absent() });
  });

  it.each([
    [{ prefix: 'my files/' }, { s3: { object: { key: [{ prefix: 'my+files/' }] } } }],
    [{ suffix: ' (1)~.pdf' }, { s3: { object: { key: [{ suffix: '+%281%29%7E.pdf' }] } } }],
    [
      { events: 'ObjectCreated:Put,ObjectRemoved:*' },
      { eventName: ['ObjectCreated:Put', { prefix: 'ObjectRemoved:' }] },
    ],
    [
      { events: 'ObjectCreated:*', prefix: 'in/' },
      { eventName: [{ prefix: 'ObjectCreated:' }], s3: { object: { key: [{ prefix: 'in/' }] } } },
    ],
  ])('is filtered on the body of S3’s message, with encoded keys: %j', (settings, filter) => {
    synthesized({ source: { topic: TOPIC }, ...settings }).hasResourceProperties('AWS::SNS::Subscription', {
      FilterPolicyScope: 'MessageBody',
      FilterPolicy: { Records: filter },
    });
  });
});

describe('a key', () => {
  const STATEMENT = { Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Effect: 'Allow', Resource: '*' };

  it('of the stack’s own admits S3 to the queue', () => {
    synthesized({ customerKey: true }).hasResourceProperties('AWS::KMS::Key', {
      EnableKeyRotation: true,
      KeyPolicy: {
        Statement: Match.arrayWith([Match.objectLike({ ...STATEMENT, Principal: { Service: 's3.amazonaws.com' } })]),
      },
    });
  });

  it('admits EventBridge by the queue that SQS encrypts for, because EventBridge names no source', () => {
    const settings = { customerKey: true, source: { buckets: ['invoices'] } };
    synthesized(settings).hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          {
            ...STATEMENT,
            Principal: { Service: 'events.amazonaws.com' },
            Condition: {
              ArnLike: {
                'kms:EncryptionContext:aws:sqs:arn': {
                  'Fn::Join': [
                    '',
                    ['arn:', ...Array(3).fill(Match.anyValue()), Match.anyValue(), { Ref: 'AWS::AccountId' }, ':*'],
                  ],
                },
              },
            },
          },
        ]),
      },
    });
  });

  it('encrypts the table and both queues', () => {
    const template = synthesized({ customerKey: true });
    const key = { 'Fn::GetAtt': [Match.stringLikeRegexp('Key'), 'Arn'] };
    template.allResourcesProperties('AWS::SQS::Queue', { KmsMasterKeyId: key });
    template.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      Replicas: [Match.objectLike({ SSESpecification: { KMSMasterKeyId: key } })],
    });
  });

  it('of AWS is refused, because S3 cannot use it', () => {
    const managed = () =>
      withResources((scope) => ({ customerKey: Alias.fromAliasName(scope, 'Managed', 'alias/aws/sqs') }));
    expect(managed).toThrow(/customerKey = "alias\/aws\/sqs": must be a key whose policy can be extended here/);
  });

  it('that is imported is refused, because its policy is not known', () => {
    const arn = 'arn:aws:kms:eu-west-1:111122223333:key/1234';
    const imported = () => withResources((scope) => ({ customerKey: Key.fromKeyArn(scope, 'Imported', arn) }));
    expect(imported).toThrow(/customerKey = ".*key\/1234": .*s3\.amazonaws\.com/);
  });
});

describe('the construct', () => {
  it('grants reading the ledger, and nothing else', () => {
    const { ledger, stack } = withResources((scope) => ({ customerKey: new Key(scope, 'TheirKey') }));
    ledger.grantRead(new Role(stack, 'Reader', { assumedBy: new AccountPrincipal('111122223333') }));
    const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    const reader = policies.find((policy) => JSON.stringify(policy).includes('Reader'));
    const actions = reader?.Properties.PolicyDocument.Statement.flatMap(({ Action }: { Action: string }) => Action);
    expect(actions.sort()).toEqual([
      'dynamodb:BatchGetItem',
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:Scan',
      'kms:Decrypt',
    ]);
  });

  it('has metrics that stand in one graph with those of another ledger', () => {
    const { ledger, stack } = withResources(() => ({}));
    const other = new UploadLedger(stack, 'Other');
    const left = [ledger, other].flatMap((one) => [one.metricDeadLetters(), one.metricOldestMessageAge()]);
    const graph = () => new GraphWidget({ left }).toJson();
    expect(graph).not.toThrow();
  });

  it('has metrics that can be narrowed to a bucket and a category', () => {
    const { ledger, stack } = withResources(() => ({}));
    const { serviceName } = ledger;
    const { expression } = ledger.metricUploads({ bucketName: 'b', category: 'image' }) as unknown as {
      expression: string;
    };
    const terms = `MetricName="UploadsRecorded" service="${serviceName}" bucket="b" category="image"`;
    expect(expression).toContain(terms);
    expect(
      ledger.metricRecordsStored().createAlarm(stack, 'Few', { threshold: 1, evaluationPeriods: 1 }),
    ).toBeDefined();
  });
});
