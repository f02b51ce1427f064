import { ArnFormat, Aws, Stack } from 'aws-cdk-lib';
import { Alarm, type Dashboard, type IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { longestRetrySeconds } from '../queues.ts';
import type { Configuration } from '../settings/configuration.ts';
import { type AlarmDefinition, alarmDefinitions } from './alarm-definitions.ts';
import { LedgerDashboard } from './ledger-dashboard.ts';
import type { LedgerMetrics } from './ledger-metrics.ts';

export interface LedgerMonitoringProps {
  readonly metrics: LedgerMetrics;
  readonly configuration: Configuration;
  /** @default as the configuration says */
  readonly alarmTopic: ITopic | undefined;
}

/** What people see of a ledger, and what wakes them: dashboard, alarms and the topic that tells of them. */
export class LedgerMonitoring extends Construct {
  readonly dashboard: Dashboard;
  /** Undefined when nobody is told. */
  readonly topic: ITopic | undefined;

  constructor(scope: Construct, id: string, { metrics, configuration, alarmTopic }: LedgerMonitoringProps) {
    super(scope, id);
    const { oldestMessageMinutes, silenceHours } = configuration;
    this.topic = alarmTopic ?? this.#topicFor(configuration);
    const { alarms } = new LedgerAlarms(this, 'Alarms', {
      definitions: alarmDefinitions(metrics, {
        oldestMessageMinutes,
        silenceHours,
        retrySeconds: longestRetrySeconds(configuration),
        sendsDigests: (configuration.digests ?? []).length > 0,
      }),
      ...(this.topic !== undefined && { action: new SnsAction(this.topic) }),
    });
    this.dashboard = new LedgerDashboard(this, 'Dashboard', { metrics, alarms });
  }

  #topicFor({ alarmTopicArn, alarmEmails }: Configuration): ITopic | undefined {
    if (alarmTopicArn !== undefined) return Topic.fromTopicArn(this, 'Topic', alarmTopicArn);
    return alarmEmails === undefined ? undefined : new AlarmTopic(this, 'Topic', { emails: alarmEmails });
  }
}

export interface LedgerAlarmsProps {
  readonly definitions: readonly AlarmDefinition[];
  /** Whom to tell when an alarm is raised, and when it is over. @default nobody */
  readonly action?: IAlarmAction;
}

/** The alarms, each of which names the article of the runbook that says what to do. */
export class LedgerAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, { definitions, action }: LedgerAlarmsProps) {
    super(scope, id);
    this.alarms = definitions.map((definition) => this.#make(definition));
    if (action === undefined) return;
    for (const alarm of this.alarms) {
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
  }

  #make({ id, says, metric, threshold, operator, periods, missing }: AlarmDefinition): Alarm {
    return new Alarm(this, id, {
      alarmDescription: `${says} What to do: ${runbookArticle(id)}`,
      metric,
      threshold,
      comparisonOperator: operator,
      evaluationPeriods: periods,
      treatMissingData: missing,
    });
  }
}

/** Where the articles stand, from the root of the repository. */
const RUNBOOK = 'docs/runbook.md';

/** An alarm's article: `DeadLettersWaiting` is headed "Dead letters waiting", and its anchor follows from that. */
export function runbookArticle(alarmId: string): string {
  const words = alarmId.replaceAll(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
  return `${RUNBOOK}#${words}`;
}

export interface AlarmTopicProps {
  /** Each is asked by AWS to confirm before anything is sent to it. */
  readonly emails: readonly string[];
}

/**
 * The topic that alarms are sent to, and on to people.
 *
 * Not encrypted at rest: CloudWatch cannot publish under the AWS-managed key, and an alarm holds names and numbers only.
 */
export class AlarmTopic extends Topic {
  constructor(scope: Construct, id: string, { emails }: AlarmTopicProps) {
    super(scope, id, { enforceSSL: true });
    for (const email of emails) this.addSubscription(new EmailSubscription(email));
    const alarms = Stack.of(this).formatArn({
      service: 'cloudwatch',
      resource: 'alarm',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    // A topic with a policy of its own, as enforceSSL makes one, no longer admits its account by default.
    this.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID }, ArnLike: { 'aws:SourceArn': alarms } },
      }),
    );
  }
}
