import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { GraphWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { AccountPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import { parseProps } from '../../infra/settings/parse-configuration.ts';
import { UploadLedger } from '../../infra/upload-ledger.ts';
import type { UploadLedgerProps } from '../../infra/upload-ledger-props.ts';
import { appWithoutBundles } from './synthesized.ts';

function ledgerIn(props: (stack: Stack) => UploadLedgerProps = () => ({})) {
  const stack = new Stack(appWithoutBundles(), 'Theirs');
  const ledger = new UploadLedger(stack, 'Uploads', props(stack));
  return { stack, ledger, person: new Role(stack, 'Person', { assumedBy: new AccountPrincipal('111122223333') }) };
}

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

/** What the role `Person` may do. */
function allowed(stack: Stack): Statement[] {
  return Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'))
    .filter(({ Properties }) => JSON.stringify(Properties.Roles).includes('Person'))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement as Statement[]);
}

const actionsOf = (statements: readonly Statement[]) => statements.flatMap(({ Action }) => Action).sort();

describe('times as a program gives them', () => {
  it.each([
    [{ timeoutSeconds: Duration.minutes(1) }, { timeoutSeconds: 60 }],
    [{ batchWindowSeconds: Duration.seconds(20) }, { batchWindowSeconds: 20 }],
    [{ retryHours: Duration.days(1) }, { retryHours: 24 }],
    [{ silenceHours: Duration.days(2) }, { silenceHours: 48 }],
    [{ oldestMessageMinutes: Duration.hours(1) }, { oldestMessageMinutes: 60 }],
    [{ retentionDays: Duration.days(400) }, { retentionDays: 400 }],
    [{ logRetentionDays: RetentionDays.ONE_MONTH }, { logRetentionDays: 30 }],
    [{ logRetentionDays: Duration.days(30) }, { logRetentionDays: 30 }],
    [{ removalPolicy: RemovalPolicy.DESTROY }, { removalPolicy: 'destroy' }],
    [{ removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE }, { removalPolicy: 'retain' }],
  ] satisfies [UploadLedgerProps, object][])('are those of the CDK as well: case %#', (props, expected) => {
    expect(parseProps(props, 'Theirs/Uploads')).toMatchObject(expected);
  });

  it('are refused when they are no whole number of the unit', () => {
    const parse = (props: UploadLedgerProps) => () => parseProps({ ...props }, 'Theirs/Uploads');
    expect(parse({ timeoutSeconds: Duration.millis(1500) })).toThrow(/timeoutSeconds = "1 second 500 millis": must be/);
    expect(parse({ retryHours: Duration.minutes(90) })).toThrow(/retryHours = "1 hour 30 minutes": must be a whole/);
    expect(parse({ removalPolicy: RemovalPolicy.SNAPSHOT })).toThrow(/removalPolicy = "snapshot": must be one of/);
  });

  it('keep logs for ever when the CDK’s word for it is given', () => {
    const { stack } = ledgerIn(() => ({ logRetentionDays: RetentionDays.INFINITE }));
    Template.fromStack(stack).hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: Match.absent() });
  });
});

describe('reserved concurrency', () => {
  it('is the function’s, and at least what the queue may use', () => {
    const { stack } = ledgerIn(() => ({ reservedConcurrency: 20 }));
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', { ReservedConcurrentExecutions: 20 });
    expect(() => ledgerIn(() => ({ reservedConcurrency: 5 }))).toThrow(
      /reservedConcurrency = 5: must be at least maximumConcurrency \(it is 10\)/,
    );
  });
});

describe('the alarms of the construct', () => {
  it('can be given actions of their own', () => {
    const { stack, ledger } = ledgerIn();
    const pager = new SnsAction(new Topic(stack, 'Pager'));
    for (const alarm of ledger.alarms) alarm.addAlarmAction(pager);
    expect(ledger.alarms.length).toBeGreaterThan(5);
    Template.fromStack(stack).allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: Match.anyValue() });
  });
});

describe('the metrics of the construct', () => {
  it('take the CDK’s options', () => {
    const { ledger } = ledgerIn();
    const period = Duration.hours(1);
    const options = { label: 'Mine', color: '#1f77b4', period };
    const metrics = [
      ledger.metricUploads(options),
      ledger.metricUploadBytes({ ...options, category: 'image' }),
      ledger.metricRecordingDelay('p99', options),
      ledger.metricUploadsStored(options),
      ledger.metricDeletesStored(options),
      ledger.metricRecordsStored(options),
      ledger.metricMessagesFailed({ ...options, statistic: 'Maximum' }),
      ledger.metricDeadLetters(options),
      ledger.metricOldestMessageAge(options),
    ];
    const [graph] = new GraphWidget({ left: metrics }).toJson();
    const drawn = JSON.stringify(graph.properties.metrics);
    expect(drawn.match(/"label":"Mine"/g)).toHaveLength(metrics.length);
    expect(drawn.match(/"color":"#1f77b4"/g)).toHaveLength(metrics.length);
    expect(drawn.match(/'Sum', 3600\)/g)).toHaveLength(2);
    expect(drawn).not.toMatch(/"period":60\b|, 60\)/);
  });
});

describe('grantOperate', () => {
  /** Calls of SQS and DynamoDB that the commands' code names, such as `sqs:SendMessage`. */
  const called = globSync(['src/{cli,dead-letters,ledger}/**/*.ts'], {
    cwd: path.resolve(import.meta.dirname, '../..'),
  })
    .map((file) => readFileSync(file, 'utf8'))
    .flatMap((text) => [...text.matchAll(/\b([A-Z]\w+?)(?:Batch)?Command\b/g)])
    .map(([, name = '']) => name);

  it('allows every call of queues and table that the commands’ code names', () => {
    const { stack, ledger, person } = ledgerIn();
    ledger.grantOperate(person);
    const actions = new Set(actionsOf(allowed(stack)).map((action) => action.split(':')[1]));
    const needed = new Set(called.filter((name) => /Message|Queue|Item|^Query$|^Scan$/.test(name)));
    expect(needed.size).toBeGreaterThan(8);
    expect([...needed].filter((name) => !actions.has(name))).toEqual([]);
  });

  it('allows nothing on anything but the ledger’s own resources, where AWS lets it be said', () => {
    const { stack, ledger, person } = ledgerIn((scope) => ({ customerKey: new Key(scope, 'K') }));
    ledger.grantOperate(person);
    const everywhere = allowed(stack).filter(({ Resource }) => Resource === '*');
    expect(actionsOf(everywhere)).toEqual(['cloudwatch:GetMetricData']);
    expect(actionsOf(allowed(stack))).toEqual(expect.arrayContaining(['kms:Decrypt', 'kms:GenerateDataKey']));
    expect(actionsOf(allowed(stack)).filter((action) => action.includes('*'))).toEqual([]);
  });

  it('allows to send failed deliveries to webhooks again, where there are webhooks', () => {
    const webhooks = [{ name: 'orders', url: 'https://app.example.com/', secretName: 'ledger/orders' }];
    const { stack, ledger, person } = ledgerIn(() => ({ webhooks }));
    ledger.grantOperate(person);
    const onDeliveries = allowed(stack).filter(({ Resource }) => /Deliveries|EventBus/.test(JSON.stringify(Resource)));
    expect(actionsOf(onDeliveries)).toEqual([
      'events:DescribeRule',
      'events:PutEvents',
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:PurgeQueue',
      'sqs:ReceiveMessage',
    ]);
    const everywhere = allowed(stack).filter(({ Resource }) => Resource === '*');
    expect(actionsOf(everywhere)).toEqual(['cloudwatch:GetMetricData', 'events:TestEventPattern']);
  });

  it('allows no bucket behind a topic, where none is known', () => {
    const topic = 'arn:aws:sns:eu-west-1:111122223333:uploads';
    const { stack, ledger, person } = ledgerIn(() => ({ source: { topic } }));
    ledger.grantOperate(person);
    expect(actionsOf(allowed(stack)).filter((action) => action.startsWith('s3:'))).toEqual([]);
  });
});

describe('a ledger of another stack', () => {
  it('can be read by the name of its table', () => {
    const { stack, person } = ledgerIn();
    const customerKey = Key.fromKeyArn(stack, 'K', 'arn:aws:kms:eu-west-1:111122223333:key/1');
    const ledger = UploadLedger.fromTableName(stack, 'Imported', 'their-table', { customerKey });
    expect(ledger.table.tableName).toBe('their-table');
    ledger.grantRead(person);
    expect(actionsOf(allowed(stack))).toEqual([
      'dynamodb:BatchGetItem',
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:Scan',
      'kms:Decrypt',
    ]);
    expect(JSON.stringify(allowed(stack))).toContain('table/their-table/index/*');
  });
});
