import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readLocalResources } from '../../../src/local/template/template.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';
import { BUCKET, CODE, type Declared, MAPPING, QUEUE, read, TABLE, writeAssembly } from './template-fixture.ts';

const place = { region: 'eu-west-1', accountId: '123456789012', endpoint: 'http://127.0.0.1:4566' };

describe('reading the synthesized stack', () => {
  const resources = () => readLocalResources({ ...place, assemblyDirectory: assemblyDirectory() });

  it('finds one bucket whose notifications go to the uploads queue', () => {
    const { buckets, queues } = resources();
    const source = queues.find(({ redrive }) => redrive);
    expect(buckets).toHaveLength(1);
    expect(buckets[0]?.notifications.map(({ event }) => event)).toEqual([
      's3:ObjectCreated:*',
      's3:ObjectRemoved:*',
      's3:LifecycleExpiration:*',
      's3:ObjectRestore:Completed',
    ]);
    expect(new Set(buckets[0]?.notifications.map(({ queueArn }) => queueArn))).toEqual(new Set([source?.arn]));
    expect(buckets[0]?.eventBridge).toBe(false);
  });

  it('finds the uploads queue and its dead-letter queue', () => {
    const { queues } = resources();
    const source = queues.find(({ redrive }) => redrive);
    const deadLetters = queues.find(({ redrive }) => !redrive);
    expect(source?.redrive).toEqual({ deadLetterQueueArn: deadLetters?.arn, maxReceiveCount: 468 });
    expect(deadLetters?.redriveAllowedFrom).toEqual([source?.arn]);
    expect(source?.visibilityTimeoutSeconds).toBe(6 * 30 + 5);
  });

  it('finds the function, its bundle on this disk, and an environment without a trace of an intrinsic', () => {
    const { functions, tables, queues } = resources();
    const consumer = functions[0];
    expect(functions).toHaveLength(1);
    expect(existsSync(path.join(consumer?.codeDirectory ?? '', 'consumer.mjs'))).toBe(true);
    expect(consumer).toMatchObject({
      handler: 'consumer.handler',
      runtime: 'nodejs24.x',
      memoryMb: 512,
      timeoutSeconds: 30,
      logFormat: 'JSON',
      applicationLogLevel: 'INFO',
    });
    expect(consumer?.environment).toMatchObject({
      LEDGER_TABLE_NAME: tables[0]?.name,
      DEAD_LETTER_QUEUE_URL: queues.find(({ redrive }) => !redrive)?.url,
    });
  });

  it('finds the event source mapping between the queue and the function', () => {
    const { eventSourceMappings, queues, functions } = resources();
    expect(eventSourceMappings).toMatchObject([
      {
        queueArn: queues.find(({ redrive }) => redrive)?.arn,
        functionName: functions[0]?.name,
        enabled: true,
        batchSize: 100,
        batchWindowSeconds: 5,
        maximumConcurrency: 10,
        reportsBatchItemFailures: true,
      },
    ]);
  });

  it('resolves every output', () => {
    const { outputs, buckets, tables, queues, functions } = resources();
    expect(outputs).toMatchObject({
      BucketName: buckets[0]?.name,
      TableName: tables[0]?.name,
      QueueUrl: queues.find(({ redrive }) => redrive)?.url,
      DeadLetterQueueUrl: queues.find(({ redrive }) => !redrive)?.url,
      FunctionName: functions[0]?.name,
    });
  });

  it('gives the same names at each start, whatever the port', () => {
    const again = readLocalResources({
      ...place,
      endpoint: 'http://127.0.0.1:1',
      assemblyDirectory: assemblyDirectory(),
    });
    expect(again.outputs.BucketName).toBe(resources().outputs.BucketName);
    expect(again.queues.map(({ name }) => name)).toEqual(resources().queues.map(({ name }) => name));
  });
});

describe('what the template leaves out', () => {
  const queue: Declared = { Type: QUEUE };
  const mapping: Declared = {
    Type: MAPPING,
    Properties: { EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] }, FunctionName: { Ref: 'Function' } },
  };

  it('has AWS’s defaults', () => {
    const resources = read({ resources: { Queue: queue, Function: CODE, Mapping: mapping } });
    expect(resources.queues).toMatchObject([{ visibilityTimeoutSeconds: 30, retentionSeconds: 345_600 }]);
    expect(resources.functions).toMatchObject([
      { memoryMb: 128, timeoutSeconds: 3, environment: {}, logFormat: 'Text' },
    ]);
    expect(resources.eventSourceMappings).toMatchObject([
      { enabled: true, batchSize: 10, batchWindowSeconds: 0, reportsBatchItemFailures: false },
    ]);
    expect(resources.eventSourceMappings[0]).not.toHaveProperty('maximumConcurrency');
  });
});

describe('a bucket', () => {
  const notifying = (NotificationConfiguration: unknown): Record<string, Declared> => ({
    Queue: { Type: QUEUE },
    Bucket: { Type: BUCKET, Properties: { NotificationConfiguration } },
  });
  const Queue = { 'Fn::GetAtt': ['Queue', 'Arn'] };

  it('notifies of the keys between prefix and suffix, which the template has percent-encoded', () => {
    const Rules = [
      { Name: 'prefix', Value: 'my+files/%C3%A9%2B' },
      { Name: 'suffix', Value: '.jpg' },
    ];
    const resources = notifying({
      QueueConfigurations: [{ Event: 's3:ObjectCreated:*', Queue, Filter: { S3Key: { Rules } } }],
    });
    expect(read({ resources }).buckets[0]?.notifications).toMatchObject([{ prefix: 'my files/é+', suffix: '.jpg' }]);
  });

  it('may send its events to EventBridge', () => {
    const resources = notifying({ EventBridgeConfiguration: { EventBridgeEnabled: true } });
    expect(read({ resources }).buckets[0]?.eventBridge).toBe(true);
  });

  it('has the CORS rules that it declares', () => {
    const CorsRules = [
      {
        Id: 'site',
        AllowedOrigins: ['https://app.example'],
        AllowedMethods: ['PUT'],
        AllowedHeaders: ['*'],
        MaxAge: 60,
      },
      { AllowedOrigins: ['*'], AllowedMethods: ['GET'], ExposedHeaders: ['ETag'] },
    ];
    const Bucket = { Type: BUCKET, Properties: { CorsConfiguration: { CorsRules } } };
    expect(read({ resources: { Bucket } }).buckets[0]?.corsRules).toEqual([
      {
        allowedOrigins: ['https://app.example'],
        allowedMethods: ['PUT'],
        allowedHeaders: ['*'],
        exposedHeaders: [],
        maxAgeSeconds: 60,
      },
      { allowedOrigins: ['*'], allowedMethods: ['GET'], allowedHeaders: [], exposedHeaders: ['ETag'] },
    ]);
  });
});

describe('what the local stack cannot do', () => {
  it.each<[string, Record<string, Declared>, RegExp]>([
    ['a type', { Topic: { Type: 'AWS::SNS::Topic' } }, /^Topic: .* resources of type AWS::SNS::Topic/],
    ['a condition', { Queue: { Type: QUEUE, Condition: 'IsProduction' } }, /^Queue: conditions are not supported/],
    [
      'a property of a queue',
      { Queue: { Type: QUEUE, Properties: { FifoQueue: true } } },
      /^Queue: .*property FifoQueue/,
    ],
    [
      'a property of a bucket',
      { B: { Type: BUCKET, Properties: { CorsConfiguration: {} } } },
      /^B: .*CorsConfiguration/,
    ],
    [
      'a notification to a function',
      { B: { Type: BUCKET, Properties: { NotificationConfiguration: { LambdaConfigurations: [] } } } },
      /^B: .*NotificationConfiguration: .*LambdaConfigurations/,
    ],
    [
      'objects that expire',
      {
        B: {
          Type: BUCKET,
          Properties: { LifecycleConfiguration: { Rules: [{ Status: 'Enabled', ExpirationInDays: 3 }] } },
        },
      },
      /^B: .*ExpirationInDays/,
    ],
    [
      'a filter of messages',
      {
        Mapping: {
          Type: MAPPING,
          Properties: { EventSourceArn: 'a', FunctionName: 'f', FilterCriteria: { Filters: [] } },
        },
      },
      /^Mapping: .*property FilterCriteria/,
    ],
    [
      'a key filter that is not encoded',
      {
        B: {
          Type: BUCKET,
          Properties: {
            NotificationConfiguration: {
              QueueConfigurations: [
                {
                  Event: 's3:ObjectCreated:*',
                  Queue: 'arn',
                  Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: '100%/' }] } },
                },
              ],
            },
          },
        },
      },
      /^B: expected the prefix of its key filter to be form-urlencoded UTF-8, got "100%\/": write a percent sign as %25/,
    ],
    [
      'a provisioned table',
      {
        Table: {
          Type: TABLE,
          Properties: { AttributeDefinitions: [], KeySchema: [], Replicas: [{}], BillingMode: 'PROVISIONED' },
        },
      },
      /^Table: .*BillingMode/,
    ],
    [
      'code that is no asset',
      { F: { ...CODE, Properties: { ...CODE.Properties, Code: { S3Bucket: 'b', S3Key: 'other.zip' } } } },
      /^F: its code other\.zip is not among the assembly's assets/,
    ],
  ])('is refused by name: %s', (_, resources, message) => {
    expect(() => read({ resources })).toThrow(message);
  });

  it.each(['Conditions', 'Mappings', 'Transform'])('is refused by name: a section of %s', (section) => {
    expect(() => read({ sections: { [section]: {} } })).toThrow(new RegExp(`^Stack\\.template\\.json: .*"${section}"`));
  });

  it('excludes types that change nothing on one machine', () => {
    const types = [
      'AWS::IAM::Role',
      'AWS::IAM::Policy',
      'AWS::Logs::LogGroup',
      'AWS::SQS::QueuePolicy',
      'AWS::CloudWatch::CompositeAlarm',
    ];
    const resources = Object.fromEntries(types.map((Type, index) => [`R${index}`, { Type, Properties: { Any: 1 } }]));
    expect(read({ resources }).queues).toEqual([]);
  });
});

describe('a resource that names another', () => {
  const arn = (name: string) => `arn:aws:sqs:eu-west-1:123456789012:${name}`;
  const redriving = { RedrivePolicy: { deadLetterTargetArn: arn('dead'), maxReceiveCount: 5 } };

  it.each<[string, Record<string, Declared>, RegExp]>([
    [
      'a notification to a queue that is not declared',
      {
        Bucket: {
          Type: BUCKET,
          Properties: { NotificationConfiguration: { QueueConfigurations: [{ Event: 's3:*', Queue: arn('gone') }] } },
        },
      },
      /^Bucket: points at the queue arn:.*:gone, which the template does not declare/,
    ],
    [
      'a dead-letter queue that is not declared',
      { Queue: { Type: QUEUE, Properties: redriving } },
      /^Queue: points at the queue .*:dead/,
    ],
    [
      'a dead-letter queue that does not admit the source',
      {
        Queue: { Type: QUEUE, Properties: redriving },
        Dead: {
          Type: QUEUE,
          Properties: {
            QueueName: 'dead',
            RedriveAllowPolicy: { redrivePermission: 'byQueue', sourceQueueArns: [arn('other')] },
          },
        },
      },
      /^Queue: its dead-letter queue dead admits only arn:.*:other/,
    ],
    [
      'a mapping of a queue that is not declared',
      { F: CODE, M: { Type: MAPPING, Properties: { EventSourceArn: arn('gone'), FunctionName: { Ref: 'F' } } } },
      /^M: points at the queue arn:.*:gone, which the template does not declare/,
    ],
    [
      'a mapping to a function that is not declared',
      {
        Queue: { Type: QUEUE, Properties: { QueueName: 'q' } },
        M: { Type: MAPPING, Properties: { EventSourceArn: arn('q'), FunctionName: 'f' } },
      },
      /^M: invokes the function f, which the template does not declare/,
    ],
  ])('is refused: %s', (_, resources, message) => {
    expect(() => read({ resources })).toThrow(message);
  });
});

describe('an assembly of several stacks', () => {
  it('is read by the stack’s name', () => {
    const stack = { resources: { Queue: { Type: QUEUE } } };
    const assembly = writeAssembly({ One: stack, Two: stack });
    expect(readLocalResources({ ...place, assemblyDirectory: assembly, stackName: 'Two' }).queues).toMatchObject([
      { name: 'two-queue' },
    ]);
    expect(() => readLocalResources({ ...place, assemblyDirectory: assembly })).toThrow(
      /exactly one stack .*: One, Two\./,
    );
    expect(() => readLocalResources({ ...place, assemblyDirectory: assembly, stackName: 'Three' })).toThrow(
      /the stack Three .*: One, Two\./,
    );
  });
});
