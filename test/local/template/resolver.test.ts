// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are CloudFormation's placeholders
import { describe, expect, it } from 'vitest';
import { BUCKET, QUEUE, resolved } from './template-fixture.ts';

const jobs = { Jobs: { Type: QUEUE, Properties: { QueueName: 'jobs' } } };

describe('the resolver', () => {
  it.each([
    ['a bucket’s name', { Ref: 'Files' }, 'files'],
    ['a bucket’s ARN', { 'Fn::GetAtt': ['Files', 'Arn'] }, 'arn:aws:s3:::files'],
    ['a queue’s URL', { Ref: 'Jobs' }, 'http://127.0.0.1:4566/123456789012/jobs'],
    ['a queue’s ARN', { 'Fn::GetAtt': ['Jobs', 'Arn'] }, 'arn:aws:sqs:eu-west-1:123456789012:jobs'],
    ['a queue’s name', { 'Fn::GetAtt': 'Jobs.QueueName' }, 'jobs'],
    [
      'a queue’s URL as an attribute',
      { 'Fn::GetAtt': ['Jobs', 'QueueUrl'] },
      'http://127.0.0.1:4566/123456789012/jobs',
    ],
    ['a joined text', { 'Fn::Join': ['-', ['a', { Ref: 'Files' }, 3]] }, 'a-files-3'],
    ['a selected part', { 'Fn::Select': ['1', { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    [
      'a substituted text',
      { 'Fn::Sub': '${AWS::Region} ${Jobs.Arn} ${!Not}' },
      'eu-west-1 arn:aws:sqs:eu-west-1:123456789012:jobs ${Not}',
    ],
    [
      'a substituted text with variables',
      { 'Fn::Sub': ['${Mine}/${Files}', { Mine: { Ref: 'AWS::StackName' } }] },
      'Stack/files',
    ],
    ['the Region', { Ref: 'AWS::Region' }, 'eu-west-1'],
    ['the account', { Ref: 'AWS::AccountId' }, '123456789012'],
    ['the partition', { Ref: 'AWS::Partition' }, 'aws'],
    ['the domain of AWS', { Ref: 'AWS::URLSuffix' }, 'amazonaws.com'],
    ['the stack’s id', { Ref: 'AWS::StackId' }, 'arn:aws:cloudformation:eu-west-1:123456789012:stack/Stack/local'],
  ])('resolves %s', (_, intrinsic, expected) => {
    const files = { Files: { Type: BUCKET, Properties: { BucketName: 'files' } } };
    expect(resolved(intrinsic, { ...jobs, ...files })).toBe(expected);
  });

  it('resolves the intrinsics in a resource’s own name', () => {
    const name = {
      'Fn::Join': ['', ['jobs-', { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] }]],
    };
    expect(
      resolved({ 'Fn::GetAtt': ['Q', 'QueueName'] }, { Q: { Type: QUEUE, Properties: { QueueName: name } } }),
    ).toBe('jobs-local');
  });

  it.each([
    ['an unknown function', { 'Fn::ImportValue': 'x' }, /^Value: cannot resolve \{"Fn::ImportValue":"x"\} locally\.$/],
    ['an unknown resource', { Ref: 'Nobody' }, /Value: cannot resolve \{"Ref":"Nobody"\}/],
    ['an unknown pseudo parameter', { Ref: 'AWS::NotificationARNs' }, /\{"Ref":"AWS::NotificationARNs"\}/],
    ['an unknown attribute', { 'Fn::GetAtt': ['Jobs', 'Age'] }, /\{"Fn::GetAtt":\["Jobs","Age"\]\}/],
    ['an index out of range', { 'Fn::Select': [7, ['a']] }, /\{"Fn::Select":\[7,\["a"\]\]\}/],
    ['an unknown name in a substitution', { 'Fn::Sub': 'x${Nobody}' }, /\{"Fn::Sub":"x\$\{Nobody\}"\}/],
    ['a role', { Ref: 'Role' }, /^Role: AWS::IAM::Role has no local counterpart/],
  ])('refuses %s, and names the resource or output', (_, intrinsic, message) => {
    expect(() => resolved(intrinsic, { ...jobs, Role: { Type: 'AWS::IAM::Role' } })).toThrow(message);
  });
});

describe('names that the template leaves to CloudFormation', () => {
  it('are made of the stack and the logical id, and fit a bucket', () => {
    expect(resolved({ Ref: 'MyFiles1A2B' }, { MyFiles1A2B: { Type: BUCKET } })).toBe('stack-myfiles1a2b');
  });

  it('are shortened to what the service allows, and stay different', () => {
    const long = 'x'.repeat(90);
    const a = resolved({ Ref: `${long}A` }, { [`${long}A`]: { Type: BUCKET } });
    const b = resolved({ Ref: `${long}B` }, { [`${long}B`]: { Type: BUCKET } });
    expect(a).toHaveLength(63);
    expect(a).not.toBe(b);
  });
});
