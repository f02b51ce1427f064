import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEPLOYED_CHECKS } from '../../../src/cli/commands/doctor.ts';
import { StopReason } from '../../../src/cli/errors.ts';
import type { LedgerResources } from '../../../src/cli/ledger-resources.ts';
import { assemblyDirectory } from '../../setup/assembly-directory.ts';
import { type AwsStub, startAwsStub } from '../aws-stub.ts';
import { linesOf, runCli } from '../cli.ts';
import { runAwsCommand } from '../doctor/aws-command.ts';
import {
  ALL_EVENTS,
  alarmsAre,
  behindTopic,
  bucketTells,
  configuration,
  deliveriesAt,
  functionIs,
  healthy,
  LETTERS_ARN,
  ledgerAt,
  mappingIs,
  notificationIs,
  policyFor,
  QUEUE_ARN,
  queueEntry,
  queuesAre,
  ruleIs,
  SENDER,
  scheduleIs,
  sesIs,
  stackHas,
  tableIs,
  throughEventBridge,
  webhookRuleIs,
  withEmail,
  withEvents,
  withExistingBuckets,
  withWebhooks,
} from '../doctor/deployed-world.ts';

const DIGESTS: Partial<LedgerResources> = { digests: [{ name: 'daily', timeZone: 'UTC' }] };

let aws: AwsStub;

beforeEach(async () => {
  aws = await startAwsStub();
  healthy(aws);
});
afterEach(() => aws.close());

interface Found {
  readonly check: string;
  readonly outcome: string;
  readonly says: string;
  readonly todo?: string;
}

async function doctor(resources: Fault['resources'] = {}) {
  const outputs = resources === 'webhooks' ? deliveriesAt(aws) : resources;
  const { stdout, exitCode } = await runCli(['doctor', '--json'], { ledger: ledgerAt(aws, outputs) });
  const found = linesOf(stdout).map((line): Found => JSON.parse(line));
  return { found, bad: found.filter(({ outcome }) => outcome === 'wrong' || outcome === 'unknown'), exitCode };
}

/**
 * What a fault is, and so what alone cures it. Somebody changed a property of the template, or deleted a resource of it;
 * the settings are to be changed; somebody has to look; or a command of AWS, which asks for this action.
 */
type Cure =
  | 'changed'
  | 'deleted'
  | 'settings'
  | 'attach'
  | 'by hand'
  | { readonly action: string; readonly parameters?: object };

/** One thing is wrong with a deployment, and only the check that is about it says so. */
interface Fault {
  readonly what: string;
  readonly prepare?: () => void;
  readonly breaks: () => void;
  /** `webhooks`: those of a stack with webhooks. */
  readonly resources?: Partial<LedgerResources> | 'webhooks';
  /** What the stack's outputs say when it is cured. @default the same */
  readonly cured?: Partial<LedgerResources>;
  readonly check: string;
  readonly says: RegExp;
  readonly cure: Cure;
}

const FAULTS: readonly Fault[] = [
  {
    what: 'the notification configuration was replaced',
    breaks: () => bucketTells(aws, 'arn:aws:sqs:eu-west-1:111122223333:other', 's3:ObjectCreated:*'),
    check: 'uploads arrive',
    says: /sends nothing to the queue/,
    cure: 'changed',
  },
  {
    what: 'an existing bucket has lost the entry',
    prepare: () => withExistingBuckets(aws),
    breaks: () => aws.answer('GET /second/?notification', '<NotificationConfiguration/>'),
    check: 'uploads arrive',
    says: /bucket second sends nothing to the queue/,
    cure: 'attach',
  },
  {
    what: 'the entry of an existing bucket is not up to date with the settings',
    prepare: () => withExistingBuckets(aws),
    breaks: () => aws.answer('GET /second/?notification', configuration(queueEntry('', ALL_EVENTS.slice(0, 1)))),
    check: 'uploads arrive',
    says: /bucket second does not notify the queue of ObjectRemoved/,
    cure: 'attach',
  },
  {
    what: 'the queue admits one of two existing buckets',
    prepare: () => withExistingBuckets(aws),
    breaks: () => queuesAre(aws),
    check: 'queue policy',
    says: /does not let s3.amazonaws.com send for arn:aws:s3:::second/,
    cure: 'changed',
  },
  {
    what: 'a bucket of the same program has lost its notifications',
    prepare: () => {
      stackHas(aws, [
        ['AWS::S3::Bucket', 'bucket'],
        ['Custom::S3BucketNotifications', 'notifications'],
        ['AWS::CloudWatch::Alarm', 'alarm-1'],
        ['AWS::CloudWatch::Alarm', 'alarm-2'],
      ]);
    },
    breaks: () => notificationIs(aws, ''),
    check: 'uploads arrive',
    says: /bucket bucket sends nothing to the queue/,
    cure: 'by hand',
  },
  {
    what: 'only deletes are told of',
    breaks: () => bucketTells(aws, QUEUE_ARN, 's3:ObjectRemoved:*'),
    check: 'uploads arrive',
    says: /does not notify the queue of ObjectCreated:\*, LifecycleExpiration:\*, ObjectRestore:Completed/,
    cure: 'changed',
  },
  {
    what: 'no new objects are recorded',
    breaks: () => bucketTells(aws, QUEUE_ARN, 's3:ObjectRemoved:*'),
    resources: { recorded: { events: ['ObjectRemoved:*'] } },
    cured: {},
    check: 'uploads arrive',
    says: /notify the queue of new objects: the stack records only ObjectRemoved/,
    cure: 'settings',
  },
  {
    what: 'the notification has another filter',
    prepare: () => notificationIs(aws, queueEntry('invoices/')),
    breaks: () => bucketTells(aws, QUEUE_ARN, ...ALL_EVENTS),
    resources: { recorded: { prefix: 'invoices/' } },
    check: 'uploads arrive',
    says: /sends nothing to the queue/,
    cure: 'changed',
  },
  {
    what: 'the own bucket no longer sends its events to EventBridge',
    prepare: () => {
      throughEventBridge(aws);
      stackHas(aws, [
        ['AWS::S3::Bucket', 'bucket'],
        ['AWS::Events::Rule', 'Rule'],
        ['AWS::CloudWatch::Alarm', 'alarm-1'],
      ]);
    },
    breaks: () => notificationIs(aws, ''),
    check: 'uploads arrive',
    says: /bucket does not send its events to EventBridge/,
    cure: 'changed',
  },
  {
    what: 'the bucket is gone',
    breaks: () => aws.refuse('GET /bucket/?notification', 'NoSuchBucket', 'The specified bucket does not exist', 404),
    check: 'uploads arrive',
    says: /a resource of the stack does not exist/,
    cure: 'deleted',
  },
  {
    what: 'the rule is disabled',
    prepare: () => throughEventBridge(aws),
    breaks: () => ruleIs(aws, { State: 'DISABLED' }),
    check: 'uploads arrive',
    says: /rule Rule is disabled/,
    cure: { action: 'EnableRule', parameters: { Name: 'Rule' } },
  },
  {
    what: 'the rule sends elsewhere',
    prepare: () => throughEventBridge(aws),
    breaks: () => aws.answer('ListTargetsByRule', { Targets: [{ Id: '1', Arn: LETTERS_ARN }] }),
    check: 'uploads arrive',
    says: /does not send to the queue/,
    cure: 'changed',
  },
  {
    what: 'the bucket does not tell EventBridge',
    prepare: () => throughEventBridge(aws),
    breaks: () => notificationIs(aws, ''),
    check: 'uploads arrive',
    says: /bucket does not send its events to EventBridge/,
    cure: 'by hand',
  },
  {
    what: 'the rule is another one than the policy admits',
    prepare: () => throughEventBridge(aws),
    breaks: () => queuesAre(aws, { uploads: { Policy: policyFor('events.amazonaws.com', `${QUEUE_ARN}-2`) } }),
    check: 'queue policy',
    says: /does not let events.amazonaws.com send for arn:aws:events/,
    cure: 'changed',
  },
  {
    what: 'the subscription was deleted',
    prepare: () => behindTopic(aws),
    breaks: () => behindTopic(aws, 'DELETED'),
    resources: { bucketName: '-' },
    check: 'uploads arrive',
    says: /no longer subscribed to topic arn:aws:sns/,
    cure: 'deleted',
  },
  {
    what: 'the subscription was changed',
    prepare: () => behindTopic(aws),
    breaks: () => behindTopic(aws, 'MODIFIED'),
    resources: { bucketName: '-' },
    check: 'uploads arrive',
    says: /changed by hand \(RawMessageDelivery\)/,
    cure: 'changed',
  },
  {
    what: 'the queue has no policy',
    breaks: () => queuesAre(aws, { uploads: { Policy: undefined } }),
    check: 'queue policy',
    says: /does not let s3.amazonaws.com send for arn:aws:s3:::bucket/,
    cure: 'changed',
  },
  {
    what: 'the policy admits another bucket',
    breaks: () => queuesAre(aws, { uploads: { Policy: policyFor('s3.amazonaws.com', 'arn:aws:s3:::another') } }),
    check: 'queue policy',
    says: /does not let s3/,
    cure: 'changed',
  },
  {
    what: 'there is no mapping',
    breaks: () => aws.answer('GET /2015-03-31/event-source-mappings?EventSourceArn', { EventSourceMappings: [] }),
    check: 'queue is read',
    says: /no function reads the queue/,
    cure: 'deleted',
  },
  {
    what: 'the mapping is disabled',
    breaks: () => mappingIs(aws, { State: 'Disabled', StateTransitionReason: 'USER_INITIATED' }),
    check: 'queue is read',
    says: /mapping is Disabled \(USER_INITIATED\)/,
    cure: { action: 'PUT /2015-03-31/event-source-mappings/uuid', parameters: { Enabled: true } },
  },
  {
    what: 'the mapping has a problem',
    breaks: () => mappingIs(aws, { LastProcessingResult: 'PROBLEM: Function call failed' }),
    check: 'queue is read',
    says: /cannot read the queue: PROBLEM/,
    cure: 'changed',
  },
  {
    what: 'partial failures are off',
    breaks: () => mappingIs(aws, { FunctionResponseTypes: [] }),
    check: 'queue is read',
    says: /brings back its whole batch/,
    cure: {
      action: 'PUT /2015-03-31/event-source-mappings/uuid',
      parameters: { FunctionResponseTypes: ['ReportBatchItemFailures'] },
    },
  },
  {
    what: 'the mapping of the stream is disabled',
    prepare: () => withEvents(aws),
    breaks: () => withEvents(aws, { State: 'Disabled' }),
    check: 'events',
    says: /mapping is Disabled: events of new records wait, and are lost after 24 hours/,
    cure: { action: 'PUT /2015-03-31/event-source-mappings/stream-uuid', parameters: { Enabled: true } },
  },
  {
    what: 'the stream may not be read',
    prepare: () => withEvents(aws),
    breaks: () => withEvents(aws, { LastProcessingResult: 'PROBLEM: Lambda cannot access your stream' }),
    check: 'events',
    says: /cannot read the stream of the table: PROBLEM/,
    cure: 'changed',
  },
  {
    what: 'the function does not start',
    breaks: () => functionIs(aws, { State: 'Failed', StateReason: 'no such role' }),
    check: 'function',
    says: /recorder is Failed: no such role/,
    cure: 'changed',
  },
  {
    what: 'the function could not be updated',
    breaks: () => functionIs(aws, { LastUpdateStatus: 'Failed', LastUpdateStatusReason: 'too big' }),
    check: 'function',
    says: /last update of recorder failed: too big/,
    cure: 'changed',
  },
  {
    what: 'there is no redrive policy',
    breaks: () => queuesAre(aws, { uploads: { RedrivePolicy: undefined } }),
    check: 'redrive policy',
    says: /go nowhere/,
    cure: 'changed',
  },
  {
    what: 'the dead-letter queue takes nothing',
    breaks: () => queuesAre(aws, { letters: { RedriveAllowPolicy: '{"redrivePermission":"denyAll"}' } }),
    check: 'redrive policy',
    says: /does not take messages/,
    cure: 'changed',
  },
  {
    what: 'messages are given up too soon',
    breaks: () =>
      queuesAre(aws, {
        uploads: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: LETTERS_ARN, maxReceiveCount: 5 }) },
      }),
    check: 'redrive policy',
    says: /after 15 min 25 s \(5 receives\), which an outage outlasts/,
    cure: 'changed',
  },
  {
    what: 'there are dead letters, some of them being looked at',
    breaks: () =>
      queuesAre(aws, {
        letters: { ApproximateNumberOfMessages: '1200', ApproximateNumberOfMessagesNotVisible: '34' },
      }),
    check: 'dead letters',
    says: /^1,234 could not be recorded/,
    cure: 'by hand',
  },
  {
    what: 'an index is gone',
    breaks: () => tableIs(aws, { GlobalSecondaryIndexes: [{ IndexName: 'by_day', IndexStatus: 'ACTIVE' }] }),
    check: 'table',
    says: /index by_uploader is gone/,
    cure: 'changed',
  },
  {
    what: 'recovery is off',
    breaks: () => tableIs(aws, {}, 'DISABLED'),
    check: 'table is safe',
    says: /point-in-time recovery is off/,
    cure: {
      action: 'UpdateContinuousBackups',
      parameters: { TableName: 'table', PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
    },
  },
  {
    what: 'an alarm is raised',
    breaks: () =>
      alarmsAre(
        aws,
        { AlarmName: 'alarm-1' },
        {
          StateValue: 'ALARM',
          AlarmDescription:
            'Uploads have waited. First: upload-ledger doctor. More: Uploads wait, in the runbook of upload-ledger',
        },
      ),
    check: 'alarms',
    says: /^1 of 2 raised: Uploads have waited\.$/,
    cure: 'by hand',
  },
  {
    what: 'an alarm was deleted',
    breaks: () => alarmsAre(aws, { AlarmName: 'alarm-1' }),
    check: 'alarms',
    says: /^1 of 2 were deleted/,
    cure: 'deleted',
  },
  {
    what: 'alarms are muted',
    breaks: () => alarmsAre(aws, { AlarmName: 'alarm-1' }, { AlarmName: 'alarm-2', ActionsEnabled: false }),
    check: 'alarms',
    says: /switched off/,
    cure: { action: 'EnableAlarmActions' },
  },
  {
    what: 'a digest has no schedule',
    prepare: () => withEmail(aws),
    breaks: () => aws.answer('GET /schedules', { Schedules: [] }),
    resources: DIGESTS,
    check: 'schedules',
    says: /schedule of digest daily is gone/,
    cure: 'deleted',
  },
  {
    what: 'a schedule is disabled',
    prepare: () => withEmail(aws),
    breaks: () => scheduleIs(aws, { State: 'DISABLED' }),
    resources: DIGESTS,
    check: 'schedules',
    says: /schedule of digest daily is disabled/,
    cure: 'changed',
  },
  {
    what: 'the sender is not verified',
    prepare: () => withEmail(aws),
    breaks: () => sesIs(aws, [], 50_000),
    resources: DIGESTS,
    check: 'email',
    says: /neither ledger@example.com nor its domain/,
    cure: { action: 'VerifyEmailIdentity', parameters: { EmailAddress: SENDER } },
  },
  {
    what: 'SES is in its sandbox, and recipients are not verified',
    prepare: () => withEmail(aws),
    breaks: () => sesIs(aws, [SENDER, 'team@example.com'], 200),
    resources: DIGESTS,
    check: 'email',
    says: /from its sandbox .* and not to on-call@example.com$/,
    cure: 'by hand',
  },
  {
    what: 'SES has paused the account',
    prepare: () => withEmail(aws),
    breaks: () => sesIs(aws, [SENDER], 50_000, false),
    resources: DIGESTS,
    check: 'email',
    says: /paused/,
    cure: 'by hand',
  },
  {
    what: 'a webhook is not authorized',
    prepare: () => withWebhooks(aws),
    breaks: () =>
      aws.answer('DescribeConnection', {
        Name: 'orders-connection',
        ConnectionState: 'DEAUTHORIZED',
        StateReason: 'the secret was deleted',
      }),
    resources: 'webhooks',
    check: 'webhooks',
    says: /connection orders-connection is DEAUTHORIZED \(the secret was deleted\)/,
    cure: 'by hand',
  },
  {
    what: 'an endpoint is not called',
    prepare: () => withWebhooks(aws),
    breaks: () =>
      aws.answer('DescribeApiDestination', {
        Name: 'orders-destination',
        ApiDestinationState: 'INACTIVE',
        InvocationEndpoint: 'https://app.example.com/hooks',
      }),
    resources: 'webhooks',
    check: 'webhooks',
    says: /API destination orders-destination \(https:\/\/app.example.com\/hooks\) is INACTIVE/,
    cure: 'changed',
  },
  {
    what: 'a webhook has no rule',
    prepare: () => withWebhooks(aws),
    breaks: () => withWebhooks(aws, ['orders-rule']),
    resources: 'webhooks',
    check: 'webhooks',
    says: /webhook chat has no rule/,
    cure: 'deleted',
  },
  {
    what: 'the rule of a webhook is disabled',
    prepare: () => withWebhooks(aws),
    breaks: () => webhookRuleIs(aws, { State: 'DISABLED' }),
    resources: 'webhooks',
    check: 'webhooks',
    says: /rule of the webhook orders is disabled/,
    cure: { action: 'EnableRule', parameters: { Name: 'orders-rule', EventBusName: 'Bus' } },
  },
  {
    what: 'deliveries have failed',
    prepare: () => withWebhooks(aws),
    breaks: () => queuesAre(aws, { deliveries: { ApproximateNumberOfMessages: '3' } }),
    resources: 'webhooks',
    check: 'deliveries',
    says: /^3 deliveries to webhooks failed/,
    cure: 'by hand',
  },
];

/** SES verifies a domain with everything below it. */
function belowVerifiedDomain(aws: AwsStub): void {
  withEmail(aws, 'ledger@Mail.EU.example.com');
  sesIs(aws, ['example.com'], 50_000);
}

/** Does what the advice says. @returns whether it is what cures the fault. */
async function follows(todo: string, cure: Cure): Promise<boolean> {
  const means = {
    changed: todo.includes('"npx cdk deploy --revert-drift"'),
    deleted: todo.includes('"Deleted by hand" in docs/deploying.md'),
    settings: todo.includes('"npx cdk deploy"') && todo.includes('cdk.json'),
    attach: todo.includes('"upload-ledger attach s3://second --stack Prod"'),
  };
  if (cure === 'by hand') return todo !== '' && !Object.values(means).includes(true);
  if (typeof cure === 'string') return means[cure];
  const [, command = ''] = /"(aws [^"]+)"/.exec(todo) ?? [];
  aws.answer(cure.action, ['EnableAlarmActions', 'VerifyEmailIdentity'].includes(cure.action) ? '' : {});
  await runAwsCommand(command, ledgerAt(aws).clients);
  const last = aws.asked.at(-1);
  expect(last?.parameters).toMatchObject(cure.parameters ?? {});
  return last?.action === cure.action;
}

describe('doctor', () => {
  it('finds nothing wrong with a deployment that is as it should be', async () => {
    const { stdout, stderr, exitCode } = await runCli(['doctor'], { ledger: ledgerAt(aws) });
    await expect(stdout).toMatchFileSnapshot('../golden/doctor.txt');
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  });

  it.each([
    ['through EventBridge', () => throughEventBridge(aws), {}],
    ['behind a topic', () => behindTopic(aws), { bucketName: '-' }],
    ['with existing buckets that notify the queue', () => withExistingBuckets(aws), {}],
    ['with email', () => withEmail(aws), DIGESTS],
    ['with events', () => withEvents(aws), {}],
    ['with webhooks', () => withWebhooks(aws), 'webhooks'],
    ['with a sender below a verified domain', () => belowVerifiedDomain(aws), DIGESTS],
  ] as const)('finds nothing wrong with one %s', async (_, prepare, resources) => {
    prepare();
    const { bad, exitCode } = await doctor(resources);
    expect({ bad, exitCode }).toEqual({ bad: [], exitCode: 0 });
  });

  it.each(FAULTS)('says that $what, and nothing else', async ({ prepare, breaks, resources = {}, check, says }) => {
    prepare?.();
    breaks();
    const { bad, exitCode } = await doctor(resources);
    expect(bad).toEqual([
      { check, outcome: 'wrong', says: expect.stringMatching(says), todo: expect.stringMatching(/\w/) },
    ]);
    expect(exitCode).toBe(1);
  });

  it.each(FAULTS)('is content when its advice is followed after $what', async (fault) => {
    fault.prepare?.();
    fault.breaks();
    const [found] = (await doctor(fault.resources)).bad;
    if (!(await follows(found?.todo ?? '', fault.cure))) throw new Error(`"${found?.todo}" does not cure it`);
    healthy(aws);
    fault.prepare?.();
    expect((await doctor(fault.cured ?? fault.resources)).bad).toEqual([]);
  });

  it('notes what may be intended, and exits with 0', async () => {
    tableIs(aws, { DeletionProtectionEnabled: false });
    alarmsAre(aws, { AlarmActions: [] }, { AlarmActions: [] });
    const { found, exitCode } = await doctor();
    expect(found.filter(({ outcome }) => outcome === 'note').map(({ check }) => check)).toEqual([
      'table is safe',
      'alarms',
    ]);
    expect(exitCode).toBe(0);
  });

  it('notes a connection that is being authorized', async () => {
    withWebhooks(aws);
    aws.answer('DescribeConnection', { Name: 'orders-connection', ConnectionState: 'AUTHORIZING' });
    const { found, exitCode } = await doctor('webhooks');
    expect(found.find(({ check }) => check === 'webhooks')).toMatchObject({
      outcome: 'note',
      says: 'the connection orders-connection is AUTHORIZING',
    });
    expect(exitCode).toBe(0);
  });

  it('reads from each alarm of the stack what is wrong, and names its article of the runbook', async () => {
    const template = await readFile(path.join(assemblyDirectory(), 'UploadLedger.template.json'), 'utf8');
    const descriptions = [...template.matchAll(/"AlarmDescription": "([^"]+)"/g)].map(([, text = '']) => text);
    expect(descriptions.length).toBeGreaterThan(5);
    for (const AlarmDescription of descriptions) {
      alarmsAre(aws, { StateValue: 'ALARM', AlarmDescription }, { AlarmName: 'alarm-2' });
      const [summary = ''] = AlarmDescription.split(' First: ');
      expect((await doctor()).bad).toEqual([
        {
          check: 'alarms',
          outcome: 'wrong',
          says: `1 of 2 raised: ${summary}`,
          todo: expect.stringMatching(/^see [\w ]+, in the runbook of upload-ledger$/),
        },
      ]);
    }
  });

  it('names the permission that a check lacks, and goes on with the others', async () => {
    aws.refuse('DescribeAlarms', 'AccessDenied', 'User: me is not authorized to perform: cloudwatch:DescribeAlarms');
    aws.refuse('GET /bucket/?notification', 'AccessDenied', 'Access Denied');
    const { found, bad, exitCode } = await doctor();
    expect(bad.map(({ check, outcome, says }) => [check, outcome, says.replace(/(needs \S+?),.*/, '$1, ...')])).toEqual(
      [
        ['uploads arrive', 'unknown', 'could not be checked: needs cloudformation:ListStackResources, ...'],
        ['alarms', 'unknown', 'could not be checked: needs cloudwatch:DescribeAlarms'],
      ],
    );
    expect(new Set(bad.map(({ todo }) => todo))).toEqual(
      new Set(['allow it: docs/iam/doctor.json has all that this command needs']),
    );
    expect({ others: found.length - bad.length, exitCode }).toEqual({ others: 7, exitCode: 2 });
  });

  it('needs exactly the permissions that docs/deploying.md names', async () => {
    const guide = await readFile(path.resolve(import.meta.dirname, '../../../docs/deploying.md'), 'utf8');
    const needs = new Set(DEPLOYED_CHECKS.flatMap((check) => check.needs));
    expect([...needs].filter((action) => !guide.includes(`\`${action}\``))).toEqual([]);
  });

  it('does not mistake a hidden environment for one without email', async () => {
    functionIs(aws, { Environment: { Error: { ErrorCode: 'AccessDeniedException', Message: 'no kms:Decrypt' } } });
    const { bad, exitCode } = await doctor();
    expect({ bad, exitCode }).toEqual({
      bad: [{ check: 'email', outcome: 'unknown', says: expect.stringMatching(/no kms:Decrypt$/) }],
      exitCode: 2,
    });
  });

  it('exits with 1 when something is wrong, even if other checks could not run', async () => {
    aws.refuse('DescribeAlarms', 'InternalFailure', 'try again', 500);
    mappingIs(aws, { State: 'Disabled' });
    expect((await doctor()).exitCode).toBe(1);
  });

  it('folds long lines on a terminal', async () => {
    stackHas(aws, [['AWS::CloudWatch::Alarm', 'alarm-1']]);
    queuesAre(aws, { letters: { ApproximateNumberOfMessages: '3' } });
    mappingIs(aws, { State: 'Disabled', StateTransitionReason: 'by \u001b[2J' });
    const { stdout } = await runCli(['doctor'], { ledger: ledgerAt(aws), columns: 80 });
    await expect(stdout).toMatchFileSnapshot('../golden/doctor.terminal.txt');
    expect(linesOf(stdout).filter((line) => line.length > 80)).toEqual([]);
  });

  it('stops at Ctrl-C, though a service does not answer', async () => {
    const { exitCode, stderr } = await runCli(['doctor'], {
      ledger: ledgerAt(aws),
      prepare: (_, stop) => {
        aws.answer('DescribeTable', () => {
          stop.abort(new StopReason('interrupted', 130));
          return new Promise(() => undefined);
        });
      },
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: '' });
  });

  it('checks queues and table of a local stack', async () => {
    const ledger = { ...ledgerAt(aws), isLocal: true };
    const { stdout, exitCode } = await runCli(['doctor', '--json'], { ledger });
    expect(linesOf(stdout).map((line) => JSON.parse(line).check)).toEqual(['redrive policy', 'dead letters', 'table']);
    expect(exitCode).toBe(0);
  });
});
