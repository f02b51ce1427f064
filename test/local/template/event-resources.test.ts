import { describe, expect, it } from 'vitest';
import { CODE, type Declared, MAPPING, QUEUE, read, TABLE } from './template-fixture.ts';

const getAtt = (...path: string[]) => ({ 'Fn::GetAtt': path });

/** A webhook as a stack with webhooks has it, with parts replaced. */
function webhook(parts: { rule?: object; target?: object; connection?: object; destination?: object } = {}) {
  const target = {
    Id: 'Webhook',
    Arn: getAtt('Destination', 'Arn'),
    RoleArn: getAtt('Role', 'Arn'),
    InputPath: '$.detail.bodies.json',
    RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 5 },
    DeadLetterConfig: { Arn: getAtt('Deliveries', 'Arn') },
    ...parts.target,
  };
  const rule = { Name: 'hook', EventBusName: { Ref: 'Bus' }, EventPattern: { source: ['x'] }, Targets: [target] };
  const key = { ApiKeyName: 'Authorization', ApiKeyValue: '{{resolve:secretsmanager:hooks:SecretString:::}}' };
  const destination = {
    ConnectionArn: getAtt('Connection', 'Arn'),
    HttpMethod: 'POST',
    InvocationEndpoint: 'https://example.com/hooks',
    InvocationRateLimitPerSecond: 7,
  };
  const connection = { AuthorizationType: 'API_KEY', AuthParameters: { ApiKeyAuthParameters: key } };
  return {
    Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'uploads' } },
    Deliveries: { Type: QUEUE },
    Role: { Type: 'AWS::IAM::Role' },
    Connection: { Type: 'AWS::Events::Connection', Properties: { ...connection, ...parts.connection } },
    Destination: { Type: 'AWS::Events::ApiDestination', Properties: { ...destination, ...parts.destination } },
    Rule: { Type: 'AWS::Events::Rule', Properties: { ...rule, ...parts.rule } },
  } satisfies Readonly<Record<string, Declared>>;
}

describe('a webhook of the template', () => {
  it('is read with its bus, its body, its retries and its dead-letter queue', () => {
    const { eventRules, apiDestinations } = read({ resources: webhook() });
    const [destination] = apiDestinations;
    expect(destination).toMatchObject({ url: 'https://example.com/hooks', method: 'POST', ratePerSecond: 7 });
    expect(eventRules).toMatchObject([
      {
        arn: 'arn:aws:events:eu-west-1:123456789012:rule/uploads/hook',
        bus: 'uploads',
        enabled: true,
        pattern: { source: ['x'] },
        targets: [
          {
            arn: destination?.arn,
            inputPath: ['detail', 'bodies', 'json'],
            maximumRetryAttempts: 5,
            maximumEventAgeSeconds: 3600,
            deadLetterQueueArn: 'arn:aws:sqs:eu-west-1:123456789012:stack-deliveries',
          },
        ],
      },
    ]);
  });

  it('is tried for a day, 185 times, with the whole event, unless it says otherwise', () => {
    const target = { Arn: getAtt('Destination', 'Arn'), Id: 'T' };
    const { eventRules } = read({ resources: webhook({ rule: { Targets: [target] } }) });
    expect(eventRules[0]?.targets).toMatchObject([
      { inputPath: [], maximumRetryAttempts: 185, maximumEventAgeSeconds: 86_400 },
    ]);
  });

  it('listens to the default bus unless it names one, by name or by ARN', () => {
    const busOf = (EventBusName: unknown) =>
      read({ resources: webhook({ rule: { EventBusName } }) }).eventRules.map(({ bus }) => bus);
    expect(busOf(undefined)).toEqual(['default']);
    expect(busOf(getAtt('Bus', 'Arn'))).toEqual(['uploads']);
    expect(busOf('of-others')).toEqual(['of-others']);
  });

  it('has the word "local" in place of each secret', () => {
    const secret = '{{resolve:secretsmanager:hooks:SecretString:token::}}';
    const InvocationHttpParameters = {
      HeaderParameters: [{ Key: 'X-Kind', Value: 'plain', IsValueSecret: false }],
      QueryStringParameters: [{ Key: 'sig', Value: secret, IsValueSecret: true }],
      BodyParameters: [{ Key: 'channel', Value: 'C1' }],
    };
    const ApiKeyAuthParameters = { ApiKeyName: 'Authorization', ApiKeyValue: `Bearer ${secret}` };
    const connection = { AuthParameters: { ApiKeyAuthParameters, InvocationHttpParameters } };
    expect(read({ resources: webhook({ connection }) }).connections).toMatchObject([
      {
        headers: { Authorization: 'Bearer local', 'X-Kind': 'plain' },
        query: { sig: 'local' },
        body: { channel: 'C1' },
      },
    ]);
  });

  it('can log in by name and password', () => {
    const BasicAuthParameters = { Username: 'ledger', Password: '{{resolve:secretsmanager:hooks}}' };
    const connection = { AuthorizationType: 'BASIC', AuthParameters: { BasicAuthParameters } };
    const [connected] = read({ resources: webhook({ connection }) }).connections;
    expect(connected?.headers).toEqual({ Authorization: `Basic ${btoa('ledger:local')}` });
  });

  it.each([
    ['a transformer', { target: { InputTransformer: { InputTemplate: '<x>' } } }, /InputTransformer/],
    ['a path that is no list of fields', { target: { InputPath: '$.detail.*' } }, /only paths of plain fields/],
    ['an operator that is not known', { rule: { EventPattern: { a: [{ cidr: '::/0' }] } } }, /does not know .*cidr/],
    ['an authorization that is not known', { connection: { AuthorizationType: 'OAUTH' } }, /AuthorizationType/],
    ['a connection of others', { destination: { ConnectionArn: 'arn:aws:events:x' } }, /does not declare/],
    ['a target that is not declared', { target: { Arn: 'arn:aws:lambda:x' } }, /does not declare/],
    ['a dead-letter queue of others', { target: { DeadLetterConfig: { Arn: 'arn:aws:sqs:x' } } }, /does not declare/],
    [
      'a reference that is no secret',
      {
        connection: {
          AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'X', ApiKeyValue: '{{resolve:ssm:/token}}' } },
        },
      },
      /does not know the dynamic reference/,
    ],
  ])('is refused with %s', (_, parts, message) => {
    expect(() => read({ resources: webhook(parts) })).toThrow(message);
  });
});

const table = (view?: string): Declared => ({
  Type: TABLE,
  Properties: {
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
    Replicas: [{}],
    ...(view !== undefined && { StreamSpecification: { StreamViewType: view } }),
  },
});

function streamMapping(properties: object = {}, view: string | undefined = 'NEW_AND_OLD_IMAGES') {
  const Properties = {
    EventSourceArn: getAtt('Table', 'StreamArn'),
    FunctionName: { Ref: 'Publisher' },
    StartingPosition: 'TRIM_HORIZON',
    ...properties,
  };
  return read({
    resources: {
      Table: table(view),
      Publisher: CODE,
      Failed: { Type: QUEUE },
      Mapping: { Type: MAPPING, Properties },
    },
  });
}

describe('an event source mapping of a stream', () => {
  it('is read with all that decides about retries', () => {
    const pattern = { eventName: ['INSERT'] };
    const { streamMappings, eventSourceMappings, tables } = streamMapping({
      BatchSize: 50,
      MaximumBatchingWindowInSeconds: 2,
      FilterCriteria: { Filters: [{ Pattern: JSON.stringify(pattern) }] },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 3,
      MaximumRecordAgeInSeconds: 86_400,
      DestinationConfig: { OnFailure: { Destination: getAtt('Failed', 'Arn') } },
    });
    expect(eventSourceMappings).toEqual([]);
    expect(tables).toMatchObject([{ stream: { view: 'NEW_AND_OLD_IMAGES' } }]);
    expect(streamMappings).toEqual([
      {
        logicalId: 'Mapping',
        streamArn: tables[0]?.stream?.arn,
        functionName: 'stack-publisher',
        enabled: true,
        batchSize: 50,
        batchWindowSeconds: 2,
        filters: [pattern],
        reportsBatchItemFailures: true,
        bisectsOnError: true,
        maximumRetryAttempts: 3,
        maximumRecordAgeSeconds: 86_400,
        onFailureQueueArn: 'arn:aws:sqs:eu-west-1:123456789012:stack-failed',
      },
    ]);
  });

  it('takes every record in batches of 100 and retries without end unless it says otherwise', () => {
    expect(streamMapping().streamMappings).toMatchObject([
      { batchSize: 100, batchWindowSeconds: 0, filters: [], maximumRetryAttempts: -1, maximumRecordAgeSeconds: -1 },
    ]);
  });

  it.each([
    ['a filter that is no JSON', { FilterCriteria: { Filters: [{ Pattern: '{' }] } }, /not JSON/],
    ['an operator that is not known', { FilterCriteria: { Filters: [{ Pattern: '{"a":[{"cidr":"x"}]}' }] } }, /cidr/],
    ['a property that is not known', { TumblingWindowInSeconds: 1 }, /TumblingWindowInSeconds/],
    ['a function of others', { FunctionName: 'other' }, /does not declare/],
    ['a queue of others', { DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:x' } } }, /does not declare/],
  ])('is refused with %s', (_, properties, message) => {
    expect(() => streamMapping(properties)).toThrow(message);
  });

  it('is refused when its table has no stream', () => {
    const withoutStream = { Table: table(), Publisher: CODE };
    const Properties = { EventSourceArn: getAtt('Table', 'StreamArn'), FunctionName: { Ref: 'Publisher' } };
    const mapping = { Type: MAPPING, Properties: { ...Properties, StartingPosition: 'LATEST' } };
    expect(() => read({ resources: { ...withoutStream, Mapping: mapping } })).toThrow(/which no table/);
  });
});
