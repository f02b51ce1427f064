/** What cdk-nag reports about the stack and we accept, each with the reason. */
export interface AcceptedFinding {
  readonly rule: string;
  /** End of the construct's path. */
  readonly at: RegExp;
  readonly reason: string;
}

export const ACCEPTED: readonly AcceptedFinding[] = [
  {
    rule: 'AwsSolutions-S1',
    at: /\/Uploads\/Bucket\/Resource$/,
    reason:
      'The ledger itself records every upload and delete. Access logs need a second bucket, and its owner must decide on retention, cost and readers.',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::*]',
    at: /\/Consumer\/Role\/DefaultPolicy\/Resource$/,
    reason: 'With tracing only: IAM has no resource for xray:PutTraceSegments and xray:PutTelemetryRecords.',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::<UploadsBucketC4B27CC7.Arn>/*]',
    at: /\/Consumer\/Role\/DefaultPolicy\/Resource$/,
    reason:
      'With uploaderMetadata only: the wildcard means the keys of the one bucket, whose metadata the function may read.',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:configuration-set/*]',
    at: /\/Consumer\/Role\/DefaultPolicy\/Resource$/,
    reason:
      'SES also needs permission on the default configuration set of the sender, whose name is not known here. Alone it allows nobody to send.',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::*]',
    at: /\/Publisher\/Role\/DefaultPolicy\/Resource$/,
    reason: 'IAM has no resource for dynamodb:ListStreams, which Lambda needs to read the stream of a table.',
  },
  {
    rule: 'AwsSolutions-SQS3',
    at: /\/(Publisher\/Failures|Webhooks\/Deliveries)\/Resource$/,
    reason:
      'It is where Lambda names the events that it gave up, or EventBridge puts those that it could not deliver; its messages wait for a person, and an alarm reports them.',
  },
  {
    rule: 'Serverless-SQSRedrivePolicy',
    at: /\/(DeadLetterQueue|Publisher\/Failures|Webhooks\/Deliveries)\/Resource$/,
    reason: 'It is itself the dead-letter queue; its messages wait for a person, and alarms report them.',
  },
  {
    rule: 'Serverless-LambdaDLQ',
    at: /\/(Consumer|Publisher)\/Function\/Resource$/,
    reason:
      'The dead-letter target of a function is for asynchronous invocations. These read a queue and a stream, which have their own.',
  },
  {
    rule: 'Serverless-LambdaEventSourceMappingDestination',
    at: /\/Consumer\/Batches\/Resource$/,
    reason: 'Lambda refuses failure destinations on mappings of SQS queues: the queue has a redrive policy instead.',
  },
  {
    rule: 'Serverless-LambdaTracing',
    at: /\/(Consumer|Publisher)\/Function\/Resource$/,
    reason: 'An option, off by default: it costs $5 a million traces, and each batch has one log line and metrics.',
  },
  {
    rule: 'Serverless-SNSRedrivePolicy',
    at: /\/Monitoring\/Topic\/[^/]+\/Resource$/,
    reason: 'SNS tries an email for hours. What it gives up then is in the alarm itself, which stays raised.',
  },
];
