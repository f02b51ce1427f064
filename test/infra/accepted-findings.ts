/** What cdk-nag says against the stack and we have decided to live with, each with the reason. */
export interface AcceptedFinding {
  readonly rule: string;
  /** End of the path of the construct that it is about. */
  readonly at: RegExp;
  readonly reason: string;
}

export const ACCEPTED: readonly AcceptedFinding[] = [
  {
    rule: 'AwsSolutions-S1',
    at: /\/Uploads\/Bucket\/Resource$/,
    reason:
      'The ledger itself is the record of every upload and delete. Access logs need a second bucket whose life, price and readers are for its owner to decide.',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::*]',
    at: /\/Consumer\/Role\/DefaultPolicy\/Resource$/,
    reason: 'With tracing only: IAM knows no resource for xray:PutTraceSegments and xray:PutTelemetryRecords.',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::<UploadsBucketC4B27CC7.Arn>/*]',
    at: /\/Consumer\/Role\/DefaultPolicy\/Resource$/,
    reason:
      'With uploaderMetadata only: the wildcard stands for the keys of the one bucket, any of which may be asked for its metadata.',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:configuration-set/*]',
    at: /\/Consumer\/Role\/DefaultPolicy\/Resource$/,
    reason:
      'SES asks for permission on the default configuration set of the sender, too, whose name is not known here. Alone it lets nobody send.',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::*]',
    at: /\/RecordedEvents\/Role\/DefaultPolicy\/Resource$/,
    reason: 'IAM knows no resource for dynamodb:ListStreams, which a pipe from a table stream needs.',
  },
  {
    rule: 'Serverless-SQSRedrivePolicy',
    at: /\/DeadLetterQueue\/Resource$/,
    reason: 'It is itself the dead-letter queue; what it holds waits for somebody, and alarms say so.',
  },
  {
    rule: 'Serverless-LambdaDLQ',
    at: /\/Consumer\/Function\/Resource$/,
    reason:
      'The dead letter target of a function is for asynchronous invocations. This one reads a queue, which has its own.',
  },
  {
    rule: 'Serverless-LambdaEventSourceMappingDestination',
    at: /\/Consumer\/Batches\/Resource$/,
    reason: 'Lambda refuses failure destinations on mappings of SQS queues: the queue has a redrive policy instead.',
  },
  {
    rule: 'Serverless-LambdaTracing',
    at: /\/Consumer\/Function\/Resource$/,
    reason:
      'An option, off by default: it costs $5 a million traces, and each batch is told in one line of the log and in metrics.',
  },
  {
    rule: 'Serverless-SNSRedrivePolicy',
    at: /\/Monitoring\/Topic\/[^/]+\/Resource$/,
    reason:
      'SNS dead-letter queues take what cannot be delivered to an endpoint of AWS; an email that bounces is none.',
  },
];
