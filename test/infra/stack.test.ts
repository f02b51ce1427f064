import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { UploadLedger } from '../../infra/upload-ledger.ts';
import { appWithoutBundles, only, synthesized } from './synthesized.ts';

describe('the stack', () => {
  it('has outputs with the names of its resources', () => {
    const template = synthesized();
    const [source] = Object.entries(template.findResources('AWS::SQS::Queue')).find(
      ([, { Properties }]) => 'RedrivePolicy' in Properties,
    ) ?? [''];
    const [deadLetters] = Object.entries(template.findResources('AWS::SQS::Queue')).find(
      ([, { Properties }]) => 'RedriveAllowPolicy' in Properties,
    ) ?? [''];
    const values = Object.entries(template.findOutputs('*')).map(([name, { Value }]) => [name, Value]);
    expect(Object.fromEntries(values)).toEqual({
      BucketName: { Ref: only(template, 'AWS::S3::Bucket').logicalId },
      TableName: { Ref: only(template, 'AWS::DynamoDB::GlobalTable').logicalId },
      QueueUrl: { Ref: source },
      DeadLetterQueueUrl: { Ref: deadLetters },
      FunctionName: { Ref: only(template, 'AWS::Lambda::Function').logicalId },
      IndexShards: '8',
      ServiceName: expect.stringMatching(/\/Uploads$/),
      EventTypes: 'ObjectCreated:*,ObjectRemoved:*,LifecycleExpiration:*,ObjectRestore:Completed',
    });
  });

  it('has outputs that say what is recorded, in ASCII', () => {
    const outputs = (settings: Parameters<typeof synthesized>[0]) =>
      Object.fromEntries(
        Object.entries(synthesized(settings).findOutputs('*')).map(([name, { Value }]) => [name, Value]),
      );
    const some = outputs({ prefix: 'für alle/', suffix: '.pdf', events: ['ObjectCreated:Put'] });
    expect(some).toMatchObject({ KeyPrefix: 'f%C3%BCr%20alle%2F', KeySuffix: '.pdf', EventTypes: 'ObjectCreated:Put' });
    const behindTopic = outputs({ source: { topic: 'arn:aws:sns:eu-central-1:111122223333:uploads' } });
    expect(behindTopic).not.toHaveProperty('EventTypes');
  });

  it('exports nothing, so that no other stack can block its changes', () => {
    for (const output of Object.values(synthesized().findOutputs('*'))) expect(output).not.toHaveProperty('Export');
  });

  it('has no fixed physical name, so that a second deployment does not collide', () => {
    const names = /"(BucketName|QueueName|TableName|FunctionName|RoleName|LogGroupName|PolicyName)":"/g;
    const found = JSON.stringify(synthesized().toJSON().Resources).match(names) ?? [];
    // The name of an inline policy is its role's own affair.
    expect(found).toEqual(['"PolicyName":"']);
  });

  it('allows nothing with a wildcard', () => {
    const { Resources } = synthesized().toJSON();
    const policies = Object.values(Resources as Record<string, { Type: string; Properties: object }>)
      .filter(({ Type }) => /Policy$/.test(Type))
      .flatMap(
        ({ Properties }) => (Properties as { PolicyDocument: { Statement: Statement[] } }).PolicyDocument.Statement,
      );
    const allowed = policies.filter(({ Effect }) => Effect === 'Allow');
    expect(allowed.length).toBeGreaterThan(0);
    for (const { Action, Resource, Principal } of allowed) {
      expect(JSON.stringify([Action, Resource, Principal])).not.toContain('*');
    }
  });

  it('names no account and no Region', () => {
    expect(JSON.stringify(synthesized().toJSON())).not.toMatch(/\d{12}|[a-z]{2}-[a-z]+-\d/);
  });
});

interface Statement {
  readonly Effect: string;
  readonly Action: unknown;
  readonly Resource: unknown;
  readonly Principal?: unknown;
}

describe('the construct', () => {
  it('can be used twice in another stack', () => {
    const stack = new Stack(appWithoutBundles(), 'Theirs');
    new UploadLedger(stack, 'Photos', { prefix: 'photos/' });
    new UploadLedger(stack, 'Films');
    const template = Template.fromStack(stack);
    const names = Object.values(template.findResources('AWS::S3::Bucket')).map(({ Properties }) =>
      JSON.stringify(Properties.BucketName),
    );
    expect(names).toEqual([expect.stringContaining('theirs-photos-'), expect.stringContaining('theirs-films-')]);
    template.resourceCountIs('AWS::DynamoDB::GlobalTable', 2);
  });

  it('refuses wrong props with one error that lists everything that is wrong', () => {
    const stack = new Stack(appWithoutBundles(), 'Theirs');
    const attempt = () => new UploadLedger(stack, 'Uploads', { batchSize: 0, prefix: '*' });
    expect(attempt).toThrow(
      expect.objectContaining({
        name: 'ConfigurationError',
        issues: [expect.objectContaining({ key: 'prefix' }), expect.objectContaining({ key: 'batchSize' })],
      }),
    );
  });
});
