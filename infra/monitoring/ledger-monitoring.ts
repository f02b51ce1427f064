import { ArnFormat, Aws, Stack } from 'aws-cdk-lib';
import { Alarm, type CfnAlarm, type Dashboard, type IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Configuration } from '../settings/configuration.ts';
import type { AlarmDefinition } from './alarm-definition.ts';
import { alarmDefinitions } from './alarm-definitions.ts';
import type { EventPaths } from './event-alarms.ts';
import { LedgerDashboard } from './ledger-dashboard.ts';
import type { LedgerMetrics } from './ledger-metrics.ts';

interface LedgerMonitoringProps {
  readonly metrics: LedgerMetrics;
  readonly events: EventPaths;
  readonly configuration: Configuration;
  /** See `serviceNameOf`. */
  readonly serviceName: string;
}

/** The dashboard, the alarms, and the topic that alarms are sent to. */
export class LedgerMonitoring extends Construct {
  readonly alarms: readonly Alarm[];
  readonly dashboard: Dashboard | undefined;

  constructor(scope: Construct, id: string, { metrics, events, configuration, serviceName }: LedgerMonitoringProps) {
    super(scope, id);
    const topic = this.#topicFor(configuration);
    const { alarms } = new LedgerAlarms(this, 'Alarms', {
      definitions: alarmDefinitions(metrics, events, configuration),
      serviceName,
      action: topic && new SnsAction(topic),
      runbookUrl: configuration.runbookUrl,
    });
    this.alarms = alarms;
    this.dashboard = configuration.dashboard
      ? new LedgerDashboard(this, 'Dashboard', { metrics, alarms, configuration })
      : undefined;
  }

  #topicFor({ alarmTopic, alarmEmails }: Configuration): ITopic | undefined {
    if (typeof alarmTopic === 'string') return Topic.fromTopicArn(this, 'Topic', alarmTopic);
    if (alarmTopic !== undefined) return alarmTopic;
    return alarmEmails === undefined ? undefined : new AlarmTopic(this, 'Topic', alarmEmails);
  }
}

interface LedgerAlarmsProps {
  readonly definitions: readonly AlarmDefinition[];
  /** See `serviceNameOf`. */
  readonly serviceName: string;
  /** Taken when an alarm is raised, and when it is over. @default none */
  readonly action?: IAlarmAction | undefined;
  /** @default none: the article is named by its title */
  readonly runbookUrl?: string | undefined;
}

/**
 * The alarms. The description of each has the first commands, and says where its article in the runbook is. Their names
 * are what people see first, on the dashboard and in emails: `UploadLedger/Uploads/DeadLettersWaiting`.
 */
export class LedgerAlarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: LedgerAlarmsProps) {
    super(scope, id);
    const { definitions, action, serviceName, runbookUrl } = props;
    this.alarms = definitions.map((definition) => this.#alarm(definition, serviceName, runbookUrl));
    if (action === undefined) return;
    for (const alarm of this.alarms) {
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
  }

  #alarm(
    { id, metric, threshold, operator, periods, missing, warmUp, ...rest }: AlarmDefinition,
    serviceName: string,
    runbookUrl: string | undefined,
  ): Alarm {
    const alarm = new Alarm(this, id, {
      alarmName: `${serviceName}/${id}`,
      alarmDescription: `${rest.summary} First: ${this.#commandLines(rest.commands)}. More: ${articleOf(id, runbookUrl)}`,
      metric,
      threshold,
      comparisonOperator: operator,
      evaluationPeriods: periods,
      treatMissingData: missing,
    });
    if (warmUp !== undefined) {
      const resource = alarm.node.defaultChild as CfnAlarm;
      resource.warmUpConfiguration = { warmUpPeriodDurationInMinutes: warmUp.toMinutes() };
    }
    return alarm;
  }

  #commandLines(commands: readonly string[]): string {
    const { stackName } = Stack.of(this);
    return commands.map((command) => `upload-ledger ${command} --stack ${stackName}`).join('; ');
  }
}

/** The article of `DeadLettersWaiting` has the heading "Dead letters waiting", and the anchor that follows from it. */
function articleOf(alarmId: string, runbookUrl: string | undefined): string {
  const words = alarmId.replaceAll(/(?!^)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  // People who read this at night may have no checkout: without a page, a title to search for.
  if (runbookUrl === undefined) return `${words}, in the runbook of upload-ledger`;
  return `${runbookUrl}#${words.toLowerCase().replaceAll(' ', '-')}`;
}

/**
 * The topic that sends alarms to people. AWS asks each address to confirm first.
 *
 * Not encrypted at rest: CloudWatch cannot publish under the AWS-managed key, and an alarm holds only names and
 * numbers.
 */
class AlarmTopic extends Topic {
  constructor(scope: Construct, id: string, emails: readonly string[]) {
    super(scope, id, { enforceSSL: true });
    for (const email of emails) this.addSubscription(new EmailSubscription(email));
    const alarms = Stack.of(this).formatArn({
      service: 'cloudwatch',
      resource: 'alarm',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    // enforceSSL gives the topic a policy, and a topic with a policy no longer admits its own account by default.
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
