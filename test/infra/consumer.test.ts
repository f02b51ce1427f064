import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { only, synthesized } from './synthesized.ts';

const FUNCTION = 'AWS::Lambda::Function';
const MAPPING = 'AWS::Lambda::EventSourceMapping';
const template = synthesized();

function arnOf(type: string, properties: object = {}) {
  const [logicalId] = Object.keys(template.findResources(type, { Properties: properties }));
  return { 'Fn::GetAtt': [logicalId, 'Arn'] };
}

describe('the function', () => {
  it('runs the bundled consumer on Node 24 and arm64', () => {
    template.hasResourceProperties(FUNCTION, {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'consumer.handler',
      MemorySize: 512,
      Timeout: 30,
    });
  });

  it('takes memory and timeout from the settings', () => {
    synthesized({ memoryMb: 1024, timeoutSeconds: 60 }).hasResourceProperties(FUNCTION, {
      MemorySize: 1024,
      Timeout: 60,
    });
  });

  it('has the names of its resources in its environment', () => {
    const table = only(template, 'AWS::DynamoDB::GlobalTable').logicalId;
    const [deadLetters] = Object.keys(
      template.findResources('AWS::SQS::Queue', { Properties: { RedriveAllowPolicy: Match.anyValue() } }),
    );
    template.hasResourceProperties(FUNCTION, {
      Environment: {
        Variables: {
          LEDGER_TABLE_NAME: { Ref: table },
          DEAD_LETTER_QUEUE_URL: { Ref: deadLetters },
          INDEX_SHARDS: '8',
          UPLOADER_KEY_TEMPLATE: Match.absent(),
          RETENTION_DAYS: Match.absent(),
          POWERTOOLS_SERVICE_NAME: 'UploadLedger/Uploads',
          POWERTOOLS_LOG_LEVEL: 'INFO',
        },
      },
    });
  });

  it('has the settings in its environment', () => {
    const settings = {
      indexShards: 16,
      uploaderKeyTemplate: 'uploads/{uploader}/{*}',
      retentionDays: 30,
      logLevel: 'DEBUG',
    };
    synthesized(settings).hasResourceProperties(FUNCTION, {
      Environment: {
        Variables: {
          INDEX_SHARDS: '16',
          UPLOADER_KEY_TEMPLATE: 'uploads/{uploader}/{*}',
          RETENTION_DAYS: '30',
          POWERTOOLS_LOG_LEVEL: 'DEBUG',
        },
      },
      LoggingConfig: { ApplicationLogLevel: 'DEBUG' },
    });
  });

  it('tells metrics apart by category, unless told not to', () => {
    const of = (settings: Readonly<Record<string, unknown>>) =>
      JSON.stringify(only(synthesized(settings), 'AWS::Lambda::Function').resource);
    expect(of({})).not.toContain('METRICS_BY_CATEGORY');
    expect(of({ metricsByCategory: false })).toContain('"METRICS_BY_CATEGORY":"false"');
  });

  it('logs JSON to a log group of its own with the configured retention', () => {
    const { logicalId } = only(template, 'AWS::Logs::LogGroup');
    template.hasResourceProperties(FUNCTION, {
      LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'INFO', LogGroup: { Ref: logicalId } },
    });
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 90 });
    synthesized({ logRetentionDays: 7 }).hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 7 });
  });
});

describe('s3:GetObject', () => {
  const readings = (settings: Readonly<Record<string, unknown>>) =>
    Object.values(synthesized(settings).findResources('AWS::IAM::Policy')).flatMap(({ Properties }) =>
      Properties.PolicyDocument.Statement.filter(({ Action }: { Action: unknown }) =>
        /s3:/.test(JSON.stringify(Action)),
      ),
    );

  it('is allowed only with uploaderMetadata, on the recorded buckets', () => {
    expect(readings({})).toEqual([]);
    const buckets = ['invoices', 'receipts'];
    const [statement, ...others] = readings({ uploaderMetadata: true, source: { buckets } });
    expect(others).toEqual([]);
    expect(statement).toMatchObject({ Effect: 'Allow', Action: 's3:GetObject' });
    const resources = JSON.stringify(statement.Resource);
    for (const name of buckets) expect(resources).toContain(`:s3:::${name}/*"`);
  });
});

describe('the log level', () => {
  // Lambda takes a line without a level for INFO, and the lines that carry metrics have none.
  it.each(['WARN', 'ERROR'])('is applied by the logger alone at %s, so that Lambda drops no metrics', (logLevel) => {
    synthesized({ logLevel }).hasResourceProperties(FUNCTION, {
      Environment: { Variables: { POWERTOOLS_LOG_LEVEL: logLevel } },
      LoggingConfig: { LogFormat: 'Text', ApplicationLogLevel: Match.absent() },
    });
  });
});

describe('the event source mapping', () => {
  it('sends batches with a maximum concurrency and reports failed messages', () => {
    template.hasResourceProperties(MAPPING, {
      EventSourceArn: arnOf('AWS::SQS::Queue', { RedrivePolicy: Match.anyValue() }),
      FunctionName: { Ref: only(template, FUNCTION).logicalId },
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 5,
      ScalingConfig: { MaximumConcurrency: 10 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  it('takes batch size, window and concurrency from the settings', () => {
    synthesized({ batchSize: 1000, batchWindowSeconds: 2, maximumConcurrency: 50 }).hasResourceProperties(MAPPING, {
      BatchSize: 1000,
      MaximumBatchingWindowInSeconds: 2,
      ScalingConfig: { MaximumConcurrency: 50 },
    });
  });
});

describe('the function’s permissions', () => {
  it('are exactly these', () => {
    const policy = only(template, 'AWS::IAM::Policy').resource as {
      Properties: { PolicyDocument: { Statement: unknown } };
    };
    expect(policy.Properties.PolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
        Resource: arnOf('AWS::SQS::Queue', { RedrivePolicy: Match.anyValue() }),
      },
      {
        Effect: 'Allow',
        Action: 'sqs:SendMessage',
        Resource: arnOf('AWS::SQS::Queue', { RedriveAllowPolicy: Match.anyValue() }),
      },
      { Effect: 'Allow', Action: 'dynamodb:BatchWriteItem', Resource: arnOf('AWS::DynamoDB::GlobalTable') },
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: arnOf('AWS::Logs::LogGroup'),
      },
    ]);
  });

  it('come from no managed policy and are for Lambda only', () => {
    template.hasResourceProperties('AWS::IAM::Role', {
      ManagedPolicyArns: Match.absent(),
      Policies: Match.absent(),
      AssumeRolePolicyDocument: {
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
      },
    });
  });

  it('exist before the function', () => {
    const { logicalId } = only(template, 'AWS::IAM::Policy');
    template.hasResource(FUNCTION, { DependsOn: Match.arrayWith([logicalId]) });
  });
});
