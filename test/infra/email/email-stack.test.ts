import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { parseMessageBody } from '../../../src/notification/parse-message.ts';
import { only, synthesized } from '../synthesized.ts';

const emailSender = 'ledger@example.com';
const recipients = ['team@example.com', 'ops@example.com'];
const DIGEST = { name: 'daily', schedule: 'cron(0 8 ? * MON-FRI *)', timeZone: 'Europe/Berlin', recipients };
const ALERT = { name: 'large', minimumBytes: 1_000_000, recipients };

const SCHEDULE = 'AWS::Scheduler::Schedule';
const POLICY = 'AWS::IAM::Policy';

const plain = synthesized();
const withDigest = synthesized({ emailSender, digests: [DIGEST] });
const withAlert = synthesized({ emailSender, alerts: [ALERT], alertsPerMinute: 3 });

type Statement = Readonly<Record<string, unknown>> & { readonly Action: string | readonly string[] };

/** All that the function or the scheduler may do. */
function statements(template: typeof plain): Statement[] {
  return Object.values(template.findResources(POLICY)).flatMap(
    ({ Properties }) => Properties.PolicyDocument.Statement as Statement[],
  );
}

const allows = (template: typeof plain, action: string) =>
  statements(template).filter(({ Action }) => [Action].flat().includes(action));

const variables = (template: typeof plain) =>
  (only(template, 'AWS::Lambda::Function').resource.Properties as { Environment: { Variables: object } }).Environment
    .Variables;

describe('the stack without digests and alerts', () => {
  it('has no schedule, no permission to send or to access single items', () => {
    plain.resourceCountIs(SCHEDULE, 0);
    plain.resourceCountIs('AWS::Scheduler::ScheduleGroup', 0);
    const actions = statements(plain).flatMap(({ Action }) => Action);
    expect(actions.filter((action) => action.startsWith('ses:'))).toEqual([]);
    expect(actions.filter((action) => action.startsWith('dynamodb:'))).toEqual(['dynamodb:BatchWriteItem']);
  });

  it('passes no setting of email to the function, so that it stores no summary', () => {
    expect(Object.keys(variables(plain)).filter((name) => /EMAIL|ALERT/.test(name))).toEqual([]);
    const emptied = synthesized({ digests: [], alerts: [] });
    expect(emptied.toJSON().Resources).toEqual(plain.toJSON().Resources);
  });
});

describe('a digest', () => {
  it('has a schedule of its own in its time zone, without a flexible window', () => {
    withDigest.resourceCountIs(SCHEDULE, 1);
    withDigest.hasResourceProperties(SCHEDULE, {
      Name: 'daily',
      GroupName: { Ref: only(withDigest, 'AWS::Scheduler::ScheduleGroup').logicalId },
      ScheduleExpression: 'cron(0 8 ? * MON-FRI *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      FlexibleTimeWindow: { Mode: 'OFF' },
      State: Match.absent(),
    });
  });

  it('sends its tick to the uploads queue, and an undeliverable one to the dead-letter queue', () => {
    const mapping = only(withDigest, 'AWS::Lambda::EventSourceMapping').resource.Properties as {
      EventSourceArn: object;
    };
    const deadLetters = Object.keys(
      withDigest.findResources('AWS::SQS::Queue', { Properties: { RedriveAllowPolicy: Match.anyValue() } }),
    );
    withDigest.hasResourceProperties(SCHEDULE, {
      Target: {
        Arn: mapping.EventSourceArn,
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': [deadLetters[0], 'Arn'] } },
        RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 60 },
      },
    });
  });

  it('sends a tick that the parser can read', () => {
    const { resource } = only(withDigest, SCHEDULE);
    const { Input } = (resource.Properties as { Target: { Input: string } }).Target;
    const body = Input.replace('<aws.scheduler.scheduled-time>', '2026-11-22T07:00:00Z');
    expect(parseMessageBody(body)).toEqual({
      kind: 'digest-tick',
      tick: { scheduledTime: '2026-11-22T07:00:00.000Z', digestName: 'daily' },
    });
  });

  it('uses a role that may only send to the two queues, for this group of schedules', () => {
    const group = only(withDigest, 'AWS::Scheduler::ScheduleGroup').logicalId;
    const service = { Service: 'scheduler.amazonaws.com' };
    withDigest.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Principal: service,
            Condition: {
              StringEquals: {
                'aws:SourceAccount': { Ref: 'AWS::AccountId' },
                'aws:SourceArn': { 'Fn::GetAtt': [group, 'Arn'] },
              },
            },
          },
        ],
      },
    });
    const [role = ''] = Object.keys(
      withDigest.findResources('AWS::IAM::Role', {
        Properties: { AssumeRolePolicyDocument: { Statement: [{ Principal: service }] } },
      }),
    );
    const policies = Object.values(withDigest.findResources(POLICY, { Properties: { Roles: [{ Ref: role }] } }));
    expect(policies.map(({ Properties }) => Properties.PolicyDocument.Statement)).toMatchObject([
      [{ Action: 'sqs:SendMessage', Resource: [{}, {}] }],
    ]);
  });

  it('allows the function to read and write summaries and watermarks, but no record', () => {
    const reads = allows(withDigest, 'dynamodb:Query');
    expect(reads).toMatchObject([
      {
        Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
        Condition: {
          'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['summary#*', 'digest#*', 'alerts#*'] },
        },
      },
    ]);
    withDigest.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
    });
  });

  it('is in an output, for the command line', () => {
    expect(withDigest.findOutputs('Digests')).toMatchObject({ Digests: { Value: 'daily=Europe/Berlin' } });
    expect(plain.findOutputs('Digests')).toEqual({});
  });

  it('has a schedule each, also with names that other ids have', () => {
    const names = ['a', 'b_', 'b-', 'b', 'Group', 'Role', 'Default', 'Resource'];
    const digests = names.map((name) => ({ ...DIGEST, name }));
    synthesized({ emailSender, digests }).resourceCountIs(SCHEDULE, names.length);
  });

  it('may use the key of encrypted queues', () => {
    const template = synthesized({ emailSender, digests: [DIGEST], customerKey: true });
    const keys = allows(template, 'kms:GenerateDataKey').filter(({ Action }) => Action.length === 2);
    expect(keys).toMatchObject([{ Action: ['kms:Decrypt', 'kms:GenerateDataKey'] }]);
  });
});

describe('alerts', () => {
  it('are in a file of the function, whose name is all that its environment says of email', () => {
    expect(variables(withAlert)).toMatchObject({ EMAIL_SETTINGS: 'email-settings.json' });
    expect(JSON.stringify(variables(withAlert))).not.toMatch(/@example\.com|large/);
    expect(variables(plain)).not.toHaveProperty('EMAIL_SETTINGS');
  });

  it('may wait in the function’s own queue, which Lambda must not take for a loop', () => {
    const loops = (template: typeof plain) => only(template, 'AWS::Lambda::Function').resource.Properties;
    expect(loops(withAlert)).toMatchObject({ RecursiveLoop: 'Allow' });
    expect(loops(withDigest)).not.toHaveProperty('RecursiveLoop');
    const { EventSourceArn: queue } = only(withAlert, 'AWS::Lambda::EventSourceMapping').resource.Properties as {
      EventSourceArn: object;
    };
    const sends = (template: typeof plain) => JSON.stringify(allows(template, 'sqs:SendMessage'));
    expect(allows(withAlert, 'sqs:SendMessage')).toMatchObject([{ Resource: [{}, queue] }]);
    expect(sends(plain)).not.toContain(JSON.stringify(queue));
  });

  it('need no schedule and no permission to query', () => {
    withAlert.resourceCountIs(SCHEDULE, 0);
    expect(allows(withAlert, 'dynamodb:Query')).toEqual([]);
    expect(allows(withAlert, 'dynamodb:UpdateItem')).toHaveLength(1);
  });
});

const identity = (name: string) => sesArn(`identity/${name}`);
const configurationSets = sesArn('configuration-set/*');

function sesArn(resource: string) {
  return {
    'Fn::Join': [
      '',
      [
        'arn:',
        { Ref: 'AWS::Partition' },
        ':ses:',
        { Ref: 'AWS::Region' },
        ':',
        { Ref: 'AWS::AccountId' },
        `:${resource}`,
      ],
    ],
  };
}

describe('ses:SendRawEmail', () => {
  it.each([
    ['digests', withDigest],
    ['alerts', withAlert],
  ])('is allowed for %s only from the sender and its identities, with any configuration set', (_, template) => {
    expect(statements(template).filter(({ Action }) => [Action].flat().some((one) => one.startsWith('ses:')))).toEqual([
      {
        Effect: 'Allow',
        Action: 'ses:SendRawEmail',
        Resource: [configurationSets, identity('example.com'), identity('ledger@example.com')],
        Condition: { StringEquals: { 'ses:FromAddress': 'ledger@example.com' } },
      },
    ]);
  });

  it('is also allowed on the recipients’ identities in the sandbox, still only from the sender', () => {
    const digests = [{ ...DIGEST, recipients: [...recipients, 'books@example.org'] }];
    const [statement] = allows(synthesized({ emailSender, digests, sesSandbox: true }), 'ses:SendRawEmail');
    expect(statement).toMatchObject({
      Resource: [
        configurationSets,
        identity('books@example.org'),
        identity('example.com'),
        identity('example.org'),
        ...['ledger', 'ops', 'team'].map((name) => identity(`${name}@example.com`)),
      ],
      Condition: { StringEquals: { 'ses:FromAddress': 'ledger@example.com' } },
    });
  });

  it('is allowed on every parent domain of the sender', () => {
    const template = synthesized({ emailSender: 'ledger@Mail.EU.example.com', digests: [DIGEST] });
    expect(allows(template, 'ses:SendRawEmail')).toMatchObject([
      {
        Resource: [
          configurationSets,
          ...['eu.example.com', 'example.com', 'ledger@Mail.EU.example.com', 'mail.eu.example.com'].map(identity),
        ],
      },
    ]);
  });
});
