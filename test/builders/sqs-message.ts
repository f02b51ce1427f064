import type { SQSEvent, SQSRecord } from 'aws-lambda';

let made = 0;

/** A message as Lambda receives it from the uploads queue. Give what matters to the case; ids are different. */
export function sqsMessage(overrides: Partial<SQSRecord> = {}): SQSRecord {
  made += 1;
  return {
    messageId: `message-${made}`,
    receiptHandle: `receipt-${made}`,
    body: '{}',
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '1795342530123',
      SenderId: 'AIDAEXAMPLE',
      ApproximateFirstReceiveTimestamp: '1795342530456',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-central-1:111122223333:uploads',
    awsRegion: 'eu-central-1',
    ...overrides,
  };
}

/** The event of an invocation with these messages. */
export function sqsEvent(...messages: readonly SQSRecord[]): SQSEvent {
  return { Records: [...messages] };
}
