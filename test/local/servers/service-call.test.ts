import { describe, expect, it } from 'vitest';
import { authorizationFor } from '../../../src/local/s3/request.ts';
import { toMailCall, toQueueCall, toTableCall } from '../../../src/local/servers/service-call.ts';

const headers = { authorization: authorizationFor('consumer') };
const table = 'arn:aws:dynamodb:us-east-1:000000000000:table/ledger';
const key = (text: string) => ({ s3_object: { S: text }, upload_id: { S: '1' } });

function tableCall(operation: string, request: object) {
  return toTableCall({ headers, body: JSON.stringify({ TableName: 'ledger', ...request }) }, operation);
}

describe('a call of DynamoDB', () => {
  it('is about each table that it writes to, and the partition keys of all its items', () => {
    const RequestItems = { ledger: [{ PutRequest: { Item: key('a') } }, { DeleteRequest: { Key: key('b') } }] };
    expect(toTableCall({ headers, body: JSON.stringify({ RequestItems }) }, 'BatchWriteItem')).toEqual({
      caller: 'consumer',
      action: 'dynamodb:BatchWriteItem',
      resources: [table],
      context: { 'dynamodb:LeadingKeys': ['a', 'b'] },
    });
  });

  it.each([
    ['GetItem', { Key: key('a') }],
    ['PutItem', { Item: key('a') }],
    [
      'Query',
      {
        KeyConditionExpression: '#p = :p AND #s > :s',
        ExpressionAttributeValues: { ':p': { S: 'a' }, ':s': { S: 'z' } },
      },
    ],
  ])('names the partition key of %s', (operation, request) => {
    expect(tableCall(operation, request)?.context).toEqual({ 'dynamodb:LeadingKeys': ['a'] });
  });

  it('is about the index that it reads', () => {
    expect(tableCall('Query', { IndexName: 'by_day' })?.resources).toEqual([`${table}/index/by_day`]);
  });
});

describe('a call of SQS', () => {
  const url = 'http://127.0.0.1:1/000000000000/uploads';
  const target = (operation: string) => ({ ...headers, 'x-amz-target': `AmazonSQS.${operation}` });

  it.each([
    ['ReceiveMessage', 'sqs:ReceiveMessage'],
    ['DeleteMessageBatch', 'sqs:DeleteMessage'],
  ])('has the action of its entries: %s', (operation, action) => {
    expect(toQueueCall(target(operation), { QueueUrl: url })).toEqual({
      caller: 'consumer',
      action,
      resources: ['arn:aws:sqs:us-east-1:000000000000:uploads'],
      context: {},
    });
  });

  it('is neither a call of S3 nor one without a signature', () => {
    expect(toQueueCall(headers, {})).toBeUndefined();
    expect(toQueueCall({ 'x-amz-target': 'AmazonSQS.SendMessage' }, { QueueUrl: url })).toBeUndefined();
  });
});

it('a call of SES is about the identity of its sender', () => {
  const body = new URLSearchParams({ Action: 'SendRawEmail', Source: 'Ledger <ledger@example.com>' }).toString();
  expect(toMailCall({ headers, body })).toEqual({
    caller: 'consumer',
    action: 'ses:SendRawEmail',
    resources: ['arn:aws:ses:us-east-1:000000000000:identity/ledger@example.com'],
    context: { 'ses:FromAddress': ['ledger@example.com'] },
  });
});
