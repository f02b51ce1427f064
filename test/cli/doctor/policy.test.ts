import { describe, expect, it } from 'vitest';
import { admits, parsePolicy } from '../../../src/cli/doctor/policy.ts';

const S3 = { Effect: 'Allow', Principal: { Service: 's3.amazonaws.com' }, Action: 'sqs:SendMessage' };
const REQUEST = {
  service: 's3.amazonaws.com',
  sourceArn: 'arn:aws:s3:::bucket',
  queueArn: 'arn:aws:sqs:eu-west-1:111122223333:uploads',
};

const admitted = (...statements: object[]) => admits(parsePolicy(JSON.stringify({ Statement: statements })), REQUEST);

describe('admits', () => {
  it.each([
    ['without conditions', S3],
    ['for every action', { ...S3, Action: ['SQS:*'] }],
    ['for everybody', { ...S3, Principal: '*' }],
    ['for ARNs like this one', { ...S3, Condition: { ArnLike: { 'aws:SourceArn': ['arn:aws:s3:::b*'] } } }],
    ['in the same account', { ...S3, Condition: { StringEquals: { 'AWS:SourceAccount': '111122223333' } } }],
  ])('admits a service %s', (_, statement) => {
    expect(admitted(statement)).toBe(true);
  });

  it.each([
    ['another service', { ...S3, Principal: { Service: 'sns.amazonaws.com' } }],
    ['another action', { ...S3, Action: 'sqs:ReceiveMessage' }],
    ['another source', { ...S3, Condition: { ArnEquals: { 'aws:SourceArn': 'arn:aws:s3:::bucket2' } } }],
    ['another account', { ...S3, Condition: { StringEquals: { 'aws:SourceAccount': '444455556666' } } }],
    ['a condition that nobody here knows', { ...S3, Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } } }],
    ['a condition turned round', { ...S3, Condition: { StringNotEquals: { 'aws:SourceAccount': '1' } } }],
  ])('does not admit it for %s', (_, statement) => {
    expect(admitted(statement)).toBe(false);
  });

  it('does not admit a service that another statement denies', () => {
    const everything = { Effect: 'Deny', Principal: '*', Action: '*' };
    const withoutTls = { ...everything, Condition: { Bool: { 'aws:SecureTransport': 'false' } } };
    expect({ always: admitted(S3, everything), withoutTls: admitted(S3, withoutTls) }).toEqual({
      always: false,
      withoutTls: true,
    });
  });

  it.each([undefined, '', 'no JSON'])('admits nobody without a policy that can be read: %j', (text) => {
    expect(admits(parsePolicy(text), REQUEST)).toBe(false);
  });
});
