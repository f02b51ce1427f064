import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { only, synthesized } from '../synthesized.ts';

const byDefault = synthesized();

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
      { Expression: 'visible + inFlight' },
      { Id: 'visible', MetricStat: { Metric: { MetricName: 'ApproximateNumberOfMessagesVisible' } } },
      { Id: 'inFlight', MetricStat: { Metric: { MetricName: 'ApproximateNumberOfMessagesNotVisible' } } },
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
      { Expression: 'MAX([queue, retried])' },
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
    expect(alarm('AlertsFail', settings)).toMatchObject({
      MetricName: 'AlertsFailed',
      Threshold: 0,
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
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
