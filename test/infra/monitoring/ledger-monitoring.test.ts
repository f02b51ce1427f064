import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { EVENT_TYPES } from '../../../infra/sources/notification-configuration.ts';
import { only, synthesized } from '../synthesized.ts';
import { EMAIL } from '../variants.ts';

const byDefault = synthesized();

/** Every alarm that settings can ask for. */
const EVERY = { ...EMAIL, silenceHours: 6, deletesPerFiveMinutes: 100 };

type Settings = Readonly<Record<string, unknown>>;

const templateOf = (settings?: Settings) => (settings === undefined ? byDefault : synthesized(settings));

function alarm(name: string, settings?: Settings): Record<string, unknown> {
  const found = Object.entries(templateOf(settings).findResources('AWS::CloudWatch::Alarm'));
  const [entry] = found.filter(([logicalId]) => logicalId.includes(`Alarms${name}`));
  if (entry === undefined) throw new Error(`expected an alarm ${name} among ${found.map(([id]) => id)}`);
  return entry[1].Properties;
}

function names(settings?: Settings): string[] {
  const found = Object.keys(templateOf(settings).findResources('AWS::CloudWatch::Alarm'));
  return found.map((logicalId) => /Alarms([A-Za-z]+?)[0-9A-F]{8}$/.exec(logicalId)?.[1] ?? logicalId).sort();
}

describe('the alarms', () => {
  it('include silence only with silenceHours', () => {
    const always = [
      'DeadLettersExpire',
      'DeadLettersWaiting',
      'FunctionFails',
      'FunctionThrottled',
      'MessagesFail',
      'TableThrottled',
      'UploadsWait',
    ];
    expect(names()).toEqual(always);
    expect(names({ silenceHours: 2 })).toEqual([...always, 'Silence'].sort());
  });

  it('count dead letters in flight as well as those that are visible', () => {
    const { Metrics, Threshold, ComparisonOperator } = alarm('DeadLettersWaiting') as Record<string, never>;
    expect({ Threshold, ComparisonOperator }).toEqual({ Threshold: 0, ComparisonOperator: 'GreaterThanThreshold' });
    expect(Metrics).toMatchObject([
      { Expression: expect.stringMatching(/^visible_\w{8} \+ inFlight_\w{8}$/) },
      { MetricStat: { Metric: { MetricName: 'ApproximateNumberOfMessagesVisible' } } },
      { MetricStat: { Metric: { MetricName: 'ApproximateNumberOfMessagesNotVisible' } } },
    ]);
  });

  it('are raised while the oldest dead letter has two days left at least, counted from its move as SQS counts', () => {
    expect(alarm('DeadLettersExpire')).toMatchObject({
      MetricName: 'ApproximateAgeOfOldestMessage',
      Statistic: 'Maximum',
      Threshold: 2 * 24 * 3600,
    });
    const [longest = 0, shortest = 0] = Object.values(byDefault.findResources('AWS::SQS::Queue'))
      .map(({ Properties }) => Properties.MessageRetentionPeriod)
      .sort((one, other) => other - one);
    expect(longest - shortest - 2 * 24 * 3600).toBe(2 * 24 * 3600);
  });

  it('are raised when the oldest upload has waited for oldestMessageMinutes', () => {
    expect(alarm('UploadsWait')).toMatchObject({ Threshold: 900, EvaluationPeriods: 1 });
    expect(alarm('UploadsWait', { oldestMessageMinutes: 60 })).toMatchObject({ Threshold: 3600 });
  });

  it('see uploads wait that SQS no longer counts, because they were received before', () => {
    expect(alarm('UploadsWait').Metrics).toMatchObject([
      { Expression: expect.stringMatching(/^MAX\(\[queue_\w{8}, retried_\w{8}\]\)$/) },
      { MetricStat: { Metric: { MetricName: 'ApproximateAgeOfOldestMessage' }, Stat: 'Maximum', Period: 300 } },
      {
        MetricStat: {
          Metric: { Namespace: 'UploadLedger', MetricName: 'OldestRetriedMessageAge' },
          Stat: 'Maximum',
          Period: 300,
        },
      },
    ]);
    // A message that fails is received once in such a period.
    const slow = { timeoutSeconds: 900, batchWindowSeconds: 300 };
    expect(JSON.stringify(alarm('UploadsWait', slow))).toContain(`"Period":${6 * 900 + 300 + 300 + 900}`);
  });

  it('tell of alerts that fail, also where there are no digests', () => {
    const alerts = [{ name: 'big', minimumBytes: 1, recipients: ['a@example.com'] }];
    const settings = { emailSender: 'a@example.com', alerts };
    expect(names(settings)).toContain('AlertsFail');
    expect(names(settings)).not.toContain('DigestsFail');
    const common = { MetricName: 'AlertsFailed', Threshold: 0, TreatMissingData: 'notBreaching' };
    expect(alarm('AlertsFail', settings)).toMatchObject({ ...common, Period: 300, EvaluationPeriods: 3 });
    // Three periods would be longer than the hour for which an alert is tried.
    expect(alarm('AlertsFail', { ...settings, timeoutSeconds: 200 })).toMatchObject({
      ...common,
      EvaluationPeriods: 1,
    });
  });

  it.each(['MessagesFail', 'FunctionFails', 'FunctionThrottled', 'TableThrottled'])(
    'ignore failures of up to ten minutes: %s',
    (name) => {
      const { EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods, Threshold, TreatMissingData } = alarm(name);
      expect({ EvaluationPeriods, DatapointsToAlarm, Threshold, TreatMissingData }).toEqual({
        EvaluationPeriods: 3,
        DatapointsToAlarm: 3,
        Threshold: 0,
        TreatMissingData: 'notBreaching',
      });
      expect(JSON.stringify(alarm(name))).toContain('"Period":300');
    },
  );

  it.each(['MessagesFail', 'FunctionFails', 'DigestsFail'])(
    'have periods as long as a retry, so that every period of a lasting failure has a datapoint: %s',
    (name) => {
      const digests = [{ name: 'daily', schedule: 'rate(1 day)', recipients: ['a@example.com'] }];
      const slow = { timeoutSeconds: 900, batchWindowSeconds: 300, emailSender: 'a@example.com', digests };
      const { Period, EvaluationPeriods } = alarm(name, slow) as Record<string, number>;
      const visibility = 6 * 900 + 300;
      expect(Period).toBeGreaterThanOrEqual(visibility + 300 + 900);
      expect(Number(Period) % 60).toBe(0);
      // CloudWatch looks back on a week at most.
      expect(Number(Period) * Number(EvaluationPeriods)).toBeLessThan(7 * 24 * 3600);
      expect(alarm(name, slow).AlarmDescription).toContain('for 345 minutes');
      expect(alarm(name, { ...slow, timeoutSeconds: 40, batchWindowSeconds: 5 })).toMatchObject({ Period: 300 });
    },
  );

  it('on silence watches uploads only, and treats missing data as silence', () => {
    expect(alarm('Silence', { silenceHours: 2 })).toMatchObject({
      MetricName: 'UploadsStored',
      Period: 3600,
      EvaluationPeriods: 2,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    });
  });

  it('on silence wait for as long after the deployment, so that a new ledger raises none', () => {
    expect(alarm('Silence', { silenceHours: 2 })).toMatchObject({
      WarmUpConfiguration: { WarmUpPeriodDurationInMinutes: 120 },
    });
    expect(alarm('UploadsWait')).not.toHaveProperty('WarmUpConfiguration');
  });

  it('on the table take a period without datapoints for one without refused writes', () => {
    expect(alarm('TableThrottled').Metrics).toMatchObject([
      { Expression: 'FILL(table, 0) + FILL(byDay, 0) + FILL(byUploader, 0)' },
      {},
      {},
      {},
    ]);
  });

  it('on events watch every rule of the ledger, and exist only with rules', () => {
    expect(names().filter((name) => name.startsWith('Events'))).toEqual([]);
    const settings = { source: { buckets: 'invoices' }, events: 'ObjectCreated:Put,ObjectRemoved:*' };
    const rules = Object.keys(templateOf(settings).findResources('AWS::Events::Rule'));
    expect(rules).toHaveLength(2);
    const expected = { EventsFail: 'FailedInvocations', EventsLost: 'InvocationsFailedToBeSentToDlq' };
    for (const [name, MetricName] of Object.entries(expected)) {
      expect(alarm(name, settings)).toMatchObject({ Threshold: 0, TreatMissingData: 'notBreaching' });
      expect(alarm(name, settings).Metrics).toMatchObject([
        { Expression: 'FILL(rule1, 0) + FILL(rule2, 0)' },
        ...rules.map((Ref) => ({
          MetricStat: { Metric: { Namespace: 'AWS/Events', MetricName, Dimensions: [{ Value: { Ref } }] } },
        })),
      ]);
    }
  });

  it('watch at most ten metrics each, which is what CloudWatch takes, whatever is recorded', () => {
    const single = EVENT_TYPES.filter((type) => !type.endsWith('*'));
    const settings = { source: { buckets: 'invoices' }, events: single };
    for (const name of names(settings)) {
      const metrics = (alarm(name, settings).Metrics ?? []) as readonly { readonly MetricStat?: object }[];
      expect(metrics.filter(({ MetricStat }) => MetricStat !== undefined).length, name).toBeLessThanOrEqual(10);
    }
  });

  it('say what is wrong, the first commands and where the article is, within what CloudWatch takes', () => {
    const runbookUrl = `https://wiki.example.com/${'x'.repeat(375)}`;
    const { AlarmDescription } = alarm('DeadLettersWaiting', { runbookUrl });
    expect(AlarmDescription).toBe(
      'Messages are in the dead-letter queue: they cannot be read, could not be recorded in 24 hours, or could not be sent to the uploads queue. ' +
        'Each is kept for at least four days: it can wait until the morning. ' +
        'First: upload-ledger dlq list --stack UploadLedger; upload-ledger dlq redrive --stack UploadLedger. ' +
        `More: ${runbookUrl}#dead-letters-waiting`,
    );
    const longest = { runbookUrl, stackName: 's'.repeat(128), source: { buckets: 'invoices' }, ...EVERY };
    for (const name of names(longest)) {
      expect(String(alarm(name, longest).AlarmDescription).length, name).toBeLessThanOrEqual(1024);
    }
  });

  it('on many deletes counts those by request, from as many as the setting says', () => {
    expect(names()).not.toContain('ManyDeletes');
    expect(alarm('ManyDeletes', { deletesPerFiveMinutes: 100 })).toMatchObject({
      MetricName: 'DeletesStored',
      Statistic: 'Sum',
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 99,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    });
  });

  it('are there without the dashboard too', () => {
    const template = synthesized({ dashboard: false });
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
    expect(names({ dashboard: false })).toEqual(names());
  });

  it('have no action by default', () => {
    expect(JSON.stringify(byDefault.findResources('AWS::CloudWatch::Alarm'))).not.toContain('AlarmActions');
    byDefault.resourceCountIs('AWS::SNS::Topic', 0);
  });

  it('go to a topic of the stack with email subscriptions, which admits only CloudWatch of this account, over TLS', () => {
    const template = synthesized({ alarmEmails: 'a@example.com,b@example.com' });
    const { logicalId: topic } = only(template, 'AWS::SNS::Topic');
    template.resourceCountIs('AWS::SNS::Subscription', 2);
    template.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: [{ Ref: topic }],
      OKActions: [{ Ref: topic }],
    });
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({
            Action: 'sns:Publish',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: Match.objectLike({ StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } }),
          }),
        ],
      },
    });
  });

  it('go to an existing topic', () => {
    const alarmTopic = 'arn:aws:sns:eu-west-1:111122223333:on-call';
    const template = synthesized({ alarmTopic });
    template.resourceCountIs('AWS::SNS::Topic', 0);
    template.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: [alarmTopic] });
  });
});
