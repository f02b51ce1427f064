import { expect, it } from 'vitest';
import { toRecord } from '../../../src/local/poller/source-queue.ts';

const ARN = 'arn:aws:sqs:eu-west-1:000000000000:uploads';

it('a received message becomes a record in the shape that Lambda hands to functions', () => {
  const record = toRecord(
    {
      MessageId: 'id',
      ReceiptHandle: 'handle',
      Body: '{}',
      MD5OfBody: 'md5',
      MD5OfMessageAttributes: 'md5 of attributes',
      Attributes: {
        ApproximateReceiveCount: '2',
        SentTimestamp: '1',
        SenderId: 's',
        ApproximateFirstReceiveTimestamp: '3',
      },
      MessageAttributes: {
        reason: { DataType: 'String', StringValue: 'not-json' },
        blob: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255]) },
      },
    },
    ARN,
    'eu-west-1',
  );
  expect(record).toEqual({
    messageId: 'id',
    receiptHandle: 'handle',
    body: '{}',
    attributes: {
      ApproximateReceiveCount: '2',
      SentTimestamp: '1',
      SenderId: 's',
      ApproximateFirstReceiveTimestamp: '3',
    },
    messageAttributes: {
      reason: { stringValue: 'not-json', stringListValues: [], binaryListValues: [], dataType: 'String' },
      blob: { binaryValue: 'AP8=', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
    },
    md5OfMessageAttributes: 'md5 of attributes',
    md5OfBody: 'md5',
    eventSource: 'aws:sqs',
    eventSourceARN: ARN,
    awsRegion: 'eu-west-1',
  });
});

it('a message without attributes of its own has an empty record of them', () => {
  const record = toRecord({ MessageId: 'id', Body: 'x' }, ARN, 'eu-west-1');
  expect(record.messageAttributes).toEqual({});
  expect(record).not.toHaveProperty('md5OfMessageAttributes');
});
